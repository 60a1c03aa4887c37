// node:crypto answers with Buffers, whose `slice` aliases; everything that leaves this provider is a plain Uint8Array.

/** The same bytes as a plain Uint8Array; copied only where the Buffer shares its memory with others. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = bytes
  return buffer.byteLength === length ? new Uint8Array(buffer, byteOffset, length) : Uint8Array.from(bytes)
}
