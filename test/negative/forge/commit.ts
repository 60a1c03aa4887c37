// Commits by members and by joiners that break whatever rule they are told to break, and are sound in everything else:
// tree, transcript, key schedule and tags are computed from what the commit really says (RFC 9420 §12.4).

import type { Secret } from '../../../src/crypto/secret.ts'
import { beginEpoch, findPsks, provisionalContext } from '../../../src/group/epoch.ts'
import { type LeafOptions, leafContent } from '../../../src/group/key-packages.ts'
import type { PskLookup } from '../../../src/group/policy.ts'
import { changedLeaf } from '../../../src/group/propose.ts'
import type { GroupState } from '../../../src/group/state.ts'
import { ContentType, ProposalType, SenderType, WireFormat } from '../../../src/messages/code-points.ts'
import type { ProposalOrRef, UpdatePath } from '../../../src/messages/commit.ts'
import type { Sender } from '../../../src/messages/framed-content.ts'
import type { GroupContext } from '../../../src/messages/group-context.ts'
import type { Proposal } from '../../../src/messages/proposal.ts'
import { externalInitSend, externalKeyPair, zeroSecret } from '../../../src/schedule/key-schedule.ts'
import { leftmostBlankLeaf, type RatchetTree } from '../../../src/tree/ratchet-tree.ts'
import { applyUnchecked, byValue, committed, type Outcome } from './apply.ts'
import { type FramingTampering, frame, type HandshakeFormat, seal, signFramed } from './message.ts'
import { type ForgedPath, forgePath, type PathMaker, type PathTampering, sealPath } from './path.ts'

/** What a forged commit says, and where it is tampered with. */
export interface CommitForgery {
  /** By value. */
  readonly proposals?: readonly Proposal[]
  /** References, before the proposals by value. */
  readonly references?: readonly Uint8Array[]
  readonly wireFormat?: HandshakeFormat
  /** Default: there is one. */
  readonly path?: PathTampering | 'none'
  readonly framing?: FramingTampering
  /** Changes what the proposals did, before the path is put on it. */
  readonly outcome?: (outcome: Outcome) => Outcome
  /** The order in which PSKs enter the key schedule, if not that of the proposals. */
  readonly pskOrder?: (ids: Outcome['psks']) => Outcome['psks']
  /** The commit as it is framed, with the path that it really has. */
  readonly said?: (commit: { proposals: readonly ProposalOrRef[]; path: UpdatePath | undefined }) => {
    proposals: readonly ProposalOrRef[]
    path: UpdatePath | undefined
  }
  readonly psks?: PskLookup
}

/** A forged commit, with what it takes to welcome the members that it adds. */
export interface ForgedCommit {
  readonly message: Uint8Array
  readonly epochAuthenticator: Uint8Array
  readonly groupContext: GroupContext
  readonly tree: RatchetTree
  readonly joinerSecret: Secret
  readonly path: ForgedPath | undefined
  readonly outcome: Outcome
}

/** A member's commit. */
export async function forgeCommit(state: GroupState, forgery: CommitForgery = {}): Promise<ForgedCommit> {
  const sender = { senderType: SenderType.member, leafIndex: state.own.leafIndex }
  const { content, signatureKeyPair } = changedLeaf(state, {})
  const place = { groupId: state.groupContext.groupId, leafIndex: state.own.leafIndex }
  return forgeAs(state, sender, state.secrets.initSecret, () => ({ place, content, signatureKeyPair }), forgery)
}

/** What an external commit says beside what every commit does. */
export interface ExternalForgery extends CommitForgery {
  /** Instead of one ExternalInit before the other proposals. */
  readonly inits?: (init: Proposal) => readonly Proposal[]
  /** Which leaf the joiner takes. Default: the leftmost blank one. */
  readonly leafIndex?: number
}

/**
 * An external commit.
 * @param state - of any member: stands for what a joiner learns from a GroupInfo
 */
export async function forgeExternalCommit(
  state: GroupState,
  joiner: LeafOptions,
  forgery: ExternalForgery = {},
): Promise<ForgedCommit> {
  const { suite, groupContext } = state
  const { publicKey } = await externalKeyPair(suite, state.secrets.externalSecret)
  const { initSecret, kemOutput } = await externalInitSend(suite, publicKey)
  const init: Proposal = { proposalType: ProposalType.externalInit, kemOutput }
  const proposals = [...(forgery.inits?.(init) ?? [init]), ...(forgery.proposals ?? [])]
  const sender: Sender = { senderType: SenderType.newMemberCommit }
  const maker = (tree: RatchetTree): PathMaker => ({
    place: { groupId: groupContext.groupId, leafIndex: forgery.leafIndex ?? leftmostBlankLeaf(tree).leafIndex },
    signatureKeyPair: joiner.signatureKeyPair,
    content: leafContent(suite, joiner),
  })
  const framing = { signer: joiner.signatureKeyPair, ...forgery.framing }
  return forgeAs(state, sender, initSecret, maker, { ...forgery, proposals, framing })
}

async function forgeAs(
  state: GroupState,
  sender: Sender,
  initSecret: Secret,
  makerIn: (tree: RatchetTree) => PathMaker,
  forgery: CommitForgery,
): Promise<ForgedCommit> {
  const { suite, groupContext } = state
  const wireFormat = forgery.wireFormat ?? WireFormat.publicMessage
  const references = (forgery.references ?? []).map((reference) => ({ kind: 'reference', reference }) as const)
  const list = [...references, ...byValue(forgery.proposals ?? [])]
  const applied = applyUnchecked(state, committed(state, list, sender))
  const outcome = forgery.outcome?.(applied) ?? applied
  const before = sender.senderType === SenderType.member ? outcome.tree : leftmostBlankLeaf(outcome.tree).tree
  const tampering = forgery.path === 'none' ? undefined : (forgery.path ?? {})
  const path = tampering && (await forgePath(suite, before, makerIn(before), tampering))
  const tree = path?.tree ?? outcome.tree
  const provisional = provisionalContext(suite, groupContext, tree, outcome.extensions)
  const added = new Set(outcome.added.map(({ leafIndex }) => leafIndex))
  const updatePath = path && (await sealPath(suite, path, provisional, added, tampering))
  const honest = { proposals: list, path: updatePath }
  const commit = forgery.said?.(honest) ?? honest

  const framing = { sender, ...forgery.framing }
  const content = frame(state, { contentType: ContentType.commit, commit }, framing)
  const signature = await signFramed(state, wireFormat, content, framing)
  const ids = forgery.pskOrder?.(outcome.psks) ?? outcome.psks
  const epoch = beginEpoch(suite, {
    provisional,
    tree,
    interimTranscriptHash: state.interimTranscriptHash,
    initSecret,
    commitSecret: path?.commitSecret ?? zeroSecret(suite),
    psks: await findPsks(state, ids, forgery.psks),
    commit: { wireFormat, content, signature },
  })
  const auth = { signature, confirmationTag: epoch.confirmationTag }
  return {
    message: seal(state, wireFormat, content, auth, framing),
    epochAuthenticator: epoch.secrets.epochAuthenticator.bytes.slice(),
    groupContext: epoch.groupContext,
    tree,
    joinerSecret: epoch.joinerSecret,
    path,
    outcome,
  }
}
