// Application messages: sent, received, and sent again where the branch that they were encrypted on has lost.

import { toHex } from '../bytes.ts'
import { decodeApplicationData, encodeApplicationData } from '../content/application-data.ts'
import { decodeMessageContent, encodeMessageContent, messageId } from '../content/message-content.ts'
import { fail } from '../errors.ts'
import { encryptMessage } from '../group/application.ts'
import { processMessage, type ReceivedMessage } from '../group/process-message.ts'
import { readDeviceCredential } from '../identity/device-credential.ts'
import type { LeafNode } from '../messages/leaf-node.ts'
import { leafAt } from '../tree/ratchet-tree.ts'
import { acknowledgementsFor, noteReceived, takeAcknowledgements } from './acknowledgements.ts'
import { type Draft, tellOfConflict } from './draft.ts'
import type { DeviceId, OpenEpoch } from './epoch-tree.ts'
import { identityOf } from './group-profile.ts'
import { encodeStoredMessage, type StoredMessage } from './message-record.ts'
import { requireMember } from './own-membership.ts'
import { NOWHERE, type OutboxEntry } from './own-work.ts'
import { PayloadKind } from './payload.ts'
import { heardOf } from './peer-news.ts'
import { publish } from './publishing.ts'
import { contains } from './ranges.ts'
import { type Context, messageKey } from './session-state.ts'

/** @throws CoterieError `MESSAGE_TOO_LARGE`, `GROUP_REMOVED` (caller) */
export async function sendMessage(
  context: Context,
  draft: Draft,
  body: Uint8Array,
  nowMs: number,
): Promise<StoredMessage> {
  const node = draft.here
  requireMember(context, draft)
  const { counters } = draft
  const lamport = nextLamport(counters.lamport, node.height)
  const content = { seq: counters.nextSeq, previous: counters.lastMessage, lamport, sentAtMs: nowMs, body }
  const bytes = encodeMessageContent(content)
  const id = messageId(context.wire, context.groupId, context.device.publicKey, bytes)
  const place = counters.nextPlace
  const message = { id, content, place, deviceKey: context.device.publicKey, ...senderOf(ownLeaf(node)) }
  draft.log.push({ op: 'log', place, value: encodeStoredMessage(message) })
  draft.counters = { ...counters, nextSeq: counters.nextSeq + 1n, lastMessage: id, lamport, nextPlace: place + 1 }
  const entry = { seq: content.seq, id, content: bytes, publishedAtMs: undefined, sentAtMs: nowMs }
  if (node.state.status === 'active') {
    await encryptEntries(context, draft, [{ ...entry, node: node.id, height: node.height }], nowMs)
  } else {
    // The group has given this device a new leaf. It is sent from there, when the Welcome has come.
    draft.ledgers.outbox.set(`${content.seq}`, { ...entry, node: NOWHERE, height: node.height })
  }
  // In a group of one nobody is waited for.
  if (node.roster.devices.size === 1) draft.ledgers.outbox.delete(`${content.seq}`)
  return message
}

/** Encrypts messages of the outbox in the current epoch, together. */
export async function encryptEntries(
  context: Context,
  draft: Draft,
  entries: readonly OutboxEntry[],
  nowMs: number,
): Promise<void> {
  const { id: node, height } = draft.here
  await encrypt(context, draft, entries, nowMs)
  for (const entry of entries) draft.ledgers.outbox.set(`${entry.seq}`, { ...entry, node, height, sentAtMs: nowMs })
}

/** Tells what was received, without a message. */
export async function acknowledge(context: Context, draft: Draft, nowMs: number): Promise<void> {
  await encrypt(context, draft, [], nowMs)
}

