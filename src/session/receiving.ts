// What a frame does: opened with the key that it was made with, and put into effect there. Where the group stands is decided
// afterwards, when all frames of a call are in (following.ts).

import { toHex } from '../bytes.ts'
import { CoterieError } from '../errors.ts'
import { type Frame, isForKey, openFrame, parseFrame } from '../wire/frame.ts'
import type { Draft } from './draft.ts'
import { isOnOpenEpoch, type OpenEpoch } from './epoch-tree.ts'
import { takeMail } from './mail.ts'
import { takeMessage } from './messages.ts'
import { decodePayload, decodePointer, PayloadKind } from './payload.ts'
import type { SpilledFrame } from './peers.ts'
import { frameKey } from './publishing.ts'
import { takeCommit } from './receive-commit.ts'
import { takeLeaveRequest, takeReentryRequest, takeVote } from './receive-control.ts'
import { takeNotice } from './removal-notices.ts'
import type { Context } from './session-state.ts'

/** Takes in frames, and those that waited for what they bring. */
export async function receiveFrames(
  context: Context,
  draft: Draft,
  frames: readonly Frame[],
  nowMs: number,
): Promise<void> {
  const before = draft.tree.size
  for (const frame of frames) {
    if (!(await openAny(context, draft, frame, nowMs))) keepUnread(context, draft, frame, nowMs)
  }
  if (draft.tree.size !== before) await receiveUnread(context, draft, nowMs)
}

/** Tries again what waits for keys, as long as that brings epochs. */
export async function receiveUnread(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const { unread } = draft.ledgers
  for (let before = -1; draft.tree.size !== before && unread.size > 0; ) {
    before = draft.tree.size
    for (const [key, { topic, bytes }] of [...unread.entries()]) {
      if (!hasNewKey(context, draft, key)) continue
      // Its signature was verified when it came.
      if (await openAny(context, draft, parseFrame(context.wire, topic, bytes), nowMs)) {
        unread.delete(key)
        context.trials.forget(key)
      }
    }
  }
}

/** Whether there is a key that a frame has not been tried with. Looked at before the frame is taken apart and hashed. */
function hasNewKey({ trials }: Context, { tree, rendezvous }: Draft, name: string): boolean {
  if (tree.open().some(({ id, state }) => state.status === 'active' && trials.isNew(name, id))) return true
  for (const topic of rendezvous.keys()) if (trials.isNew(name, topic)) return true
  return false
}

/** @returns whether a key of this device opened the frame, whatever it contained */
export async function openAny(context: Context, draft: Draft, frame: Frame, nowMs: number): Promise<boolean> {
  try {
    // The most likely first: nearly all frames are of the current epoch, and most others for all branches.
    const { here } = draft
    const name = toHex(frame.id)
    const topic = toHex(frame.topicKey)
    if (topic === here.topic && isOf(context, here, frame, name)) {
      return await takeInEpoch(context, draft, here, frame, nowMs)
    }
    if (await takeFromAll(context, draft, topic, frame, name, nowMs)) return true
    const node = draft.tree
      .open()
      .find((other) => other.id !== here.id && other.topic === topic && isOf(context, other, frame, name))
    if (node !== undefined) return await takeInEpoch(context, draft, node, frame, nowMs)
    context.trials.failed(name)
    return false
  } catch (error) {
    if (!CoterieError.is(error)) throw error
    // One's own frames come back from others; they have taken effect already.
    if (error.code !== 'GROUP_OWN_MESSAGE' && error.code !== 'FRAMING_GENERATION_USED') {
      draft.events.push({ type: 'rejected', error })
    }
    return true
  }
}

async function takeInEpoch(
  context: Context,
  draft: Draft,
  node: OpenEpoch,
  frame: Frame,
  nowMs: number,
): Promise<boolean> {
  const { kind, body } = decodePayload(openFrame(context.wire, frameKey(context, node), frame))
  if (kind === PayloadKind.commit) return takeCommit(context, draft, node, body, nowMs)
  if (kind === PayloadKind.message) await takeMessage(context, draft, node, body, nowMs)
  else if (kind === PayloadKind.pointer) want(draft, frame, body)
  else if (kind === PayloadKind.mail) takeMail(draft, body)
  return true
}

