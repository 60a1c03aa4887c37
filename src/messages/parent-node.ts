// Parent nodes of the ratchet tree (RFC 9420 §7.1).

import type { Decoder } from '../codec/reader.ts'
import type { Encoder } from '../codec/writer.ts'

export interface ParentNode {
  readonly encryptionKey: Uint8Array
  readonly parentHash: Uint8Array
  /** Leaf indices in increasing order. */
  readonly unmergedLeaves: readonly number[]
}

export const encodeParentNode: Encoder<ParentNode> = (writer, node) => {
  writer.opaque(node.encryptionKey)
  writer.opaque(node.parentHash)
  writer.vector(node.unmergedLeaves, (inner, leafIndex) => inner.uint32(leafIndex))
}

export const decodeParentNode: Decoder<ParentNode> = (reader) => ({
  encryptionKey: reader.opaque(),
  parentHash: reader.opaque(),
  unmergedLeaves: reader.vector((inner) => inner.uint32()),
})
