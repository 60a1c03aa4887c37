// Committing: a member ends an epoch and begins the next (RFC 9420 §12.4.1).

import { EMPTY } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import { ContentType, LeafNodeSource, SenderType, WireFormat } from '../messages/code-points.ts'
import type { ProposalOrRef, UpdatePath } from '../messages/commit.ts'
import { encodedGroupContext, type GroupContext } from '../messages/group-context.ts'
import { signLeafNode } from '../messages/leaf-node.ts'
import { encodeMlsMessage } from '../messages/mls-message.ts'
import type { Proposal } from '../messages/proposal.ts'
import { zeroSecret } from '../schedule/key-schedule.ts'
import { leafToNode } from '../tree/math.ts'
import { leafAt } from '../tree/ratchet-tree.ts'
import { encryptPath, freshPath, type PathUpdate } from '../tree/update-path.ts'
import { checkUniqueKeys } from '../tree/validate.ts'
import { type AppliedProposals, applyProposals } from './apply-proposals.ts'
import { beginEpoch, currentKeys, findPsks, provisionalContext, succeed } from './epoch.ts'
import { type GroupInfoOptions, groupInfoFor } from './group-info.ts'
import { framed, protect, type SendOptions, signAsMember, wireFormatOf } from './handshake.ts'
import type { LeafOptions } from './key-packages.ts'
import { checkCredentialTypes, checkSuitsGroup } from './leaf-checks.ts'
import { ownOptions } from './own-copy.ts'
import { checkWithPolicy, type Judgement } from './policy.ts'
import { committable } from './proposal-choice.ts'
import {
  type CommitKind,
  type CommittedProposal,
  checkProposalList,
  pathRequired,
  resolveProposals,
} from './proposal-list.ts'
import { changedLeaf } from './propose.ts'
import { type GroupState, requireActive } from './state.ts'
import { sealWelcome } from './welcome.ts'

/** What is committed, and how. */
export interface CommitOptions extends SendOptions, Judgement {
  /** New proposals, by value, after the pending ones. */
  readonly proposals?: readonly Proposal[]
  /**
   * Which pending proposals are covered. Default: all that go together, but for those of clients who ask to be added:
   * anybody can ask, so they have to be named.
   */
  readonly references?: readonly Uint8Array[]
  /** Whether fresh keys are sent also where the RFC lets them be left out. Default `always`. */
  readonly path?: 'always' | 'whenRequired'
  /** Changes to the own leaf; they need a path. */
  readonly leaf?: Partial<LeafOptions>
  /** What new members are told beside the group's state. By default they get the tree. */
  readonly groupInfo?: GroupInfoOptions
}

/** What a commit leads to. */
export interface CommitResult {
  /** The state in the new epoch, to be adopted once the commit is accepted. */
  readonly state: GroupState
  /** The state in the old epoch without the keys that the message used up, to go on from if the commit is not accepted. */
  readonly parent: GroupState
  readonly message: Uint8Array
  /** For all new members, if there are any. */
  readonly welcome: Uint8Array | undefined
}

/**
 * Commits proposals. `state` itself stays as it is and can process another commit.
 * @throws CoterieError for a list that receivers would refuse (`COMMIT_*`, `PROPOSAL_*`, `LEAF_*`, `KEY_PACKAGE_*`, `PSK_*`, `GROUP_*`)
 */
export async function commit(state: GroupState, options: CommitOptions): Promise<CommitResult> {
  requireActive(state)
  return commitAs(state, ownOptions(options, 'policy'), 'member')
}

