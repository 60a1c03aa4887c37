// Which messages have come, and telling their senders; and what others tell of this device's messages.

import { toHex } from '../bytes.ts'
import type { Acknowledgement } from '../content/application-data.ts'
import { leafAt, members } from '../tree/ratchet-tree.ts'
import type { Draft } from './draft.ts'
import type { DeviceId, OpenEpoch } from './epoch-tree.ts'
import { owe } from './peer-news.ts'
import { contains, hasGaps, lastOf, type Ranges, union, without, withRange } from './ranges.ts'
import { deviceAt } from './receive-commit.ts'
import type { Context } from './session-state.ts'

/** Notes that a message came, and that its sender does not know it yet. */
export function noteReceived(context: Context, draft: Draft, device: DeviceId, seq: bigint, nowMs: number): void {
  const { received } = draft.ledgers
  const before = received.get(device) ?? []
  const after = contains(before, seq) ? before : withRange(before, seq, seq).slice(-MAX_RANGES)
  received.set(device, after)
  noteGaps(draft, device, after, nowMs)
  owe(context, draft, device, nowMs)
}

/** What is to be told with the next message, in the leaves of its epoch. */
export function acknowledgementsFor(draft: Draft, { state }: OpenEpoch): Acknowledgement[] {
  const { unacknowledged } = draft.watch
  if (unacknowledged.size === 0) return []
  const told: Acknowledgement[] = []
  const left = new Set(unacknowledged)
  for (const { leafIndex, leafNode } of members(state.tree)) {
    const device = toHex(leafNode.signatureKey)
    if (!left.has(device) || told.length === MAX_TOLD) continue
    left.delete(device)
    const ranges = draft.ledgers.received.get(device) ?? []
    if (ranges.length > 0) told.push({ leafIndex, ranges })
  }
  // Those who are not in this epoch need not be told any more.
  const rest = told.length === MAX_TOLD ? left : new Set<DeviceId>()
  const { acknowledgeAtMs } = draft.watch
  draft.watch = { ...draft.watch, unacknowledged: rest, acknowledgeAtMs: rest.size === 0 ? undefined : acknowledgeAtMs }
  return told
}

export function takeAcknowledgements(
  context: Context,
  draft: Draft,
  node: OpenEpoch,
  from: DeviceId,
  told: readonly Acknowledgement[],
  nowMs: number,
): void {
  if (draft.watch.awaited.has(from) && node.height >= (draft.ledgers.peers.get(from)?.joined ?? 0n)) {
    const awaited = new Map(draft.watch.awaited)
    awaited.delete(from)
    draft.watch = { ...draft.watch, awaited }
    draft.outboxNews.add(from)
  }
  for (const { leafIndex, ranges } of told) {
    if (leafAt(node.state.tree, leafIndex) === undefined) continue
    const device = deviceAt(node.state, leafIndex)
    if (device === context.self) takeOwn(draft, from, ranges)
    else if (device !== from) takeOthers(draft, device, ranges, nowMs)
  }
}

function takeOwn(draft: Draft, from: DeviceId, ranges: Ranges): void {
  const peer = draft.ledgers.peers.get(from)
  if (peer === undefined) return
  const { nextSeq } = draft.counters
  const real = ranges.filter(({ last }) => last < nextSeq)
  draft.acknowledged = union(draft.acknowledged, without(real, peer.acknowledged))
  draft.ledgers.peers.set(from, { ...peer, acknowledged: union(peer.acknowledged, real).slice(-MAX_RANGES) })
  draft.outboxNews.add(from)
}

/** Others have messages of a device that this one lacks. */
function takeOthers(draft: Draft, device: DeviceId, ranges: Ranges, nowMs: number): void {
  const mine = draft.ledgers.received.get(device)
  if (mine === undefined || lastOf(ranges) <= lastOf(mine)) return
  if (!draft.watch.gaps.has(device))
    draft.watch = { ...draft.watch, gaps: new Map(draft.watch.gaps).set(device, nowMs) }
}

function noteGaps(draft: Draft, device: DeviceId, ranges: Ranges, nowMs: number): void {
  const { gaps } = draft.watch
  if (hasGaps(ranges) === gaps.has(device)) return
  const after = new Map(gaps)
  if (hasGaps(ranges)) after.set(device, nowMs)
  else after.delete(device)
  draft.watch = { ...draft.watch, gaps: after }
}

/** How many stretches of messages are kept apart for a sender; behind them it is forgotten what is missing. */
const MAX_RANGES = 64

/** How many senders are told of with one message. */
const MAX_TOLD = 256
