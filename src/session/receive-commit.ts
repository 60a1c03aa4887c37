// A commit that arrives: an epoch more in the tree, if everybody can see that it is permitted. Whether the group goes there
// is another question.

import { toHex } from '../bytes.ts'
import { CoterieError, fail } from '../errors.ts'
import type { InspectedCommit } from '../group/process-commit.ts'
import { inspectCommit, processMessage } from '../group/process-message.ts'
import type { GroupState } from '../group/state.ts'
import { ProposalType, SenderType, WireFormat } from '../messages/code-points.ts'
import { decodeMlsMessage } from '../messages/mls-message.ts'
import { isDefaultProposal } from '../messages/proposal.ts'
import { confirmedTranscriptHash, interimTranscriptHash } from '../schedule/transcript.ts'
import { leafAt } from '../tree/ratchet-tree.ts'
import { type Draft, tellOfConflict } from './draft.ts'
import type { EpochNode, EpochTree, NodeId, OpenEpoch } from './epoch-tree.ts'
import { heardOf } from './peer-news.ts'
import { rendezvousOf } from './rendezvous.ts'
import { decodeCommitNote } from './requests.ts'
import { rosterOf, rosterWith } from './roster.ts'
import { sessionPolicy } from './session-policy.ts'
import type { Context } from './session-state.ts'
import { entryOf, laterOf } from './statement.ts'

/** @returns whether there was room for it; otherwise it has to wait */
export async function takeCommit(
  context: Context,
  draft: Draft,
  parent: OpenEpoch,
  message: Uint8Array,
  nowMs: number,
): Promise<boolean> {
  const { id, committer } = read(parent.state, message)
  if (draft.tree.get(id) !== undefined) return true
  if (!hasRoom(context, draft, parent, committer)) {
    draft.watch = { ...draft.watch, crowded: true }
    return false
  }
  const policy = sessionPolicy(context.wire)
  let outcome: InspectedCommit
  let state: GroupState | undefined
  try {
    const processed = await processMessage(parent.state, message, { nowMs, policy })
    if (processed.kind !== 'commit') return true
    outcome = processed
    state = processed.state
  } catch (error) {
    if (!CoterieError.is(error)) throw error
    // RFC 9420 §16.12: it may be one that others can process. If not even the public part holds, it is nobody's.
    outcome = await inspectCommit(parent.state, message, { nowMs, policy })
    draft.events.push({ type: 'rejected', error })
  }
  await enter(context, draft, parent, id, outcome, state)
  heardOf(draft, deviceAt(parent.state, outcome.committer.leafIndex), parent.height, nowMs)
  return true
}

async function enter(
  context: Context,
  draft: Draft,
  parent: OpenEpoch,
  id: NodeId,
  outcome: InspectedCommit,
  state: GroupState | undefined,
): Promise<void> {
  const { leafIndex } = outcome.committer
  const device = deviceAt(parent.state, leafIndex)
  const active = state?.status === 'active'
  const rendezvous = active ? await rendezvousOf(context.wire, state) : draft.rendezvousAt(parent.topic)
  if (active) draft.openTopic(rendezvous)
  const node: EpochNode = {
    id,
    parent: parent.id,
    height: parent.height + 1n,
    committer: leafIndex,
    removed: outcome.removed,
    device,
    ...membership(context, parent, outcome, active ? state : undefined),
    topic: rendezvous.topic.name,
    state,
    broken: state === undefined,
  }
  draft.put(node)
  draft.news = true
  const number = decodeCommitNote(outcome.authenticatedData).statement
  const statement = { device, number, path: [entryOf(node), entryOf(parent)], stuck: false, conflict: false }
  const { statements } = draft.ledgers
  const counted = laterOf(statements.get(device), statement)
  const isConflictNew = counted.conflict && statements.get(device)?.conflict !== true
  // A device that keeps to the rules commits once in an epoch.
  const isSecond = draft.tree.children(parent.id).filter((sibling) => sibling.device === device).length === 2
  if (isConflictNew || isSecond) tellOfConflict(draft, device)
  statements.set(device, counted)
}

