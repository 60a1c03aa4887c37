// What a list of proposals makes of a group's tree and extensions (RFC 9420 §12.3), and whether the outcome is valid (§12.2).

import { equalBytes } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { LeafNodeSource, ProposalType, SenderType } from '../messages/code-points.ts'
import { type Extension, readExternalSenders } from '../messages/extension.ts'
import type { GroupContext } from '../messages/group-context.ts'
import type { KeyPackage } from '../messages/key-package.ts'
import type { LeafNode } from '../messages/leaf-node.ts'
import type { PreSharedKeyId } from '../messages/pre-shared-key.ts'
import { isDefaultProposal, type ReInitProposal } from '../messages/proposal.ts'
import { addLeaves, leafAt, type RatchetTree, replaceLeaves } from '../tree/ratchet-tree.ts'
import {
  checkGroupExtensions,
  checkKeyPackage,
  checkLeafNode,
  checkSuitsGroup,
  SignatureBatch,
  supportedByAll,
} from './leaf-checks.ts'
import { type CredentialCheck, checkCredentials, type Judging } from './policy.ts'
import type { CommittedProposal } from './proposal-list.ts'

/** A member that a commit adds. */
export interface AddedMember {
  readonly leafIndex: number
  readonly keyPackage: KeyPackage
}

export interface AppliedProposals {
  readonly tree: RatchetTree
  readonly extensions: readonly Extension[]
  readonly added: readonly AddedMember[]
  /** Leaf indices. */
  readonly removed: readonly number[]
  /** Leaf indices. */
  readonly updated: readonly number[]
  /** In the order of the list. */
  readonly psks: readonly PreSharedKeyId[]
  readonly reinit: ReInitProposal | undefined
  readonly externalInit: Uint8Array | undefined
}

/**
 * Applies a list that `checkProposalList` has passed: extensions, Updates, Removes, Adds, in this order. RFC 9420 §12.3.
 * Each leaf node and key package that comes in is checked, its credential with the policy.
 * @throws CoterieError `LEAF_*`, `KEY_PACKAGE_*`, `COMMIT_*`, `GROUP_*` (peer)
 */
export async function applyProposals(
  suite: CipherSuite,
  groupContext: GroupContext,
  before: RatchetTree,
  proposals: readonly CommittedProposal[],
  judgement: Judging,
): Promise<AppliedProposals> {
  const sorted = sortProposals(proposals)
  // RFC 9420 §12.3: the new extensions MUST be used when evaluating the other proposals.
  const extensions = sorted.extensions ?? groupContext.extensions
  const signatures = new SignatureBatch()
  const credentials: CredentialCheck[] = []

  for (const { leafIndex, leafNode, verified } of sorted.updates) {
    const predecessor = leafAt(before, leafIndex)
    checkUpdate(suite, leafNode, predecessor)
    checkSuitsGroup(leafNode, extensions)
    if (!verified) signatures.leaf(leafNode, { groupId: groupContext.groupId, leafIndex })
    credentials.push(memberCheck(leafNode, predecessor))
  }
  for (const { keyPackage } of sorted.adds) {
    checkKeyPackage(suite, keyPackage, judgement, signatures)
    checkSuitsGroup(keyPackage.leafNode, extensions)
    credentials.push(memberCheck(keyPackage.leafNode, undefined))
  }
  for (const check of externalSenderChecks(sorted.extensions ?? [])) credentials.push(check)
  await signatures.verify(suite)
  await checkCredentials(judgement.policy, credentials)

  const replaced = new Map<number, LeafNode | undefined>()
  for (const { leafIndex, leafNode } of sorted.updates) replaced.set(leafIndex, leafNode)
  for (const leafIndex of sorted.removes) replaced.set(leafIndex, undefined)
  const remaining = replaceLeaves(before, replaced)
  checkCustomTypes(remaining, sorted.customTypes)
  const { tree, added } = addMembers(remaining, sorted.adds)
  if (sorted.extensions !== undefined) checkGroupExtensions(tree, extensions)
  return {
    tree,
    extensions,
    added,
    removed: sorted.removes,
    updated: sorted.updates.map(({ leafIndex }) => leafIndex),
    psks: sorted.psks,
    reinit: sorted.reinit,
    externalInit: sorted.externalInit,
  }
}

