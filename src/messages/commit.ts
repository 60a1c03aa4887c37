// Commits and update paths (RFC 9420 §7.6, §12.4).

import type { Decoder } from '../codec/reader.ts'
import type { Encoder } from '../codec/writer.ts'
import type { HpkeCiphertext } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { decodeLeafNode, encodeLeafNode, type LeafNode } from './leaf-node.ts'
import { decodeProposal, encodeProposal, type Proposal } from './proposal.ts'

/** One node of an update path. */
export interface UpdatePathNode {
  readonly encryptionKey: Uint8Array
  readonly encryptedPathSecret: readonly HpkeCiphertext[]
}

/** A committer's fresh keys. RFC 9420 §7.6. */
export interface UpdatePath {
  readonly leafNode: LeafNode
  /** For the filtered direct path, from the leaf upwards. */
  readonly nodes: readonly UpdatePathNode[]
}

/** A proposal in a commit: itself, or the `ProposalRef` of one that was sent before. */
export type ProposalOrRef =
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  | { readonly kind: 'reference'; readonly reference: Uint8Array }

/** What ends an epoch. RFC 9420 §12.4. */
export interface Commit {
  readonly proposals: readonly ProposalOrRef[]
  readonly path: UpdatePath | undefined
}

export const encodeHpkeCiphertext: Encoder<HpkeCiphertext> = (writer, sealed) => {
  writer.opaque(sealed.kemOutput)
  writer.opaque(sealed.ciphertext)
}

export const decodeHpkeCiphertext: Decoder<HpkeCiphertext> = (reader) => ({
  kemOutput: reader.opaque(),
  ciphertext: reader.opaque(),
})

export const encodeUpdatePath: Encoder<UpdatePath> = (writer, path) => {
  encodeLeafNode(writer, path.leafNode)
  writer.vector(path.nodes, (inner, node) => {
    inner.opaque(node.encryptionKey)
    inner.vector(node.encryptedPathSecret, encodeHpkeCiphertext)
  })
}

export const decodeUpdatePath: Decoder<UpdatePath> = (reader) => ({
  leafNode: decodeLeafNode(reader),
  nodes: reader.vector((inner) => ({
    encryptionKey: inner.opaque(),
    encryptedPathSecret: inner.vector(decodeHpkeCiphertext),
  })),
})

export const encodeCommit: Encoder<Commit> = (writer, commit) => {
  writer.vector(commit.proposals, encodeProposalOrRef)
  writer.optional(commit.path, encodeUpdatePath)
}

export const decodeCommit: Decoder<Commit> = (reader) => ({
  proposals: reader.vector(decodeProposalOrRef),
  path: reader.optional(decodeUpdatePath),
})

const encodeProposalOrRef: Encoder<ProposalOrRef> = (writer, item) => {
  if (item.kind === 'proposal') {
    writer.uint8(BY_VALUE)
    encodeProposal(writer, item.proposal)
  } else {
    writer.uint8(BY_REFERENCE)
    writer.opaque(item.reference)
  }
}

const decodeProposalOrRef: Decoder<ProposalOrRef> = (reader) => {
  const type = reader.uint8()
  if (type === BY_VALUE) return { kind: 'proposal', proposal: decodeProposal(reader) }
  if (type === BY_REFERENCE) return { kind: 'reference', reference: reader.opaque() }
  return fail('CODEC_UNKNOWN_VARIANT', `unknown ProposalOrRefType ${type}`)
}

const BY_VALUE = 1
const BY_REFERENCE = 2
