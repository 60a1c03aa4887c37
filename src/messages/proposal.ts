// Proposals (RFC 9420 §12.1).

import type { Decoder } from '../codec/reader.ts'
import type { Encoder } from '../codec/writer.ts'
import { ProposalType } from './code-points.ts'
import { decodeExtensions, type Extension, encodeExtensions } from './extension.ts'
import { decodeKeyPackage, encodeKeyPackage, type KeyPackage } from './key-package.ts'
import { decodeLeafNode, encodeLeafNode, type LeafNode } from './leaf-node.ts'
import { decodePreSharedKeyId, encodePreSharedKeyId, type PreSharedKeyId } from './pre-shared-key.ts'

export interface AddProposal {
  readonly proposalType: typeof ProposalType.add
  readonly keyPackage: KeyPackage
}

export interface UpdateProposal {
  readonly proposalType: typeof ProposalType.update
  readonly leafNode: LeafNode
}

export interface RemoveProposal {
  readonly proposalType: typeof ProposalType.remove
  readonly removed: number
}

export interface PreSharedKeyProposal {
  readonly proposalType: typeof ProposalType.preSharedKey
  readonly psk: PreSharedKeyId
}

export interface ReInitProposal {
  readonly proposalType: typeof ProposalType.reinit
  readonly groupId: Uint8Array
  readonly version: number
  readonly cipherSuite: number
  readonly extensions: readonly Extension[]
}

export interface ExternalInitProposal {
  readonly proposalType: typeof ProposalType.externalInit
  readonly kemOutput: Uint8Array
}

export interface GroupContextExtensionsProposal {
  readonly proposalType: typeof ProposalType.groupContextExtensions
  readonly extensions: readonly Extension[]
}

/**
 * A type that the RFC does not define. RFC 9420 leaves the body's form open; like other implementations this one carries
 * it as `opaque<V>`.
 */
export interface CustomProposal {
  readonly proposalType: number
  readonly data: Uint8Array
}

export type DefaultProposal =
  | AddProposal
  | UpdateProposal
  | RemoveProposal
  | PreSharedKeyProposal
  | ReInitProposal
  | ExternalInitProposal
  | GroupContextExtensionsProposal

export type Proposal = DefaultProposal | CustomProposal

/** Tells the seven proposals of the RFC from the rest. */
export function isDefaultProposal(proposal: Proposal): proposal is DefaultProposal {
  return proposal.proposalType >= ProposalType.add && proposal.proposalType <= ProposalType.groupContextExtensions
}

export const encodeProposal: Encoder<Proposal> = (writer, proposal) => {
  writer.uint16(proposal.proposalType)
  if (!isDefaultProposal(proposal)) {
    writer.opaque(proposal.data)
    return
  }
  switch (proposal.proposalType) {
    case ProposalType.add:
      return encodeKeyPackage(writer, proposal.keyPackage)
    case ProposalType.update:
      return encodeLeafNode(writer, proposal.leafNode)
    case ProposalType.remove:
      return writer.uint32(proposal.removed)
    case ProposalType.preSharedKey:
      return encodePreSharedKeyId(writer, proposal.psk)
    case ProposalType.reinit:
      writer.opaque(proposal.groupId)
      writer.uint16(proposal.version)
      writer.uint16(proposal.cipherSuite)
      return encodeExtensions(writer, proposal.extensions)
    case ProposalType.externalInit:
      return writer.opaque(proposal.kemOutput)
    case ProposalType.groupContextExtensions:
      return encodeExtensions(writer, proposal.extensions)
  }
}

export const decodeProposal: Decoder<Proposal> = (reader) => {
  const proposalType = reader.uint16()
  switch (proposalType) {
    case ProposalType.add:
      return { proposalType, keyPackage: decodeKeyPackage(reader) }
    case ProposalType.update:
      return { proposalType, leafNode: decodeLeafNode(reader) }
    case ProposalType.remove:
      return { proposalType, removed: reader.uint32() }
    case ProposalType.preSharedKey:
      return { proposalType, psk: decodePreSharedKeyId(reader) }
    case ProposalType.reinit:
      return {
        proposalType,
        groupId: reader.opaque(),
        version: reader.uint16(),
        cipherSuite: reader.uint16(),
        extensions: decodeExtensions(reader),
      }
    case ProposalType.externalInit:
      return { proposalType, kemOutput: reader.opaque() }
    case ProposalType.groupContextExtensions:
      return { proposalType, extensions: decodeExtensions(reader) }
    default:
      return { proposalType, data: reader.opaque() }
  }
}
