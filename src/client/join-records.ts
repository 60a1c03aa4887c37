// Requests by invite links, as the client that made them keeps them until they are answered, and where the answer was a Welcome.

import { utf8 } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import { CoterieError, fail } from '../errors.ts'
import { type AdmissionRequest, AnswerReason } from '../wire/invite.ts'

export interface PendingJoin extends AdmissionRequest {
  /** The link. */
  readonly url: string
  readonly requestedAtMs: number
  /** The id of the frame with the request, in hexadecimal; empty before there is one. */
  readonly frameId: string
}

/** A request that has led into a group. */
export interface GrantedJoin extends Pick<PendingJoin, 'answerKey' | 'requestedAtMs'> {
  /** The epoch that the Welcome led to. */
  readonly epoch: string
  /** Why others have said since that it was in vain. */
  readonly reason: AnswerReason | undefined
}

/** A request that was answered with no. Somebody else may have let this client in all the same. */
export interface AnsweredJoin extends Pick<PendingJoin, 'answerKey' | 'requestedAtMs'> {
  /** What the invite is known by. */
  readonly invite: string
  readonly reason: AnswerReason
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
  return stored(
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
}

export function encodeGrantedJoin({ answerKey, requestedAtMs, epoch, reason }: GrantedJoin): Uint8Array {
  return encode((writer) => {
    writer.opaque(answerKey)
    writer.uint64(BigInt(requestedAtMs))
    writer.opaque(utf8(epoch))
    writer.uint8(reason ?? NOT_ANSWERED)
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodeGrantedJoin(bytes: Uint8Array): GrantedJoin {
  return stored((reader) => {
    const [answerKey, requestedAtMs, epoch] = [reader.opaque(), Number(reader.uint64()), text(reader.opaque())]
    return { answerKey, requestedAtMs, epoch, reason: reasonOf(reader.uint8()) }
  }, bytes)
}

export function encodeAnsweredJoin({ answerKey, requestedAtMs, invite, reason }: AnsweredJoin): Uint8Array {
  return encode((writer) => {
    writer.opaque(answerKey)
    writer.uint64(BigInt(requestedAtMs))
    writer.opaque(utf8(invite))
    writer.uint8(reason)
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodeAnsweredJoin(bytes: Uint8Array): AnsweredJoin {
  return stored((reader) => {
    const [answerKey, requestedAtMs, invite] = [reader.opaque(), Number(reader.uint64()), text(reader.opaque())]
    const reason = reasonOf(reader.uint8()) ?? fail('CODEC_UNKNOWN_VARIANT', 'a reason that is not known')
    return { answerKey, requestedAtMs, invite, reason }
  }, bytes)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
function stored<T>(decoder: Decoder<T>, bytes: Uint8Array): T {
  try {
    return decode(decoder, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('STORE_CORRUPT', 'a stored request to join cannot be read', { cause })
  }
}

function reasonOf(number: number): AnswerReason | undefined {
  return Object.values(AnswerReason).find((one) => one === number)
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

const NOT_ANSWERED = 0
