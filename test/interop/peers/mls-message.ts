// Puts the MLSMessage header (RFC 9420 §6) on and takes it off, for stacks that hand out or want the bare structs.

/** Wire formats, RFC 9420 §17.2. */
const WIRE_FORMAT = {
  publicMessage: 1,
  privateMessage: 2,
  welcome: 3,
  groupInfo: 4,
  keyPackage: 5,
} as const

type WireFormat = keyof typeof WIRE_FORMAT

const MLS10 = 1
const HEADER_BYTES = 4

export function wrap(format: WireFormat, body: Uint8Array): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES + body.length)
  message.set([0, MLS10, 0, WIRE_FORMAT[format]])
  message.set(body, HEADER_BYTES)
  return message
}

export function unwrap(format: WireFormat, message: Uint8Array): Uint8Array {
  const found = wireFormatOf(message)
  if (found !== WIRE_FORMAT[format]) {
    throw new Error(`expected an MLSMessage with wire format ${format}, got ${found}`)
  }
  return message.slice(HEADER_BYTES)
}

function wireFormatOf(message: Uint8Array): number {
  if (message.length < HEADER_BYTES) throw new Error('shorter than an MLSMessage header')
  const header = new DataView(message.buffer, message.byteOffset, HEADER_BYTES)
  if (header.getUint16(0) !== MLS10) throw new Error(`protocol version ${header.getUint16(0)}`)
  return header.getUint16(2)
}
