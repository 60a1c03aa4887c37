// Whatever arrives in a group: opened, authenticated and put into effect (RFC 9420 §6, §12.4.2, §14, §15.3).

import { copyBytes, equalBytes } from '../bytes.ts'
import { fail } from '../errors.ts'
import {
  type AuthenticatedContent,
  proposalRef,
  type VerifiedContent,
  verifyContent,
} from '../framing/authenticated-content.ts'
import { openPrivate } from '../framing/private-message.ts'
import { checkPublic } from '../framing/public-message.ts'
import { ContentType, ProposalType, SenderType, WireFormat } from '../messages/code-points.ts'
import { readExternalSenders } from '../messages/extension.ts'
import type { FramedContent, PrivateMessage, PublicMessage, Sender } from '../messages/framed-content.ts'
import type { LeafNode } from '../messages/leaf-node.ts'
import { decodeMlsMessage, type MlsMessage } from '../messages/mls-message.ts'
import type { Proposal } from '../messages/proposal.ts'
import type { RatchetTree } from '../tree/ratchet-tree.ts'
import { ownCopy } from './own-copy.ts'
import type { Judgement, Judging } from './policy.ts'
import { checkCommit, type InspectedCommit, type ProcessedCommit, processCommit } from './process-commit.ts'
import { checkNewProposal } from './receive-proposal.ts'
import { senderLeaf } from './sender-leaf.ts'
import { type GroupState, type PastEpoch, proposalKey, requireActive } from './state.ts'

/** Application data with its sender as it was when it sent. */
export interface ReceivedMessage {
  readonly kind: 'application'
  readonly state: GroupState
  readonly data: Uint8Array
  readonly authenticatedData: Uint8Array
  readonly epoch: bigint
  readonly generation: number
  readonly sender: { readonly leafIndex: number; readonly leafNode: LeafNode }
}

/** A proposal, now pending. */
export interface ReceivedProposal {
  readonly kind: 'proposal'
  readonly state: GroupState
  readonly proposal: Proposal
  readonly reference: Uint8Array
  readonly sender: Sender
  readonly authenticatedData: Uint8Array
}

/** What a message did. `state` is the one to go on from. */
export type ProcessedMessage = ReceivedMessage | ReceivedProposal | ProcessedCommit

/**
 * Processes a message from the group. Any failure leaves `state` as it was; the same input from the same state always
 * gives the same result.
 * @param message - an `MLSMessage`, encoded or decoded
 * @throws CoterieError with a code that says what is wrong with the message, mostly of origin `peer`
 */
export async function processMessage(
  state: GroupState,
  message: Uint8Array | MlsMessage,
  judgement: Judgement,
): Promise<ProcessedMessage> {
  const decoded = message instanceof Uint8Array ? decodeMlsMessage(message) : ownCopy(message)
  const judging: Judging = { ...judgement, received: true }
  if (decoded.wireFormat === WireFormat.publicMessage) return processPublic(state, decoded.publicMessage, judging)
  if (decoded.wireFormat === WireFormat.privateMessage) return processPrivate(state, decoded.privateMessage, judging)
  return fail('FRAMING_WIRE_FORMAT', 'this message is for those who want to join, not for members', {
    details: { wireFormat: decoded.wireFormat },
  })
}

/**
 * Checks of a commit what every member checks with the same result: signature, membership tag, proposals, policy, and the
 * public part of the path. Whoever cannot process a commit that passes this knows that others perhaps can: RFC 9420 §16.12.
 * @param message - a PublicMessage with a commit, as an encoded `MLSMessage`
 * @throws CoterieError with a code that says what is wrong with the commit
 */
