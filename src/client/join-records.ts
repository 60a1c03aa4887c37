// A request by an invite link, as the client that made it keeps it until it is answered.

import { utf8 } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import { CoterieError, fail } from '../errors.ts'
import type { AdmissionRequest } from '../wire/invite.ts'

export interface PendingJoin extends AdmissionRequest {
  /** The link. */
  readonly url: string
  readonly requestedAtMs: number
  /** The id of the frame with the request, in hexadecimal; empty before there is one. */
  readonly frameId: string
}

export function encodePendingJoin({ url, card, answerKey, note, requestedAtMs, frameId }: PendingJoin): Uint8Array {
  return encode((writer) => {
    writer.opaque(utf8(url))
    writer.opaque(card)
    writer.opaque(answerKey)
    writer.opaque(utf8(note))
    writer.uint64(BigInt(requestedAtMs))
    writer.opaque(utf8(frameId))
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodePendingJoin(bytes: Uint8Array): PendingJoin {
  const text = (value: Uint8Array): string => new TextDecoder().decode(value)
  try {
    return decode(
      (reader) => ({
        url: text(reader.opaque()),
        card: reader.opaque(),
        answerKey: reader.opaque(),
        note: text(reader.opaque()),
        requestedAtMs: Number(reader.uint64()),
        frameId: text(reader.opaque()),
      }),
      bytes,
    )
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('STORE_CORRUPT', 'a stored request to join cannot be read', { cause })
  }
}