async function encrypt(
  context: Context,
  draft: Draft,
  entries: readonly Pick<OutboxEntry, 'id' | 'content'>[],
  nowMs: number,
): Promise<void> {
  const node = draft.here
  const messages = entries.map(({ content }) => content)
  const data = encodeApplicationData({ messages, acknowledgements: acknowledgementsFor(draft, node) })
  const sent = await encryptMessage(node.state, data)
  const after = { ...node, state: sent.state }
  draft.put(after)
  const ids = entries.map(({ id }) => id)
  await publish(context, draft, after, PayloadKind.message, sent.message, nowMs, ids)
}

export async function takeMessage(
  context: Context,
  draft: Draft,
  node: OpenEpoch,
  message: Uint8Array,
  nowMs: number,
): Promise<void> {
  const processed = await processMessage(node.state, message, { nowMs })
  if (processed.kind !== 'application') return
  draft.put({ ...node, state: processed.state })
  const { messages, acknowledgements } = decodeApplicationData(processed.data)
  const device = toHex(processed.sender.leafNode.signatureKey)
  heardOf(draft, device, node.height, nowMs)
  takeAcknowledgements(context, draft, node, device, acknowledgements, nowMs)
  for (const content of messages) deliver(context, draft, processed, device, content, nowMs)
}

/** Enters a message in the log, once: it may have been encrypted more than once. */
function deliver(
  context: Context,
  draft: Draft,
  received: ReceivedMessage,
  device: DeviceId,
  bytes: Uint8Array,
  nowMs: number,
): void {
  const content = decodeMessageContent(bytes)
  const { leafNode } = received.sender
  const id = messageId(context.wire, context.groupId, leafNode.signatureKey, bytes)
  const key = `${device}/${content.seq}`
  const recent = draft.ledgers.recent.get(key)
  const known = contains(draft.ledgers.received.get(device) ?? [], content.seq)
  noteReceived(context, draft, device, content.seq, nowMs)
  const isTwin = draft.ledgers.recent.has(`${key}/${messageKey(id)}`)
  if (recent?.id === messageKey(id) || isTwin || (known && recent === undefined)) return
  // Two messages under one number: both are shown, so that nobody lacks what others have.
  if (recent !== undefined) tellOfConflict(draft, device)
  const { nextPlace: place, lamport: clock } = draft.counters
  const message = { id, content, place, deviceKey: leafNode.signatureKey, ...senderOf(leafNode) }
  remember(draft, recent === undefined ? key : `${key}/${messageKey(id)}`, messageKey(id), place)
  // Nobody can push the clock to where it ends.
  const most = (draft.here.height + MAX_AHEAD) << EPOCH_BITS
  const lamport = content.lamport > clock && content.lamport < most ? content.lamport : clock
  draft.counters = { ...draft.counters, nextPlace: place + 1, lamport }
  draft.log.push({ op: 'log', place, value: encodeStoredMessage(message) })
  draft.events.push({ type: 'message', message })
}

function remember(draft: Draft, key: string, id: string, place: number): void {
  const { recent } = draft.ledgers
  recent.set(key, { id, place })
  for (const [oldest] of recent.entries()) {
    if (recent.size <= MAX_RECENT) break
    recent.delete(oldest)
  }
}

function senderOf(leafNode: LeafNode): Pick<StoredMessage, 'sender' | 'senderName'> {
  return { sender: identityOf(leafNode), senderName: readDeviceCredential(leafNode.credential).name }
}

function ownLeaf({ state }: OpenEpoch): LeafNode {
  return leafAt(state.tree, state.own.leafIndex) ?? fail('INTERNAL_INVARIANT', 'a member has no leaf of its own')
}

/** Later than everything that was seen, and than everything of earlier epochs, which newcomers have not seen. */
function nextLamport(seen: bigint, epoch: bigint): bigint {
  const first = epoch << EPOCH_BITS
  return seen >= first ? seen + 1n : first
}

/** Messages that an epoch has room for in the logical clock, as a power of two. */
const EPOCH_BITS = 32n

/** How many epochs a message's logical clock may be ahead of this device. */
const MAX_AHEAD = 1_000_000n

/** How many messages are remembered by their ids; of older ones it is known that they came. */
const MAX_RECENT = 4_096