export async function inspectCommit(
  state: GroupState,
  message: Uint8Array,
  judgement: Judgement,
): Promise<InspectedCommit> {
  const decoded = decodeMlsMessage(message)
  if (decoded.wireFormat !== WireFormat.publicMessage) {
    return fail('FRAMING_WIRE_FORMAT', 'only commits in public messages can be inspected')
  }
  const authenticated = openPublic(state, decoded.publicMessage)
  const content = await verified(state, authenticated)
  const { content: body } = content.content
  if (body.contentType !== ContentType.commit) return fail('FRAMING_CONFIRMATION_TAG_MISSING', 'this is not a commit')
  const { outcome } = await checkCommit(state, content, body.commit, { ...judgement, received: true })
  return outcome
}

async function processPublic(state: GroupState, message: PublicMessage, judgement: Judging): Promise<ProcessedMessage> {
  return handshake(state, await verified(state, openPublic(state, message)), judgement)
}

function openPublic(state: GroupState, message: PublicMessage): AuthenticatedContent {
  checkGroup(state, message.content.groupId)
  checkCurrentEpoch(state, message.content.epoch)
  if (state.status === 'removed') requireActive(state)
  const authenticated = checkPublic(state.suite, message, state.secrets.membershipKey, state.groupContext)
  const { sender } = message.content
  if (sender.senderType === SenderType.member && sender.leafIndex === state.own.leafIndex) refuseOwn()
  return authenticated
}

async function processPrivate(
  state: GroupState,
  message: PrivateMessage,
  judgement: Judging,
): Promise<ProcessedMessage> {
  checkGroup(state, message.groupId)
  if (message.contentType === ContentType.application) return processApplication(state, message)
  checkCurrentEpoch(state, message.epoch)
  if (state.status === 'removed') requireActive(state)
  const keys = { secretTree: state.secretTree, senderDataSecret: state.secrets.senderDataSecret }
  const opened = openPrivate(state.suite, message, keys, state.limits, (leafIndex) => {
    if (leafIndex === state.own.leafIndex) refuseOwn()
    return senderLeaf(state.tree, leafIndex) !== undefined
  })
  const content = await verified(state, opened.authenticated)
  return handshake({ ...state, secretTree: opened.secretTree }, content, judgement)
}

async function processApplication(state: GroupState, message: PrivateMessage): Promise<ReceivedMessage> {
  const { suite, limits, own } = state
  const epoch = epochKeys(state, message.epoch)
  const opened = openPrivate(suite, message, epoch, limits, (leafIndex) => {
    if (leafIndex === own.leafIndex) refuseOwn()
    return senderLeaf(epoch.tree, leafIndex) !== undefined
  })
  const { content } = opened.authenticated
  const { leafIndex, leafNode } = memberSender(content, epoch.tree)
  await verifyContent(suite, opened.authenticated, leafNode.signatureKey, epoch.groupContext)
  if (content.content.contentType !== ContentType.application) {
    return fail('INTERNAL_INVARIANT', 'application data turned into something else')
  }
  return {
    kind: 'application',
    state: epoch.advance(opened.secretTree),
    data: content.content.applicationData,
    authenticatedData: content.authenticatedData,
    epoch: content.epoch,
    generation: opened.generation,
    sender: { leafIndex, leafNode },
  }
}

async function handshake(
  state: GroupState,
  content: VerifiedContent,
  judgement: Judging,
): Promise<ReceivedProposal | ProcessedCommit> {
  requireActive(state)
  const { content: body, sender, authenticatedData } = content.content
  if (body.contentType === ContentType.commit) return processCommit(state, content, body.commit, judgement)
  if (body.contentType !== ContentType.proposal) return fail('INTERNAL_INVARIANT', 'a handshake of another kind')
  const { proposal } = body
  await checkNewProposal(state, proposal, sender, authenticatedData, judgement)
  const reference = proposalRef(state.suite, content)
  const pending = { reference, proposal, sender, ownUpdate: undefined }
  const proposals = new Map(state.proposals).set(proposalKey(reference), pending)
  return {
    kind: 'proposal',
    state: { ...state, proposals },
    proposal,
    reference: copyBytes(reference),
    sender,
    authenticatedData,
  }
}

