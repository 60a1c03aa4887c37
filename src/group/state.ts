// A member's view of a group in one epoch: an immutable value from which everything else is computed (RFC 9420 §8, §12).

import { toHex } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import type { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import type { Sender } from '../messages/framed-content.ts'
import type { GroupContext } from '../messages/group-context.ts'
import type { LeafNode } from '../messages/leaf-node.ts'
import type { Proposal, ReInitProposal } from '../messages/proposal.ts'
import type { EpochSecrets } from '../schedule/key-schedule.ts'
import type { SecretTree, SecretTreeLimits } from '../schedule/secret-tree.ts'
import { leafAt, type Member, members, type RatchetTree } from '../tree/ratchet-tree.ts'
import type { PrivateKeys } from '../tree/update-path.ts'

/** Numbers that a group is created or joined with. They concern this member alone. */
export interface GroupLimits extends SecretTreeLimits {
  /** How many past epochs' messages can still be read. Each costs forward secrecy: see SECURITY.md. Default 3. */
  readonly pastEpochs: number
  /** How many past epochs' resumption PSKs are kept. Default 8. */
  readonly resumptionPsks: number
}

/** This member's place and keys. */
export interface OwnMember {
  readonly leafIndex: number
  readonly signatureKeyPair: KeyPair
  /** By node index: the own leaf's, and those of the parents above that include this member. */
  readonly privateKeys: PrivateKeys
}

/** The secrets of an epoch that are needed until it is over. The others are used up when it begins. */
export type StateSecrets = Omit<EpochSecrets, 'confirmationKey' | 'encryptionSecret'>

/** A proposal of this epoch that was sent or received on its own and not yet committed. */
export interface PendingProposal {
  readonly reference: Uint8Array
  readonly proposal: Proposal
  readonly sender: Sender
  /** The private keys of an own Update. */
  readonly ownUpdate: OwnUpdate | undefined
}

/** What an own Update proposal changes when it is committed. */
export interface OwnUpdate {
  readonly encryptionKeyPair: KeyPair
  readonly signatureKeyPair: KeyPair
}

/** What is kept of an epoch that is over, to read messages that come late. */
export interface PastEpoch {
  readonly groupContext: GroupContext
  readonly tree: RatchetTree
  readonly senderDataSecret: Secret
  readonly secretTree: SecretTree
}

/** An epoch's resumption PSK. RFC 9420 §8.6. */
export interface ResumptionPsk {
  readonly epoch: bigint
  readonly secret: Secret
}

/**
 * `active`: everything works. `frozen`: a ReInit was committed; only what leads to the successor works (RFC 9420 §11.2).
 * `removed`: this member is no longer in the group.
 */
export type GroupStatus = 'active' | 'frozen' | 'removed'

/** Never changes. Operations return the state that follows. */
export interface GroupState {
  readonly suite: CipherSuite
  readonly limits: GroupLimits
  readonly status: GroupStatus
  /** The committed ReInit of a frozen group. */
  readonly reinit: ReInitProposal | undefined
  readonly groupContext: GroupContext
  readonly tree: RatchetTree
  readonly interimTranscriptHash: Uint8Array
  readonly confirmationTag: Uint8Array
  readonly secrets: StateSecrets
  readonly secretTree: SecretTree
  readonly own: OwnMember
  /** By the reference in hexadecimal, in the order of arrival. */
  readonly proposals: ReadonlyMap<string, PendingProposal>
  /** The most recent first. */
  readonly pastEpochs: readonly PastEpoch[]
  /** The most recent first, the current epoch's among them. */
  readonly resumptionPsks: readonly ResumptionPsk[]
}

/** The limits of a group that is given none: docs/defaults.md says why. */
export const DEFAULT_GROUP_LIMITS: GroupLimits = {
  maxForward: 1000,
  maxSkipped: 1000,
  pastEpochs: 3,
  resumptionPsks: 8,
}

/** The group's id. */
export function groupId(state: GroupState): Uint8Array {
  return state.groupContext.groupId.slice()
}

/** The epoch's number. */
export function epoch(state: GroupState): bigint {
  return state.groupContext.epoch
}

/** The members with their leaf indices, from the left. Costs O(n). */
export function groupMembers(state: GroupState): Member[] {
  return [...members(state.tree)]
}

/** The leaf node at this index; undefined where there is no member. */
export function memberAt(state: GroupState, leafIndex: number): LeafNode | undefined {
  return leafAt(state.tree, leafIndex)
}

/** This member's own leaf node. */
export function ownLeafNode(state: GroupState): LeafNode {
  return leafAt(state.tree, state.own.leafIndex) ?? fail('INTERNAL_INVARIANT', 'a member has no leaf of its own')
}

/** Refuses what a member of a group that is over, or that it has left, must not do. */
export function requireActive(state: GroupState): void {
  if (state.status === 'removed') fail('GROUP_REMOVED', 'this member was removed from the group')
  // RFC 9420 §12.4.2: after a ReInit the client MUST NOT use the group to send messages anymore.
  if (state.status === 'frozen') fail('GROUP_FROZEN', 'the group was reinitialised; its successor goes on')
}

/** The key of the pending proposals' map. */
export function proposalKey(reference: Uint8Array): string {
  return toHex(reference)
}