/** Who is in the epoch that a commit begins: from its state, or from what everybody sees of the commit. */
export function membership(
  context: Context,
  parent: OpenEpoch,
  outcome: Pick<InspectedCommit, 'proposals' | 'removed'>,
  state: GroupState | undefined,
): Pick<EpochNode, 'roster' | 'readded'> {
  const removed = new Set(outcome.removed.map((leafIndex) => deviceAt(parent.state, leafIndex)))
  const added = outcome.proposals.flatMap(({ proposal }) =>
    isDefaultProposal(proposal) && proposal.proposalType === ProposalType.add
      ? [toHex(proposal.keyPackage.leafNode.signatureKey)]
      : [],
  )
  const readded = added.filter((device) => parent.roster.devices.has(device))
  if (added.length === 0 && removed.size === 0) return { roster: parent.roster, readded }
  if (state !== undefined) return { roster: rosterOf(context.wire, state), readded }
  const devices = new Set([...[...parent.roster.devices].filter((device) => !removed.has(device)), ...added])
  return { roster: rosterWith(context.wire, devices), readded }
}

/**
 * Against members who commit without end, one after the other or side by side: only so many epochs are kept that are not on the
 * way to where this device stands, those ahead of it among them. Where that is used up there is still room for one or two
 * commits of each member that begin a branch from the way, or go on from here. So this device hears of every branch, and
 * finds room on the one that it moves to.
 */
function hasRoom({ settings }: Context, { tree, counters }: Draft, parent: EpochNode, committer: number): boolean {
  if (tree.isOnPath(parent.id, counters.stand)) {
    const siblings = tree.children(parent.id).filter((node) => node.committer === committer)
    if (siblings.length < MAX_SIBLINGS) return true
  }
  return epochsBeside(tree, counters.stand) < settings.branchEpochs
}

/** How many epochs with keys are not on the way, and how many commits on epochs with keys cannot be processed. */
function epochsBeside(tree: EpochTree, stand: NodeId): number {
  let count = 0
  for (const { id } of tree.open()) {
    if (!tree.isOnPath(id, stand)) count++
    for (const { broken } of tree.children(id)) if (broken) count++
  }
  return count
}

/** How many commits of one member in one epoch there is always room for: a second one is the proof that it cheats. */
const MAX_SIBLINGS = 2

/** Who made a commit, as it says, and the epoch that it leads to, computed from its parent and the commit itself. */
function read(
  { suite, interimTranscriptHash: interim }: GroupState,
  message: Uint8Array,
): { id: NodeId; committer: number } {
  const decoded = decodeMlsMessage(message)
  if (decoded.wireFormat !== WireFormat.publicMessage) {
    return fail('FRAMING_WIRE_FORMAT', 'commits are public messages inside their frames')
  }
  const { content, auth } = decoded.publicMessage
  const { wireFormat } = decoded
  const confirmed = confirmedTranscriptHash(suite, interim, { wireFormat, content, signature: auth.signature })
  if (auth.confirmationTag === undefined) return fail('FRAMING_CONFIRMATION_TAG_MISSING', 'this is not a commit')
  const { sender } = content
  if (sender.senderType !== SenderType.member)
    return fail('GROUP_NOT_PERMITTED', 'a commit from someone who is not a member')
  return { id: toHex(interimTranscriptHash(suite, confirmed, auth.confirmationTag)), committer: sender.leafIndex }
}

export function deviceAt({ tree }: GroupState, leafIndex: number): string {
  const leafNode = leafAt(tree, leafIndex)
  return leafNode === undefined ? fail('INTERNAL_INVARIANT', 'a leaf without a member') : toHex(leafNode.signatureKey)
}
