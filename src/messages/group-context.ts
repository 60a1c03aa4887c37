// The group context: what every member agrees on in an epoch (RFC 9420 §8.1).

import type { Decoder } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import { decodeExtensions, type Extension, encodeExtensions } from './extension.ts'

/** What all members of an epoch agree on. RFC 9420 §8.1. */
export interface GroupContext {
  readonly version: number
  readonly cipherSuite: number
  readonly groupId: Uint8Array
  readonly epoch: bigint
  readonly treeHash: Uint8Array
  readonly confirmedTranscriptHash: Uint8Array
  readonly extensions: readonly Extension[]
}

/** The context as it goes into signatures and key derivations; encoded once for each context. */
export function encodedGroupContext(context: GroupContext): Uint8Array {
  let bytes = encodings.get(context)
  if (bytes === undefined) {
    bytes = encode(encodeGroupContext, context)
    encodings.set(context, bytes)
  }
  return bytes
}

export const encodeGroupContext: Encoder<GroupContext> = (writer, context) => {
  writer.uint16(context.version)
  writer.uint16(context.cipherSuite)
  writer.opaque(context.groupId)
  writer.uint64(context.epoch)
  writer.opaque(context.treeHash)
  writer.opaque(context.confirmedTranscriptHash)
  encodeExtensions(writer, context.extensions)
}

export const decodeGroupContext: Decoder<GroupContext> = (reader) => ({
  version: reader.uint16(),
  cipherSuite: reader.uint16(),
  groupId: reader.opaque(),
  epoch: reader.uint64(),
  treeHash: reader.opaque(),
  confirmedTranscriptHash: reader.opaque(),
  extensions: decodeExtensions(reader),
})

const encodings = /* @__PURE__ */ new WeakMap<GroupContext, Uint8Array>()