/**
 * A leaf node that takes the place of another, in an Update. RFC 9420 §7.3.
 * @throws CoterieError `LEAF_*` (peer)
 */
export function checkUpdate(suite: CipherSuite, leafNode: LeafNode, predecessor: LeafNode | undefined): void {
  checkLeafNode(suite, leafNode, LeafNodeSource.update)
  if (predecessor !== undefined && equalBytes(leafNode.encryptionKey, predecessor.encryptionKey)) {
    fail('LEAF_KEY_UNCHANGED', 'an Update keeps the encryption key')
  }
}

/** A member's credential, for the policy. */
export function memberCheck(leafNode: LeafNode, predecessor: LeafNode | undefined): CredentialCheck {
  return { role: 'member', credential: leafNode.credential, signatureKey: leafNode.signatureKey, leafNode, predecessor }
}

/** RFC 9420 §5.3.1: credentials of external senders MUST be validated when they are added or updated. */
export function externalSenderChecks(extensions: readonly Extension[]): CredentialCheck[] {
  return readExternalSenders(extensions).map(({ credential, signatureKey }) => ({
    role: 'externalSender',
    credential,
    signatureKey,
    leafNode: undefined,
    predecessor: undefined,
  }))
}

interface SortedProposals {
  extensions: readonly Extension[] | undefined
  updates: { leafIndex: number; leafNode: LeafNode; verified: boolean }[]
  removes: number[]
  adds: { keyPackage: KeyPackage }[]
  psks: PreSharedKeyId[]
  reinit: ReInitProposal | undefined
  externalInit: Uint8Array | undefined
  customTypes: number[]
}

function sortProposals(proposals: readonly CommittedProposal[]): SortedProposals {
  const sorted: SortedProposals = {
    extensions: undefined,
    updates: [],
    removes: [],
    adds: [],
    psks: [],
    reinit: undefined,
    externalInit: undefined,
    customTypes: [],
  }
  for (const { proposal, sender, pending } of proposals) {
    if (!isDefaultProposal(proposal)) {
      sorted.customTypes.push(proposal.proposalType)
      continue
    }
    switch (proposal.proposalType) {
      case ProposalType.groupContextExtensions:
        sorted.extensions = proposal.extensions
        break
      case ProposalType.update:
        if (sender.senderType === SenderType.member) {
          const verified = pending !== undefined
          sorted.updates.push({ leafIndex: sender.leafIndex, leafNode: proposal.leafNode, verified })
        }
        break
      case ProposalType.remove:
        sorted.removes.push(proposal.removed)
        break
      case ProposalType.add:
        sorted.adds.push({ keyPackage: proposal.keyPackage })
        break
      case ProposalType.preSharedKey:
        sorted.psks.push(proposal.psk)
        break
      case ProposalType.reinit:
        sorted.reinit = proposal
        break
      case ProposalType.externalInit:
        sorted.externalInit = proposal.kemOutput
        break
    }
  }
  return sorted
}

/** RFC 9420 §12.2: those who process the commit, neither added nor removed by it, support each custom type. */
function checkCustomTypes(remaining: RatchetTree, customTypes: readonly number[]): void {
  for (const proposalType of customTypes) {
    if (!supportedByAll(remaining, proposalType)) {
      fail('COMMIT_PROPOSAL_UNSUPPORTED', 'some member does not support a proposal type', { details: { proposalType } })
    }
  }
}

function addMembers(
  remaining: RatchetTree,
  adds: readonly { keyPackage: KeyPackage }[],
): { tree: RatchetTree; added: AddedMember[] } {
  // RFC 9420 §12.2: a client that is in the group, or is added twice. Identical signature keys tell; the policy may know
  // more. Removed members' keys are gone from the index by now.
  let { signatureKeys } = remaining
  for (const { keyPackage } of adds) {
    const { signatureKey } = keyPackage.leafNode
    if (signatureKeys.has(signatureKey)) fail('COMMIT_MEMBER_EXISTS', 'a client is added that is a member already')
    signatureKeys = signatureKeys.plus(signatureKey)
  }
  const { tree, leafIndices } = addLeaves(
    remaining,
    adds.map(({ keyPackage }) => keyPackage.leafNode),
  )
  const added = adds.map(({ keyPackage }, i) => ({ leafIndex: leafIndices[i] as number, keyPackage }))
  return { tree, added }
}
