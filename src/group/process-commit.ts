// Following somebody else's commit into the next epoch (RFC 9420 §12.4.2).

import { equalBytes } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import type { VerifiedContent } from '../framing/authenticated-content.ts'
import { LeafNodeSource, SenderType } from '../messages/code-points.ts'
import type { Commit, UpdatePath } from '../messages/commit.ts'
import type { Sender } from '../messages/framed-content.ts'
import { encodedGroupContext, type GroupContext } from '../messages/group-context.ts'
import type { LeafNode } from '../messages/leaf-node.ts'
import { externalInitReceive, zeroSecret } from '../schedule/key-schedule.ts'
import { leafToNode } from '../tree/math.ts'
import { leafAt, leftmostBlankLeaf, type RatchetTree } from '../tree/ratchet-tree.ts'
import { decryptPath, mergePath } from '../tree/update-path.ts'
import { checkUniqueKeys } from '../tree/validate.ts'
import { type AppliedProposals, applyProposals, memberCheck } from './apply-proposals.ts'
import { addedLeaves } from './commit.ts'
import { beginEpoch, currentKeys, findPsks, provisionalContext, succeed } from './epoch.ts'
import { checkCredentialTypes, checkLeafNode, checkSuitsGroup, SignatureBatch } from './leaf-checks.ts'
import { checkCredentials, checkWithPolicy, type Judging } from './policy.ts'
import { type CommittedProposal, checkPathPresence, checkProposalList, resolveProposals } from './proposal-list.ts'
import type { GroupState, OwnUpdate } from './state.ts'

/** A commit that took effect. */
export interface ProcessedCommit {
  readonly kind: 'commit'
  /** In the new epoch; where this member was removed, in the old one with the status `removed`. */
  readonly state: GroupState
  readonly committer: { readonly sender: Sender; readonly leafIndex: number }
  readonly proposals: readonly CommittedProposal[]
  /** Leaf indices in the new epoch. */
  readonly added: readonly number[]
  /** Leaf indices in the old epoch. */
  readonly removed: readonly number[]
  readonly authenticatedData: Uint8Array
}

/** What every member sees of a commit alike, whether or not it can decrypt the path secrets. */
export type InspectedCommit = Omit<ProcessedCommit, 'kind' | 'state'>

/** A commit that has passed all checks for which no secret of a single member is needed. */
interface CheckedCommit {
  readonly outcome: InspectedCommit
  readonly applied: AppliedProposals
  readonly followed: FollowedPath
}

/** Processes a commit whose signature has been verified. `state` stays usable. */
export async function processCommit(
  state: GroupState,
  verified: VerifiedContent,
  commit: Commit,
  judgement: Judging,
): Promise<ProcessedCommit> {
  const { suite } = state
  const { outcome, applied, followed } = await checkCommit(state, verified, commit, judgement)
  // RFC 9420 §12.4.2: whoever is removed cannot check more of the commit than this.
  if (applied.removed.includes(state.own.leafIndex)) {
    return { kind: 'commit', ...outcome, state: { ...state, status: 'removed' } }
  }

  const psks = await findPsks(state, applied.psks, judgement.psks)
  const keys = await followed.decrypt()
  const initSecret =
    applied.externalInit === undefined
      ? state.secrets.initSecret
      : await externalInitReceive(suite, state.secrets.externalSecret, applied.externalInit)
  const epoch = beginEpoch(suite, {
    provisional: followed.provisional,
    tree: followed.tree,
    interimTranscriptHash: state.interimTranscriptHash,
    initSecret,
    commitSecret: keys.commitSecret,
    psks,
    commit: { wireFormat: verified.wireFormat, content: verified.content, signature: verified.auth.signature },
  })
  const { joinerSecret, pskSecret, ...publicEpoch } = epoch
  for (const secret of [joinerSecret, pskSecret, keys.commitSecret]) secret.wipe()
  if (initSecret !== state.secrets.initSecret) initSecret.wipe()
  const claimed = verified.auth.confirmationTag
  if (claimed === undefined || !equalBytes(epoch.confirmationTag, claimed)) {
    fail('COMMIT_CONFIRMATION_TAG', 'the confirmation tag does not fit the epoch that the commit leads to')
  }
  const own = {
    leafIndex: state.own.leafIndex,
    signatureKeyPair: keys.ownUpdate?.signatureKeyPair ?? state.own.signatureKeyPair,
    privateKeys: currentKeys(followed.tree, state.own.leafIndex, keys.before, keys.fresh),
  }
  return { kind: 'commit', ...outcome, state: succeed(state, publicEpoch, own, applied.reinit) }
}

