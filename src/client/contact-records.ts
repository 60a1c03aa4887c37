// Contact requests as they are kept on disk.

import { utf8 } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import { stored, storedText } from '../session/stored.ts'

/** A request of an identity that came; one for each. */
export interface KeptContactRequest {
  /** Whether the app has dismissed it: it is remembered so that it does not come again. */
  readonly dismissed: boolean
  readonly sentAtMs: number
  readonly receivedAtMs: number
  /** The peer that passed it on. */
  readonly from: string
  /** As it was in the inbox; empty where it was dismissed. */
  readonly body: Uint8Array
}

export function encodeContactRecord({ dismissed, sentAtMs, receivedAtMs, from, body }: KeptContactRequest): Uint8Array {
  return encode((writer) => {
    writer.uint8(dismissed ? 1 : 0)
    writer.uint64(BigInt(sentAtMs))
    writer.uint64(BigInt(receivedAtMs))
    writer.opaque(utf8(from))
    writer.opaque(body)
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodeContactRecord(bytes: Uint8Array): KeptContactRequest {
  return stored(
    (reader) => ({
      dismissed: reader.uint8() === 1,
      sentAtMs: Number(reader.uint64()),
      receivedAtMs: Number(reader.uint64()),
      from: storedText(reader),
      body: reader.opaque(),
    }),
    bytes,
  )
}
