// Identifiers of pre-shared keys (RFC 9420 §8.4).

import type { Decoder } from '../codec/reader.ts'
import type { Encoder } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import { PskType, ResumptionPskUsage } from './code-points.ts'

export interface ExternalPskId {
  readonly pskType: typeof PskType.external
  readonly pskId: Uint8Array
  /** Nh bytes, fresh in every use. */
  readonly pskNonce: Uint8Array
}

export interface ResumptionPskId {
  readonly pskType: typeof PskType.resumption
  readonly usage: ResumptionPskUsage
  readonly pskGroupId: Uint8Array
  readonly pskEpoch: bigint
  /** Nh bytes, fresh in every use. */
  readonly pskNonce: Uint8Array
}

export type PreSharedKeyId = ExternalPskId | ResumptionPskId

export const encodePreSharedKeyId: Encoder<PreSharedKeyId> = (writer, id) => {
  writer.uint8(id.pskType)
  if (id.pskType === PskType.external) writer.opaque(id.pskId)
  else {
    writer.uint8(id.usage)
    writer.opaque(id.pskGroupId)
    writer.uint64(id.pskEpoch)
  }
  writer.opaque(id.pskNonce)
}

export const decodePreSharedKeyId: Decoder<PreSharedKeyId> = (reader) => {
  const pskType = reader.uint8()
  if (pskType === PskType.external) return { pskType, pskId: reader.opaque(), pskNonce: reader.opaque() }
  if (pskType !== PskType.resumption) return fail('CODEC_UNKNOWN_VARIANT', `unknown PSK type ${pskType}`)
  return {
    pskType,
    usage: decodeUsage(reader.uint8()),
    pskGroupId: reader.opaque(),
    pskEpoch: reader.uint64(),
    pskNonce: reader.opaque(),
  }
}

function decodeUsage(value: number): ResumptionPskUsage {
  for (const usage of Object.values(ResumptionPskUsage)) if (usage === value) return usage
  return fail('CODEC_UNKNOWN_VARIANT', `unknown resumption PSK usage ${value}`)
}