/** Finds the signer's key, from where RFC 9420 §6.1 says for its kind, and verifies the signature. */
function verified(state: GroupState, authenticated: AuthenticatedContent): Promise<VerifiedContent> {
  return verifyContent(state.suite, authenticated, signerKey(state, authenticated.content), state.groupContext)
}

function signerKey(state: GroupState, { sender, content }: FramedContent): Uint8Array {
  switch (sender.senderType) {
    case SenderType.member:
      return (
        senderLeaf(state.tree, sender.leafIndex)?.signatureKey ?? fail('FRAMING_SENDER', 'the sender is not a member')
      )
    case SenderType.external:
      return (
        readExternalSenders(state.groupContext.extensions)[sender.senderIndex]?.signatureKey ??
        fail('FRAMING_SENDER', 'the group has no such external sender')
      )
    case SenderType.newMemberProposal:
      if (content.contentType === ContentType.proposal && content.proposal.proposalType === ProposalType.add) {
        if ('keyPackage' in content.proposal) return content.proposal.keyPackage.leafNode.signatureKey
      }
      return fail('FRAMING_SENDER', 'who wants to become a member can only propose to be added')
    case SenderType.newMemberCommit:
      if (content.contentType === ContentType.commit && content.commit.path !== undefined) {
        return content.commit.path.leafNode.signatureKey
      }
      return fail('COMMIT_PATH_MISSING', 'an external commit must have a path')
  }
}

function checkGroup(state: GroupState, groupId: Uint8Array): void {
  if (!equalBytes(groupId, state.groupContext.groupId)) fail('GROUP_ID_MISMATCH', 'this message is for another group')
}

/** RFC 9420 §12.1, §12.4.2: handshake messages MUST be of the current epoch. */
function checkCurrentEpoch(state: GroupState, epoch: bigint): void {
  const current = state.groupContext.epoch
  const details = { epoch, current }
  if (epoch > current) fail('GROUP_EPOCH_AHEAD', 'this message is of an epoch that has not begun here', { details })
  if (epoch < current) fail('GROUP_EPOCH_PAST', 'this handshake is of an epoch that is over', { details })
}

interface EpochKeys extends PastEpoch {
  /** The state with this epoch's secret tree replaced. */
  advance(secretTree: PastEpoch['secretTree']): GroupState
}

/** The keys of the epoch in which application data was sent, with that epoch's tree and context. RFC 9420 §15.3. */
function epochKeys(state: GroupState, epoch: bigint): EpochKeys {
  const current = state.groupContext.epoch
  if (epoch > current) {
    return fail('GROUP_EPOCH_AHEAD', 'this message is of an epoch that has not begun here', {
      details: { epoch, current },
    })
  }
  if (epoch === current) {
    requireActive(state)
    return {
      groupContext: state.groupContext,
      tree: state.tree,
      senderDataSecret: state.secrets.senderDataSecret,
      secretTree: state.secretTree,
      advance: (secretTree) => ({ ...state, secretTree }),
    }
  }
  const at = state.pastEpochs.findIndex(({ groupContext }) => groupContext.epoch === epoch)
  const past = state.pastEpochs[at]
  if (past === undefined) {
    return fail('GROUP_EPOCH_PAST', "this message's epoch is over and its keys are gone", {
      details: { epoch, current },
    })
  }
  return {
    ...past,
    advance: (secretTree) => ({ ...state, pastEpochs: state.pastEpochs.with(at, { ...past, secretTree }) }),
  }
}

/** The sender as it was in the epoch of its message. */
function memberSender({ sender }: FramedContent, tree: RatchetTree): { leafIndex: number; leafNode: LeafNode } {
  const leafNode = sender.senderType === SenderType.member ? senderLeaf(tree, sender.leafIndex) : undefined
  if (sender.senderType !== SenderType.member || leafNode === undefined) {
    return fail('FRAMING_SENDER', 'application data from someone who is not a member')
  }
  return { leafIndex: sender.leafIndex, leafNode }
}

function refuseOwn(): never {
  fail('GROUP_OWN_MESSAGE', "this is the member's own message; its effect is in the state that sending returned")
}