/** What is said to all branches: whatever the topic's control key opens. */
async function takeFromAll(
  context: Context,
  draft: Draft,
  topic: string,
  frame: Frame,
  name: string,
  nowMs: number,
): Promise<boolean> {
  const controlKey = draft.rendezvous.get(topic)?.controlKey
  if (controlKey === undefined || !context.trials.isNew(name, topic)) return false
  if (!isForKey(context.wire, frame, controlKey)) return false
  const { kind, body } = decodePayload(openFrame(context.wire, controlKey, frame))
  let isNews = true
  if (kind === PayloadKind.vote) isNews = await takeVote(context, draft, topic, body, nowMs)
  else if (kind === PayloadKind.reentry) isNews = await takeReentryRequest(context, draft, topic, body, nowMs)
  else if (kind === PayloadKind.leave) await takeLeaveRequest(context, draft, body, nowMs)
  else if (kind === PayloadKind.removal) await takeNotice(context, draft, body)
  else if (kind === PayloadKind.pointer) want(draft, frame, body)
  // Members of other branches are heard here: there may be more of theirs.
  if (isNews && topic !== draft.here.topic) draft.sync.add(topic)
  return true
}

function want(draft: Draft, frame: Frame, body: Uint8Array): void {
  const { id, length } = decodePointer(body)
  draft.wanted.push({ topic: toHex(frame.topicKey), id, length })
}

/** @param name - the frame's */
function isOf(context: Context, node: OpenEpoch, frame: Frame, name: string): boolean {
  if (node.state.status !== 'active' || !context.trials.isNew(name, node.id)) return false
  return isForKey(context.wire, frame, frameKey(context, node))
}

/** Keeps a frame that no key opens yet: it may be of an epoch whose commit is still on its way. */
function keepUnread(context: Context, draft: Draft, frame: Frame, nowMs: number): void {
  const { unread } = draft.ledgers
  const { unreadFrames, unreadBytes } = context.settings
  const topic = toHex(frame.topicKey)
  const key = toHex(frame.id)
  if (unread.has(key)) return
  // Whoever has just come meets frames of the time before.
  const isStrange = nowMs >= draft.watch.newUntilMs
  if (isStrange) draft.watch = { ...draft.watch, strange: new Set([...draft.watch.strange, topic]) }
  // Where no epoch is whose keys are at hand, none comes by a commit either. A Welcome may lead there.
  const awaitsWelcome = draft.watch.detached || draft.here.state.status !== 'active'
  draft.counters = { ...draft.counters, arrivals: draft.counters.arrivals + 1n }
  const { arrivals: arrival } = draft.counters
  if (!awaitsWelcome && !isOnOpenEpoch(draft.tree, topic)) {
    spill(context, draft, key, { topic, arrival })
    return
  }
  unread.set(key, { topic, bytes: frame.bytes, arrival })
  let bytes = 0
  for (const { bytes: one } of unread.values()) bytes += one.length
  for (const [oldest, one] of [...unread.entries()]) {
    if (unread.size <= unreadFrames && bytes <= unreadBytes) break
    unread.delete(oldest)
    spill(context, draft, oldest, one)
    bytes -= one.bytes.length
  }
}

/** Leaves a frame in the archive, where it may be read again: see rereading.ts. Of too many, the oldest are given up. */
function spill(context: Context, draft: Draft, id: string, { topic, arrival }: SpilledFrame): void {
  const { spilled } = draft.ledgers
  context.trials.forget(id)
  spilled.set(id, { topic, arrival })
  if (spilled.size <= MAX_SPILLED) return
  const [oldest] = spilled.entries()
  if (oldest !== undefined) spilled.delete(oldest[0])
}

const MAX_SPILLED = 16_384