/** The same with options that nobody else holds, also for the first commit of a successor or a branch (`kind`). */
export async function commitAs(state: GroupState, options: CommitOptions, kind: CommitKind): Promise<CommitResult> {
  const { suite } = state
  const list = chosenProposals(state, options)
  const sender = { senderType: SenderType.member, leafIndex: state.own.leafIndex }
  const proposals = resolveProposals(list, state.proposals, sender)
  checkProposalList(suite, state.tree, state.groupContext.version, proposals, sender, kind)
  await checkWithPolicy(options.policy, proposals, {
    groupContext: state.groupContext,
    memberAt: (leafIndex) => leafAt(state.tree, leafIndex),
    committer: sender,
    authenticatedData: options.authenticatedData ?? EMPTY,
  })
  const applied = await applyProposals(suite, state.groupContext, state.tree, proposals, options)
  const psks = await findPsks(state, applied.psks, options.psks)
  const path = await makePath(state, applied, proposals, options)
  const tree = path?.tree ?? applied.tree
  checkUniqueKeys(tree)
  checkCredentialTypes(tree)

  const content = framed(
    state,
    { contentType: ContentType.commit, commit: { proposals: list, path: path?.updatePath } },
    options,
  )
  const signature = await signAsMember(state, content, options)
  const commitSecret = path?.commitSecret ?? zeroSecret(suite)
  const epoch = beginEpoch(suite, {
    provisional: path?.provisional ?? provisionalContext(suite, state.groupContext, tree, applied.extensions),
    tree,
    interimTranscriptHash: state.interimTranscriptHash,
    initSecret: state.secrets.initSecret,
    commitSecret,
    psks,
    commit: { wireFormat: wireFormatOf(options), content, signature },
  })
  const sent = protect(state, content, { signature, confirmationTag: epoch.confirmationTag }, options)
  const own = {
    leafIndex: state.own.leafIndex,
    signatureKeyPair: path?.signatureKeyPair ?? state.own.signatureKeyPair,
    privateKeys: currentKeys(tree, state.own.leafIndex, state.own.privateKeys, path?.privateKeys ?? new Map()),
  }
  const { joinerSecret, pskSecret, ...publicEpoch } = epoch
  const next = succeed(sent.state, publicEpoch, own, applied.reinit)
  const welcome =
    applied.added.length === 0
      ? undefined
      : await welcomeFor(next, applied, path, { joinerSecret, pskSecret }, options.groupInfo ?? {})
  joinerSecret.wipe()
  pskSecret.wipe()
  commitSecret.wipe()
  for (const { pathSecret } of path?.steps ?? []) pathSecret.wipe()
  return { state: next, parent: sent.state, message: sent.message, welcome }
}

interface OwnPath extends PathUpdate {
  readonly updatePath: UpdatePath
  readonly provisional: GroupContext
  readonly signatureKeyPair: KeyPair
  readonly privateKeys: ReadonlyMap<number, KeyPair>
}

function chosenProposals(state: GroupState, options: CommitOptions): ProposalOrRef[] {
  const byValue = options.proposals ?? []
  const references = options.references ?? committable(state, byValue, options)
  return [
    ...references.map((reference) => ({ kind: 'reference', reference }) as const),
    ...byValue.map((proposal) => ({ kind: 'proposal', proposal }) as const),
  ]
}

async function makePath(
  state: GroupState,
  applied: AppliedProposals,
  proposals: readonly CommittedProposal[],
  options: CommitOptions,
): Promise<OwnPath | undefined> {
  const required = pathRequired(options.policy, proposals)
  if (!required && options.path === 'whenRequired') {
    if (options.leaf !== undefined) fail('ARGUMENT_INVALID', 'a changed leaf needs a path')
    return undefined
  }
  // RFC 9420 §12.4: a ReInit ends the group, so fresh keys for it would be wasted.
  if (applied.reinit !== undefined && options.path === undefined && options.leaf === undefined) return undefined
  const { suite, groupContext, own } = state
  const changed = changedLeaf(state, options.leaf ?? {})
  const leafKeyPair = await suite.kem.generateKeyPair()
  const place = { groupId: groupContext.groupId, leafIndex: own.leafIndex }
  const update = await freshPath(suite, applied.tree, own.leafIndex, async (parentHash) => {
    const leafNode = await signLeafNode(
      suite,
      changed.signatureKeyPair,
      {
        ...changed.content,
        encryptionKey: leafKeyPair.publicKey,
        origin: { source: LeafNodeSource.commit, parentHash },
      },
      place,
    )
    checkSuitsGroup(leafNode, applied.extensions)
    return leafNode
  })
  const provisional = provisionalContext(suite, groupContext, update.tree, applied.extensions)
  const updatePath = await encryptPath(suite, update, encodedGroupContext(provisional), addedLeaves(applied))
  const privateKeys = new Map<number, KeyPair>([[leafToNode(own.leafIndex), leafKeyPair]])
  for (const { branch, keyPair } of update.steps) privateKeys.set(branch.nodeIndex, keyPair)
  return { ...update, updatePath, provisional, signatureKeyPair: changed.signatureKeyPair, privateKeys }
}

/** The leaves that resolutions leave out: those that the same commit adds. RFC 9420 §7.6. */
export function addedLeaves(applied: AppliedProposals): ReadonlySet<number> {
  return new Set(applied.added.map(({ leafIndex }) => leafIndex))
}

async function welcomeFor(
  next: GroupState,
  applied: AppliedProposals,
  path: PathUpdate | undefined,
  secrets: { joinerSecret: Secret; pskSecret: Secret },
  options: GroupInfoOptions,
): Promise<Uint8Array> {
  const groupInfo = await groupInfoFor(next, { ratchetTree: true, ...options })
  const welcome = await sealWelcome(next.suite, groupInfo, applied, path?.steps ?? [], secrets)
  return encodeMlsMessage({ wireFormat: WireFormat.welcome, welcome })
}