/** Everything that all members check with the same result. */
export async function checkCommit(
  state: GroupState,
  verified: VerifiedContent,
  commit: Commit,
  judgement: Judging,
): Promise<CheckedCommit> {
  const { suite, groupContext } = state
  const { sender, authenticatedData } = verified.content
  const proposals = resolveProposals(commit.proposals, state.proposals, sender)
  checkProposalList(suite, state.tree, groupContext.version, proposals, sender, 'member')
  checkPathPresence(judgement.policy, proposals, commit.path !== undefined)
  await checkWithPolicy(judgement.policy, proposals, {
    groupContext,
    memberAt: (leafIndex) => leafAt(state.tree, leafIndex),
    committer: sender,
    authenticatedData,
  })
  const applied = await applyProposals(suite, groupContext, state.tree, proposals, judgement)
  const place = committerPlace(sender, applied.tree)
  const followed = await followPath(state, { applied, proposals, sender, place, path: commit.path, judgement })
  checkUniqueKeys(followed.tree)
  checkCredentialTypes(followed.tree)

  const outcome = {
    committer: { sender, leafIndex: place.leafIndex },
    proposals,
    added: applied.added.map(({ leafIndex }) => leafIndex),
    removed: applied.removed,
    authenticatedData,
  }
  return { outcome, applied, followed }
}

interface Place {
  readonly leafIndex: number
  /** The tree in which that leaf exists. */
  readonly tree: RatchetTree
}

interface CommitInHand {
  readonly applied: AppliedProposals
  readonly proposals: readonly CommittedProposal[]
  readonly sender: Sender
  readonly place: Place
  readonly path: UpdatePath | undefined
  readonly judgement: Judging
}

interface FollowedPath {
  readonly tree: RatchetTree
  readonly provisional: GroupContext
  decrypt(): Promise<{
    commitSecret: Secret
    before: ReadonlyMap<number, KeyPair>
    fresh: ReadonlyMap<number, KeyPair>
    ownUpdate: OwnUpdate | undefined
  }>
}

/** RFC 9420 §12.4.2: an external committer gets the leftmost blank leaf of the tree after the proposals. */
function committerPlace(sender: Sender, tree: RatchetTree): Place {
  return sender.senderType === SenderType.member ? { tree, leafIndex: sender.leafIndex } : leftmostBlankLeaf(tree)
}

async function followPath(state: GroupState, commit: CommitInHand): Promise<FollowedPath> {
  const { suite, groupContext, own } = state
  const { applied, place, path } = commit
  const ownUpdate = committedOwnUpdate(commit.proposals)
  const before = new Map(own.privateKeys)
  if (ownUpdate !== undefined) before.set(leafToNode(own.leafIndex), ownUpdate.encryptionKeyPair)
  if (path === undefined) {
    return {
      tree: applied.tree,
      provisional: provisionalContext(suite, groupContext, applied.tree, applied.extensions),
      decrypt: async () => ({ commitSecret: zeroSecret(suite), before, fresh: new Map(), ownUpdate }),
    }
  }
  await checkPathLeaf(state, commit, path.leafNode)
  const added = addedLeaves(applied)
  const merged = mergePath(suite, place.tree, place.leafIndex, path, added)
  const provisional = provisionalContext(suite, groupContext, merged.tree, applied.extensions)
  return {
    tree: merged.tree,
    provisional,
    decrypt: async () => {
      const held = currentKeys(place.tree, own.leafIndex, before)
      const context = encodedGroupContext(provisional)
      const { privateKeys, commitSecret } = await decryptPath(suite, merged, path, own.leafIndex, held, context, added)
      return { commitSecret, before, fresh: privateKeys, ownUpdate }
    },
  }
}

/** RFC 9420 §7.3, §12.2, §12.4.2: the committer's new leaf is held to what an Update would be held to. */
async function checkPathLeaf(state: GroupState, commit: CommitInHand, leafNode: LeafNode): Promise<void> {
  const { suite, groupContext, tree } = state
  checkLeafNode(suite, leafNode, LeafNodeSource.commit)
  checkSuitsGroup(leafNode, commit.applied.extensions)
  const replaced = commit.sender.senderType === SenderType.member ? commit.place.leafIndex : commit.applied.removed[0]
  const predecessor = replaced === undefined ? undefined : leafAt(tree, replaced)
  if (predecessor !== undefined && equalBytes(predecessor.encryptionKey, leafNode.encryptionKey)) {
    fail('LEAF_KEY_UNCHANGED', "a commit keeps its sender's encryption key")
  }
  const signatures = new SignatureBatch()
  signatures.leaf(leafNode, { groupId: groupContext.groupId, leafIndex: commit.place.leafIndex })
  await signatures.verify(suite)
  await checkCredentials(commit.judgement.policy, [memberCheck(leafNode, predecessor)])
}

function committedOwnUpdate(proposals: readonly CommittedProposal[]): OwnUpdate | undefined {
  for (const { pending } of proposals) if (pending?.ownUpdate !== undefined) return pending.ownUpdate
  return undefined
}
