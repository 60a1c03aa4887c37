// A message as a device keeps it in its log.

import { fromUtf8 } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import { decodeMessageContent, encodeMessageContent, type IdentifiedMessage } from '../content/message-content.ts'
import { CoterieError, fail } from '../errors.ts'

export interface StoredMessage extends IdentifiedMessage {
  /** The sender's `did:key` name, as it was when it sent. */
  readonly sender: string
  readonly senderName: string
  /** The sender's signature key. */
  readonly deviceKey: Uint8Array
  /** Where it stands in this device's log, in the order of arrival. */
  readonly place: number
}

export function encodeStoredMessage(message: StoredMessage): Uint8Array {
  return encode((writer) => {
    writer.opaque(message.id)
    writer.opaque(encodeMessageContent(message.content))
    writer.opaque(new TextEncoder().encode(message.sender))
    writer.opaque(new TextEncoder().encode(message.senderName))
    writer.opaque(message.deviceKey)
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodeStoredMessage(place: number, bytes: Uint8Array): StoredMessage {
  try {
    return decode((reader) => {
      const id = reader.opaque()
      const content = decodeMessageContent(reader.opaque())
      const sender = fromUtf8(reader.opaque())
      const senderName = fromUtf8(reader.opaque())
      return { id, content, sender, senderName, deviceKey: reader.opaque(), place }
    }, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('STORE_CORRUPT', 'a stored message cannot be read', { cause })
  }
}
