// Proposals that a member sends on their own (RFC 9420 §12.1).

import { copyBytes } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import { fail } from '../errors.ts'
import { proposalRef } from '../framing/authenticated-content.ts'
import { ContentType, LeafNodeSource, ProposalType } from '../messages/code-points.ts'
import { type LeafNodeContent, signLeafNode } from '../messages/leaf-node.ts'
import type { Proposal } from '../messages/proposal.ts'
import { checkUpdate } from './apply-proposals.ts'
import { framed, protect, type SendOptions, type SentMessage, signAsMember } from './handshake.ts'
import { type LeafOptions, leafContent } from './key-packages.ts'
import { checkSuitsGroup } from './leaf-checks.ts'
import { ownCopy, ownKeyPair, ownOptions } from './own-copy.ts'
import type { Judgement } from './policy.ts'
import { checkFits } from './proposal-fit.ts'
import { checkNewProposal } from './receive-proposal.ts'
import { type GroupState, type OwnUpdate, ownLeafNode, proposalKey, requireActive } from './state.ts'

/** How a proposal is sent, and what its own checks are given. */
export interface ProposeOptions extends SendOptions, Judgement {}

/** A proposal that was sent on its own, now pending. */
export interface SentProposal extends SentMessage {
  /** Names the proposal in a commit. */
  readonly reference: Uint8Array
}

/** Sends a proposal other than an Update: see `proposeUpdate` for that. */
export async function propose(state: GroupState, proposal: Proposal, options: ProposeOptions): Promise<SentProposal> {
  requireActive(state)
  return proposeOwn(state, ownCopy(proposal), ownOptions(options, 'policy'))
}

async function proposeOwn(state: GroupState, proposal: Proposal, options: ProposeOptions): Promise<SentProposal> {
  if (proposal.proposalType === ProposalType.update || proposal.proposalType === ProposalType.externalInit) {
    fail('ARGUMENT_INVALID', 'proposeUpdate makes Updates, and joinExternal makes ExternalInits')
  }
  const { sender, authenticatedData } = framed(state, { contentType: ContentType.proposal, proposal }, options)
  await checkNewProposal(state, proposal, sender, authenticatedData, options)
  checkFits(state, { proposal, sender })
  return send(state, proposal, undefined, options)
}

/**
 * Proposes to replace this member's leaf: fresh encryption key, and whatever `changes` says.
 * The new keys are used once somebody has committed the Update.
 */
export async function proposeUpdate(
  state: GroupState,
  options: ProposeOptions,
  changes: Partial<LeafOptions> = {},
): Promise<SentProposal> {
  requireActive(state)
  const sending = ownOptions(options, 'policy')
  const { suite, groupContext, own } = state
  const { content, signatureKeyPair } = changedLeaf(state, ownCopy(changes))
  const encryptionKeyPair = await suite.kem.generateKeyPair()
  const place = { groupId: groupContext.groupId, leafIndex: own.leafIndex }
  const leafNode = await signLeafNode(
    suite,
    signatureKeyPair,
    { ...content, encryptionKey: encryptionKeyPair.publicKey, origin: { source: LeafNodeSource.update } },
    place,
  )
  checkUpdate(suite, leafNode, ownLeafNode(state))
  checkSuitsGroup(leafNode, groupContext.extensions)
  const proposal = { proposalType: ProposalType.update, leafNode }
  return send(state, proposal, { encryptionKeyPair, signatureKeyPair }, sending)
}

/** The own leaf's content with some of it changed, and the key pair to sign it with. */
export function changedLeaf(
  state: GroupState,
  changes: Partial<LeafOptions>,
): { content: Omit<LeafNodeContent, 'encryptionKey' | 'origin'>; signatureKeyPair: KeyPair } {
  const current = ownLeafNode(state)
  const signatureKeyPair = changes.signatureKeyPair ? ownKeyPair(changes.signatureKeyPair) : state.own.signatureKeyPair
  const content = leafContent(state.suite, {
    // The leaf lists its own already.
    grease: false,
    credential: changes.credential ?? current.credential,
    capabilities: { ...current.capabilities, ...changes.capabilities },
    leafExtensions: changes.leafExtensions ?? current.extensions,
    signatureKeyPair,
  })
  return { content, signatureKeyPair }
}

/** Takes proposals back out of a state: those that the application finds invalid, or all. Nobody else is told. */
export function discardProposals(state: GroupState, references?: readonly Uint8Array[]): GroupState {
  const proposals = new Map(references === undefined ? [] : state.proposals)
  for (const reference of references ?? []) proposals.delete(proposalKey(reference))
  return { ...state, proposals }
}

async function send(
  state: GroupState,
  proposal: Proposal,
  ownUpdate: OwnUpdate | undefined,
  options: ProposeOptions,
): Promise<SentProposal> {
  const content = framed(state, { contentType: ContentType.proposal, proposal }, options)
  const signature = await signAsMember(state, content, options)
  const sent = protect(state, content, { signature, confirmationTag: undefined }, options)
  const reference = proposalRef(state.suite, sent.authenticated)
  const pending = { reference, proposal, sender: content.sender, ownUpdate }
  const proposals = new Map(state.proposals).set(proposalKey(reference), pending)
  return { state: { ...sent.state, proposals }, message: sent.message, reference: copyBytes(reference) }
}
