// What a frame does: opened with the key of the epoch that it was made in, and put into effect there.

import { toHex } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { decodeMessageContent, messageId } from '../content/message-content.ts'
import { CoterieError, fail } from '../errors.ts'
import type { ProcessedCommit } from '../group/process-commit.ts'
import { processMessage, type ReceivedMessage } from '../group/process-message.ts'
import { readDeviceCredential } from '../identity/device-credential.ts'
import { WireFormat } from '../messages/code-points.ts'
import { decodeMlsMessage } from '../messages/mls-message.ts'
import { confirmedTranscriptHash, interimTranscriptHash } from '../schedule/transcript.ts'
import { leafAt } from '../tree/ratchet-tree.ts'
import { type Frame, isForKey, openFrame } from '../wire/frame.ts'
import type { EpochNode, NodeId } from './epoch-tree.ts'
import { commitRank } from './fork-choice.ts'
import { identityOf } from './group-profile.ts'
import { followHead } from './head.ts'
import { encodeStoredMessage } from './message-record.ts'
import { decodePayload, PayloadKind } from './payload.ts'
import { frameKey } from './publishing.ts'
import { rendezvousOf } from './rendezvous.ts'
import { sessionPolicy } from './session-policy.ts'
import { type Draft, messageKey, type SessionContext } from './session-state.ts'

/** How many frames that no key opens are remembered: they may be of an epoch whose commit is still on its way. */
const MAX_UNREAD = 512

/** Takes in a frame, and those that waited for what it brought. */
export async function receiveFrame(context: SessionContext, draft: Draft, frame: Frame, nowMs: number): Promise<void> {
  const waiting = [frame]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const before = draft.tree
    if (!(await open(context, draft, next, nowMs))) draft.unread = [...draft.unread, next].slice(-MAX_UNREAD)
    // Not by their number: where one epoch comes, an old one may go.
    const hasNewEpoch = draft.tree.nodes.some(({ id }) => before.get(id) === undefined)
    if (hasNewEpoch) waiting.push(...draft.unread.splice(0))
  }
}

/** Whether a key of this device opened the frame, whatever it contained. */
async function open(context: SessionContext, draft: Draft, frame: Frame, nowMs: number): Promise<boolean> {
  const node = epochOf(context, draft, frame)
  if (node === undefined) return false
  const key = frameKey(node.state)
  try {
    const { kind, body } = decodePayload(openFrame(context.wire, key, frame))
    if (kind === PayloadKind.commit) await takeCommit(context, draft, node, body, nowMs)
    else await takeMessage(context, draft, node, body, nowMs)
  } catch (error) {
    if (!CoterieError.is(error)) throw error
    // One's own frames come back from others; they have taken effect already.
    if (error.code !== 'GROUP_OWN_MESSAGE' && error.code !== 'FRAMING_GENERATION_USED') {
      draft.events.push({ type: 'rejected', error })
    }
  } finally {
    key.wipe()
  }
  return true
}

function epochOf(context: SessionContext, draft: Draft, frame: Frame): EpochNode | undefined {
  // The head first: nearly all frames are for it.
  const head = draft.tree.at(draft.head)
  for (const node of [head, ...draft.tree.nodes.filter(({ id }) => id !== head.id)]) {
    if (node.state.status !== 'active') continue
    const key = frameKey(node.state)
    const found = isForKey(context.wire, frame, key)
    key.wipe()
    if (found) return node
  }
  return undefined
}

async function takeCommit(
  context: SessionContext,
  draft: Draft,
  parent: EpochNode,
  message: Uint8Array,
  nowMs: number,
): Promise<void> {
  const id = childId(parent, message)
  if (draft.tree.get(id) !== undefined) return
  const policy = sessionPolicy(context.wire.signature)
  const processed = await processMessage(parent.state, message, { nowMs, policy })
  if (processed.kind !== 'commit') return
  const { groupContext } = parent.state
  const { leafIndex } = processed.committer
  const device = deviceOf(parent, leafIndex)
  draft.tree = draft.tree.with({
    id,
    parent: parent.id,
    height: parent.height + 1n,
    rendezvous: await rendezvousOf(context.wire, processed.state),
    state: processed.state,
    committer: device,
    rank: commitRank(context.wire, groupContext.groupId, groupContext.epoch, leafIndex),
  })
  noteStatement(draft, device, processed, id)
  await followHead(context, draft, nowMs)
}

/** A device's latest statement counts: here, that it stands where its latest commit leads. */
function noteStatement(draft: Draft, device: string, processed: ProcessedCommit, node: NodeId): void {
  const number = decode((reader) => reader.uint64(), processed.authenticatedData)
  const known = draft.counters.statements.get(device)
  if (known !== undefined && known.number >= number) return
  const statements = new Map(draft.counters.statements).set(device, { number, node })
  draft.counters = { ...draft.counters, statements }
}

/** The epoch that a commit leads to, computed from its parent and the commit itself. */
function childId(parent: EpochNode, message: Uint8Array): NodeId {
  const decoded = decodeMlsMessage(message)
  if (decoded.wireFormat !== WireFormat.publicMessage) {
    return fail('FRAMING_WIRE_FORMAT', 'commits are public messages inside their frames')
  }
  const { content, auth } = decoded.publicMessage
  const { suite, interimTranscriptHash: interim } = parent.state
  const { wireFormat } = decoded
  const confirmed = confirmedTranscriptHash(suite, interim, { wireFormat, content, signature: auth.signature })
  if (auth.confirmationTag === undefined) return fail('FRAMING_CONFIRMATION_TAG_MISSING', 'this is not a commit')
  return toHex(interimTranscriptHash(suite, confirmed, auth.confirmationTag))
}

async function takeMessage(
  context: SessionContext,
  draft: Draft,
  node: EpochNode,
  message: Uint8Array,
  nowMs: number,
): Promise<void> {
  const processed = await processMessage(node.state, message, { nowMs })
  if (processed.kind !== 'application') return
  draft.tree = draft.tree.with({ ...node, state: processed.state })
  deliver(context, draft, processed)
}

/** Enters a message in the log, once: it may have been encrypted more than once. */
function deliver(context: SessionContext, draft: Draft, received: ReceivedMessage): void {
  const content = decodeMessageContent(received.data)
  const { leafNode } = received.sender
  const deviceKey = leafNode.signatureKey
  const id = messageId(context.wire, received.state.groupContext.groupId, deviceKey, received.data)
  if (draft.known.has(messageKey(id))) return
  const { nextPlace: place, lamport: clock } = draft.counters
  const { name } = readDeviceCredential(leafNode.credential)
  const message = { id, content, sender: identityOf(leafNode), senderName: name, deviceKey, place }
  draft.known.set(messageKey(id), place)
  draft.counters = { ...draft.counters, nextPlace: place + 1 }
  if (content.lamport > clock) draft.counters = { ...draft.counters, lamport: content.lamport }
  draft.log.push({ op: 'log', place, value: encodeStoredMessage(message) })
  draft.events.push({ type: 'message', message })
}

function deviceOf(node: EpochNode, leafIndex: number): string {
  const leafNode = leafAt(node.state.tree, leafIndex)
  return leafNode === undefined ? '' : toHex(leafNode.signatureKey)
}
