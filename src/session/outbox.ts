// This device's messages until everybody has them: encrypted again where the branch that they were on has lost, and where
// somebody shows that they cannot have reached them.

import { toHex } from '../bytes.ts'
import { entriesOf, forgetDelivered, tellDelivery } from './deliveries.ts'
import type { Draft } from './draft.ts'
import type { DeviceId } from './epoch-tree.ts'
import { encryptEntries } from './messages.ts'
import { NOWHERE, type OutboxEntry } from './own-work.ts'
import { acknowledgeWithinMs } from './peer-news.ts'
import type { Peer } from './peers.ts'
import { contains, countOf, lastOf, without } from './ranges.ts'
import type { Context, Watch } from './session-state.ts'

/** Sends again what is called for, and forgets what everybody has. */
export async function tendOutbox(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const { outbox } = draft.ledgers
  if (outbox.size === 0 || draft.here.state.status !== 'active') {
    if (draft.watch.outboxAtMs.size > 0 || draft.watch.heldUntilMs !== undefined) {
      draft.watch = { ...draft.watch, outboxAtMs: new Map(), heldUntilMs: undefined, strayed: true }
    }
    return
  }
  const again = new Map<string, OutboxEntry>()
  lookAgain(draft, nowMs)
  const { heldUntilMs, strayed } = draft.watch
  const released = heldUntilMs !== undefined && heldUntilMs <= nowMs
  if (released || strayed)
    draft.watch = { ...draft.watch, heldUntilMs: released ? undefined : heldUntilMs, strayed: false }
  // Going on from where it was written, a message stays on the way.
  if (strayed || released || (draft.moved && heldUntilMs !== undefined)) {
    for (const [key, entry] of lostEntries(context, draft, nowMs)) again.set(key, entry)
  }
  for (const device of draft.outboxNews) {
    const peer = draft.ledgers.peers.get(device)
    if (peer === undefined || !draft.here.roster.devices.has(device)) continue
    const lacking = [...unacknowledgedBy(draft, peer)]
    const last = lacking.map(([, { seq }]) => seq).reduce(later, -1n)
    for (const [key, entry] of lacking) {
      const dueMs =
        lacksSinceMs(context, draft.watch, device, peer, entry) ??
        (entry.seq === last ? asksSinceMs(context, draft, peer, entry) : undefined)
      if (dueMs === undefined) continue
      if (dueMs > nowMs) draft.wakeForOutbox(device, dueMs)
      else if (isOnWay(draft, entry) || !isHeld(context, draft, entry, nowMs)) again.set(key, entry)
    }
  }
  await sendAgain(context, draft, again, nowMs)
  forgetDelivered(context, draft, nowMs)
}

