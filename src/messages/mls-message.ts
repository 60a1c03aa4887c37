// The outermost structure: anything that MLS puts on a wire (RFC 9420 §6).

import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import { MLS10, WireFormat } from './code-points.ts'
import {
  decodePrivateMessage,
  decodePublicMessage,
  encodePrivateMessage,
  encodePublicMessage,
  type PrivateMessage,
  type PublicMessage,
} from './framed-content.ts'
import { decodeGroupInfo, encodeGroupInfo, type GroupInfo } from './group-info.ts'
import { decodeKeyPackage, encodeKeyPackage, type KeyPackage } from './key-package.ts'
import { decodeWelcome, encodeWelcome, type Welcome } from './welcome.ts'

/** Anything that MLS puts on a wire. RFC 9420 §6. */
export type MlsMessage =
  | { readonly wireFormat: typeof WireFormat.publicMessage; readonly publicMessage: PublicMessage }
  | { readonly wireFormat: typeof WireFormat.privateMessage; readonly privateMessage: PrivateMessage }
  | { readonly wireFormat: typeof WireFormat.welcome; readonly welcome: Welcome }
  | { readonly wireFormat: typeof WireFormat.groupInfo; readonly groupInfo: GroupInfo }
  | { readonly wireFormat: typeof WireFormat.keyPackage; readonly keyPackage: KeyPackage }

/**
 * Writes any message.
 * @throws CoterieError `CODEC_VALUE_RANGE` (caller)
 */
export function encodeMlsMessage(message: MlsMessage): Uint8Array {
  return encode(writeMlsMessage, message)
}

/**
 * Reads any message, to its last byte. Says nothing of its authenticity.
 * @throws CoterieError `CODEC_*`, `EXTENSION_*`, `FRAMING_VERSION`, `FRAMING_WIRE_FORMAT` (peer)
 */
export function decodeMlsMessage(bytes: Uint8Array): MlsMessage {
  return decode(readMlsMessage, bytes)
}

export const writeMlsMessage: Encoder<MlsMessage> = (writer, message) => {
  writer.uint16(MLS10)
  writer.uint16(message.wireFormat)
  switch (message.wireFormat) {
    case WireFormat.publicMessage:
      return encodePublicMessage(writer, message.publicMessage)
    case WireFormat.privateMessage:
      return encodePrivateMessage(writer, message.privateMessage)
    case WireFormat.welcome:
      return encodeWelcome(writer, message.welcome)
    case WireFormat.groupInfo:
      return encodeGroupInfo(writer, message.groupInfo)
    case WireFormat.keyPackage:
      return encodeKeyPackage(writer, message.keyPackage)
  }
}

export const readMlsMessage: Decoder<MlsMessage> = (reader) => {
  // RFC 9420 §6: a recipient MUST check that the version is one it knows.
  const version = reader.uint16()
  if (version !== MLS10) fail('FRAMING_VERSION', `unknown protocol version ${version}`)
  const wireFormat = reader.uint16()
  switch (wireFormat) {
    case WireFormat.publicMessage:
      return { wireFormat, publicMessage: decodePublicMessage(reader) }
    case WireFormat.privateMessage:
      return { wireFormat, privateMessage: decodePrivateMessage(reader) }
    case WireFormat.welcome:
      return { wireFormat, welcome: decodeWelcome(reader) }
    case WireFormat.groupInfo:
      return { wireFormat, groupInfo: decodeGroupInfo(reader) }
    case WireFormat.keyPackage:
      return { wireFormat, keyPackage: decodeKeyPackage(reader) }
    default:
      return fail('FRAMING_WIRE_FORMAT', `unknown wire format ${wireFormat}`)
  }
}
