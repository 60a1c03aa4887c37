// Identifiers of pre-shared keys (RFC 9420 §8.4).

import { copyBytes } from '../bytes.ts'
import type { Decoder } from '../codec/reader.ts'
import type { Encoder } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { PskType, ResumptionPskUsage } from './code-points.ts'

/** A key that the application agreed on by other means. */
export interface ExternalPskId {
  readonly pskType: typeof PskType.external
  readonly pskId: Uint8Array
  /** Nh bytes, fresh in every use. */
  readonly pskNonce: Uint8Array
}

/** A key that an epoch of a group left behind. */
export interface ResumptionPskId {
  readonly pskType: typeof PskType.resumption
  readonly usage: ResumptionPskUsage
  readonly pskGroupId: Uint8Array
  readonly pskEpoch: bigint
  /** Nh bytes, fresh in every use. */
  readonly pskNonce: Uint8Array
}

/** Names a pre-shared key for one use. RFC 9420 §8.4. */
export type PreSharedKeyId = ExternalPskId | ResumptionPskId

/** Names an external PSK for one use: the nonce is fresh. RFC 9420 §8.4. */
export function externalPskId(suite: CipherSuite, pskId: Uint8Array): ExternalPskId {
  return { pskType: PskType.external, pskId: copyBytes(pskId), pskNonce: freshNonce(suite) }
}

/** Names the resumption PSK of an epoch of a group, this one or another, for one use in a commit. RFC 9420 §8.6. */
export function resumptionPskId(suite: CipherSuite, pskGroupId: Uint8Array, pskEpoch: bigint): ResumptionPskId {
  return {
    pskType: PskType.resumption,
    usage: ResumptionPskUsage.application,
    pskGroupId: copyBytes(pskGroupId),
    pskEpoch,
    pskNonce: freshNonce(suite),
  }
}

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

/** RFC 9420 §8.4: Nh bytes, sampled anew in every use. */
function freshNonce(suite: CipherSuite): Uint8Array {
  return suite.randomBytes(suite.hash.length)
}
