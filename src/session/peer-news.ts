// Hearing of other devices: in which epoch they are, and from where on this device's messages are for them.

import type { Draft } from './draft.ts'
import type { DeviceId, EpochNode } from './epoch-tree.ts'
import type { Peer } from './peers.ts'
import { union } from './ranges.ts'
import type { Context } from './session-state.ts'

/** Something authentic came from a device that was in an epoch of this number. */
export function heardOf(draft: Draft, device: DeviceId, height: bigint, nowMs: number): void {
  const { peers } = draft.ledgers
  const peer = peers.get(device)
  if (peer === undefined) return
  const isFurther = height > peer.height
  // Whether it is there after the last message was sent, which it does not seem to have.
  const isSince = peer.heardAtMs <= lastSentMs(draft)
  // Once a minute is often enough to know who is silent.
  if (!isFurther && !isSince && nowMs - peer.heardAtMs < 60_000) return
  peers.set(device, { ...peer, height: isFurther ? height : peer.height, heardAtMs: nowMs })
  draft.outboxNews.add(device)
}

/** When the last message of this device was sent last, if not everybody has it. */
function lastSentMs({ ledgers, counters }: Draft): number {
  return ledgers.outbox.get(`${counters.nextSeq - 1n}`)?.sentAtMs ?? 0
}

/** Begins to keep account of the members of an epoch that this device enters. */
export function meetMembers(context: Context, draft: Draft, node: EpochNode, nowMs: number): void {
  const { peers } = draft.ledgers
  for (const device of node.roster.devices) {
    if (device === context.self) continue
    const { nextSeq: from } = draft.counters
    const peer = peers.get(device)
    if (peer === undefined) {
      peers.set(device, { from, acknowledged: [], height: before(node), joined: node.height, heardAtMs: nowMs })
    } else if (peer.height < peer.joined && isNewIn(draft, node, device)) {
      // Another branch had added it too, and it was not heard there.
      peers.set(device, { ...peer, height: before(node), joined: node.height })
    }
  }
  for (const device of node.readded) {
    const peer = peers.get(device)
    if (peer === undefined) continue
    peers.set(device, { ...peer, height: before(node), joined: node.height })
    awaitNews(context, draft, device, nowMs)
    // It may have missed what it was told before.
    if (draft.ledgers.received.get(device) !== undefined) owe(context, draft, device, nowMs)
  }
}

function isNewIn({ tree }: Draft, { parent }: EpochNode, device: DeviceId): boolean {
  return parent !== undefined && tree.get(parent)?.roster.devices.has(device) === false
}

/** Nothing was heard of a newcomer yet in its epoch. */
function before({ height }: EpochNode): bigint {
  return height - 1n
}

/**
 * Messages from now on are not for those who are no members where this device has come to; those before are, if they are members
 * again, or another branch should win where they still are.
 * @param goesOn - whether this device has not changed to another branch: then what was said in between is not for who is in again
 */
export function noteAbsence({ ledgers: { peers }, counters }: Draft, { roster }: EpochNode, goesOn: boolean): void {
  const { nextSeq } = counters
  for (const [device, peer] of [...peers.entries()]) {
    const isThere = roster.devices.has(device)
    if (isThere === (peer.until === undefined)) continue
    if (!isThere) peers.set(device, { ...peer, until: nextSeq })
    else if (goesOn) peers.set(device, withoutBetween(peer, nextSeq))
    else peers.set(device, { ...peer, until: undefined })
  }
}

/** What was said since a device was no member any longer counts as if it had it. */
function withoutBetween(peer: Peer, nextSeq: bigint): Peer {
  const { until = nextSeq, acknowledged } = peer
  const between = until < nextSeq ? [{ first: until, last: nextSeq - 1n }] : []
  return { ...peer, until: undefined, acknowledged: union(acknowledged, between) }
}

/** One of the two came back: what the other tells of what it has is waited for. */
export function awaitNews(context: Context, draft: Draft, device: DeviceId, nowMs: number): void {
  const { gapMs } = context.settings
  const untilMs = nowMs + acknowledgeWithinMs(context, draft) + gapMs
  draft.watch = { ...draft.watch, awaited: new Map(draft.watch.awaited).set(device, untilMs) }
  draft.outboxNews.add(device)
}

/** A device is to be told what has come of it. */
export function owe(context: Context, draft: Draft, device: DeviceId, nowMs: number): void {
  const { watch } = draft
  draft.watch = {
    ...watch,
    unacknowledged: new Set([...watch.unacknowledged, device]),
    acknowledgeAtMs: watch.acknowledgeAtMs ?? nowMs + acknowledgeWithinMs(context, draft),
  }
}

/** How long acknowledgements wait for something to ride on. */
export function acknowledgeWithinMs({ settings }: Context, { here }: Draft): number {
  return Math.max(settings.ackLeastMs, settings.ackStepMs * here.roster.devices.size)
}

/** Forgets those who are in no epoch any longer that this device keeps the keys of. */
export function forgetStrangers(draft: Draft, nowMs: number): void {
  const { peers, statements, votes, received } = draft.ledgers
  const known = new Set(draft.tree.open().flatMap(({ roster }) => [...roster.devices]))
  for (const [device] of [...peers.entries()]) {
    if (known.has(device)) continue
    peers.delete(device)
    // Nothing waits for it any longer.
    draft.watch = { ...draft.watch, forgetAtMs: nowMs }
    draft.wakeAt(nowMs)
  }
  const remembered = new Set<DeviceId>()
  const rosters = new Set([...draft.tree.nodes()].map(({ roster }) => roster))
  for (const { devices } of rosters) for (const device of devices) remembered.add(device)
  for (const [device] of [...statements.entries()]) if (!remembered.has(device)) statements.delete(device)
  for (const [device] of [...votes.entries()]) if (!remembered.has(device)) votes.delete(device)
  for (const [device] of [...received.entries()]) if (!remembered.has(device)) received.delete(device)
}
