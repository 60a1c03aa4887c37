// The identities (RFC 9420 §5.3, basic credentials) that the peers insist on.

/**
 * What core-crypto demands of every member of a group, in ASCII: `<uuid>:<device in hexadecimal>@<domain>`. It refuses
 * to list members or to decrypt messages when it meets another form.
 */
export function qualifiedClientId(serial: number): Uint8Array {
  const user = `00000000-0000-4000-8000-${serial.toString(16).padStart(12, '0')}`
  return new TextEncoder().encode(`${user}:${serial.toString(16)}@interop.example`)
}

/** What davey demands: a user number of 64 bits, big-endian. */
export function userNumber(serial: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(serial))
  return bytes
}

export function sameIdentity(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