/** The oldest first, and not too many at once: what is left has its turn when others had theirs. */
async function sendAgain(
  context: Context,
  draft: Draft,
  again: ReadonlyMap<string, OutboxEntry>,
  nowMs: number,
): Promise<void> {
  const entries = [...again.values()].sort((a, b) => (a.seq < b.seq ? -1 : 1))
  if (entries.length === 0) return
  const times = new Map([...draft.watch.again].filter(([seq]) => draft.ledgers.outbox.get(`${seq}`) !== undefined))
  for (const { seq } of entries.slice(0, MAX_AGAIN)) times.set(seq, (times.get(seq) ?? -1) + 1)
  draft.watch = { ...draft.watch, again: times }
  for (const some of together(entries.slice(0, MAX_AGAIN))) await encryptEntries(context, draft, some, nowMs)
  if (entries.length <= MAX_AGAIN) return
  draft.watch = { ...draft.watch, strayed: true }
  for (const device of draft.here.roster.devices) draft.wakeForOutbox(device, nowMs)
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

/** In one message each, as long as that is no larger than what travels well. */
function together(entries: readonly OutboxEntry[]): OutboxEntry[][] {
  const groups: OutboxEntry[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const entry of entries) {
    bytes += entry.content.length
    if (bytes > MAX_TOGETHER_BYTES) {
      groups.push([])
      bytes = entry.content.length
    }
    groups.at(-1)?.push(entry)
  }
  return groups
}

/** Devices whose time has come. */
function lookAgain(draft: Draft, nowMs: number): void {
  const due = [...draft.watch.outboxAtMs].filter(([, atMs]) => atMs <= nowMs)
  if (due.length === 0) return
  const left = new Map(draft.watch.outboxAtMs)
  for (const [device] of due) {
    left.delete(device)
    draft.outboxNews.add(device)
  }
  draft.watch = { ...draft.watch, outboxAtMs: left }
}

/** What of the outbox a device has not acknowledged. */
function* unacknowledgedBy(draft: Draft, peer: Peer): Generator<readonly [string, OutboxEntry], void, undefined> {
  const { outbox } = draft.ledgers
  const last = draft.counters.nextSeq - 1n
  const lacking = peer.from > last ? [] : without([{ first: peer.from, last }], peer.acknowledged)
  if (countOf(lacking) < outbox.size) {
    yield* entriesOf(draft, lacking)
    return
  }
  for (const [key, entry] of outbox.entries()) if (contains(lacking, entry.seq)) yield [key, entry]
}

/** Messages have gone to somebody. */
export function notePublished(context: Context, draft: Draft, messageIds: readonly Uint8Array[], nowMs: number): void {
  for (const id of messageIds) {
    const [key, entry] = draft.ledgers.outbox.find(toHex(id)) ?? []
    if (key === undefined || entry === undefined || entry.publishedAtMs !== undefined) continue
    const published = { ...entry, publishedAtMs: nowMs }
    draft.ledgers.outbox.set(key, published)
    tellDelivery(context, draft, key, published)
  }
}

/** Messages that the branch where this device stands lacks. */
function lostEntries(context: Context, draft: Draft, nowMs: number): Map<string, OutboxEntry> {
  const lost = new Map<string, OutboxEntry>()
  const onWay = new Map<string, boolean>()
  for (const [key, entry] of draft.ledgers.outbox.entries()) {
    const isSo = onWay.get(entry.node) ?? isOnWay(draft, entry)
    onWay.set(entry.node, isSo)
    if (!isSo && !isHeld(context, draft, entry, nowMs)) lost.set(key, entry)
  }
  return lost
}

/** Whether a message was encrypted last in an epoch on the way to where this device stands. */
function isOnWay({ tree, counters }: Draft, { node, height }: OutboxEntry): boolean {
  // What was written before all epochs that are remembered is on the way, or whoever came back to another one asks for it.
  const isOlderThanAll = node !== NOWHERE && height < tree.at(tree.root).height && tree.get(node) === undefined
  return isOlderThanAll || tree.isOnPath(node, counters.stand)
}

/** Whom the lost branch had removed, the winning one is about to remove: until then the message is not for them. */
function isHeld({ settings }: Context, draft: Draft, entry: OutboxEntry, nowMs: number): boolean {
  const untilMs = entry.sentAtMs + settings.holdMs
  if (nowMs >= untilMs || !hasUninvited(draft, entry)) return false
  draft.hold(untilMs)
  return true
}

/** Whether somebody would read a message whom the branch that it was written on had removed. */
function hasUninvited(draft: Draft, entry: OutboxEntry): boolean {
  const written = draft.tree.get(entry.node)
  if (written === undefined) return false
  const before = draft.tree.meeting(written.id, draft.counters.stand)
  for (const device of draft.here.roster.devices) {
    if (before.roster.devices.has(device) && !written.roster.devices.has(device)) return true
  }
  return false
}

/** Since when it is plain that a device cannot have a message; undefined where it may yet come to it. */
function lacksSinceMs(
  { settings }: Context,
  { awaited, again }: Watch,
  device: DeviceId,
  peer: Peer,
  entry: OutboxEntry,
): number | undefined {
  // It came back with new keys, and tells what it has.
  if (peer.joined > entry.height) return Math.max(entry.sentAtMs, awaited.get(device) ?? 0)
  // What does not help is done more and more rarely.
  const gapMs = settings.gapMs * 2 ** Math.min(again.get(entry.seq) ?? 0, MOST_DOUBLINGS)
  // It has later ones, and has come to where this one was sent last.
  if (lastOf(peer.acknowledged) > entry.seq && peer.height >= entry.height) return entry.sentAtMs + gapMs
  // It has given up those of the message's epoch; but what it says of itself may come before what it says of messages.
  if (peer.height > entry.height + BigInt(settings.retainedEpochs))
    return Math.max(entry.sentAtMs, peer.heardAtMs) + gapMs
  return undefined
}

/**
 * Since when it is in doubt whether a device can have the last message that it has not acknowledged, although something was heard of
 * it after that was sent. It may have been further for a while, where nobody heard it, and have given up the message's keys. Once it
 * acknowledges this one, it is plain which others it lacks.
 */
function asksSinceMs(context: Context, draft: Draft, peer: Peer, entry: OutboxEntry): number | undefined {
  const { gapMs, retainedEpochs } = context.settings
  if (peer.heardAtMs <= entry.sentAtMs) return undefined
  // Whoever is far behind is about to be added again.
  if (peer.height + BigInt(retainedEpochs) < draft.here.height) return undefined
  const times = Math.min(draft.watch.again.get(entry.seq) ?? 0, MOST_DOUBLINGS)
  return Math.max(entry.sentAtMs + acknowledgeWithinMs(context, draft) + gapMs * 2 ** times, peer.heardAtMs + gapMs)
}

/** How often the time doubles that lies between two times that a message is sent again. */
const MOST_DOUBLINGS = 8

/** How much is sent again in one message. */
const MAX_TOGETHER_BYTES = 65_536

/** How many messages are sent again in one go. */
const MAX_AGAIN = 256
