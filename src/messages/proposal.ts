// Proposals (RFC 9420 §12.1).

import { copyBytes } from '../bytes.ts'
import type { Decoder } from '../codec/reader.ts'
import type { Encoder } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import { MLS10, ProposalType } from './code-points.ts'
import { decodeExtensions, type Extension, encodeExtensions } from './extension.ts'
import { decodeKeyPackage, encodeKeyPackage, type KeyPackage } from './key-package.ts'
import { decodeLeafNode, encodeLeafNode, type LeafNode } from './leaf-node.ts'
import { decodePreSharedKeyId, encodePreSharedKeyId, type PreSharedKeyId } from './pre-shared-key.ts'

/** Adds a client. RFC 9420 §12.1.1. */
export interface AddProposal {
  readonly proposalType: typeof ProposalType.add
  readonly keyPackage: KeyPackage
}

/** Replaces its sender's leaf. RFC 9420 §12.1.2. */
export interface UpdateProposal {
  readonly proposalType: typeof ProposalType.update
  readonly leafNode: LeafNode
}

/** Removes a member, by leaf index. RFC 9420 §12.1.3. */
export interface RemoveProposal {
  readonly proposalType: typeof ProposalType.remove
  readonly removed: number
}

/** Mixes in a pre-shared key. RFC 9420 §12.1.4. */
export interface PreSharedKeyProposal {
  readonly proposalType: typeof ProposalType.preSharedKey
  readonly psk: PreSharedKeyId
}

/** Ends the group in favour of a successor. RFC 9420 §12.1.5. */
export interface ReInitProposal {
  readonly proposalType: typeof ProposalType.reinit
  readonly groupId: Uint8Array
  readonly version: number
  readonly cipherSuite: number
  readonly extensions: readonly Extension[]
}

/** Lets an external committer in. RFC 9420 §12.1.6. */
export interface ExternalInitProposal {
  readonly proposalType: typeof ProposalType.externalInit
  readonly kemOutput: Uint8Array
}

/** Replaces the group's extensions. RFC 9420 §12.1.7. */
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

/** The seven proposals of the RFC. */
export type DefaultProposal =
  | AddProposal
  | UpdateProposal
  | RemoveProposal
  | PreSharedKeyProposal
  | ReInitProposal
  | ExternalInitProposal
  | GroupContextExtensionsProposal

/** What can be proposed. `isDefaultProposal` tells the two kinds apart. */
export type Proposal = DefaultProposal | CustomProposal

/** What a successor group is to be like. RFC 9420 §11.2. */
export interface ReInitOptions {
  /** Of the new group; no other group may have it. */
  readonly groupId: Uint8Array
  /** Code point of the new group's cipher suite. */
  readonly cipherSuite: number
  /** GroupContext extensions of the new group. Default: none. */
  readonly extensions?: readonly Extension[]
}

/** Adds the client of a key package. RFC 9420 §12.1.1. */
export function addProposal(keyPackage: KeyPackage): AddProposal {
  return { proposalType: ProposalType.add, keyPackage }
}

/** Removes the member at a leaf index. RFC 9420 §12.1.3. */
export function removeProposal(leafIndex: number): RemoveProposal {
  return { proposalType: ProposalType.remove, removed: leafIndex }
}

/** Mixes a pre-shared key into the next epoch. RFC 9420 §12.1.4. */
export function preSharedKeyProposal(psk: PreSharedKeyId): PreSharedKeyProposal {
  return { proposalType: ProposalType.preSharedKey, psk }
}

/** Ends the group in favour of a successor, which `reinitGroup` then makes. RFC 9420 §12.1.5. */
export function reinitProposal(options: ReInitOptions): ReInitProposal {
  const { groupId, cipherSuite, extensions = [] } = options
  return { proposalType: ProposalType.reinit, groupId: copyBytes(groupId), version: MLS10, cipherSuite, extensions }
}

/** Replaces all extensions of the group: those that are to stay have to be in the list. RFC 9420 §12.1.7. */
export function groupContextExtensionsProposal(extensions: readonly Extension[]): GroupContextExtensionsProposal {
  return { proposalType: ProposalType.groupContextExtensions, extensions }
}

/**
 * A proposal of a type that the RFC does not define. All members have to list the type in their capabilities (§12.2).
 * @throws CoterieError `ARGUMENT_INVALID` (caller) for one of the RFC's own types, or none that fits in 16 bits
 */
export function customProposal(proposalType: number, data: Uint8Array): CustomProposal {
  const proposal = { proposalType, data: copyBytes(data) }
  const isCodePoint = Number.isInteger(proposalType) && proposalType > 0 && proposalType <= 0xffff
  if (!isCodePoint || isDefaultProposal(proposal)) {
    fail('ARGUMENT_INVALID', `${proposalType} is not the type of a custom proposal`)
  }
  return proposal
}

/** Tells the seven proposals of the RFC from the rest: after it, `proposalType` tells which of them it is. */
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
