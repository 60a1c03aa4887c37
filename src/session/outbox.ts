// This device's messages until everybody has them: encrypted again where the branch that they were on has lost, and where
// somebody shows that they cannot have reached them; and how far each has come.

import { toHex } from '../bytes.ts'
import { members } from '../tree/ratchet-tree.ts'
import type { Draft } from './draft.ts'
import type { Delivery } from './effects.ts'
import type { DeviceId } from './epoch-tree.ts'
import { identityOf } from './group-profile.ts'
import { encryptEntry } from './messages.ts'
import type { OutboxEntry } from './own-work.ts'
import type { Peer } from './peers.ts'
import { contains, lastOf } from './ranges.ts'
import type { Context } from './session-state.ts'

/** Sends again what is called for, and forgets what everybody has. */
export async function tendOutbox(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const { outbox } = draft.ledgers
  if (outbox.size === 0 || draft.here.state.status !== 'active') {
    if (draft.watch.outboxAtMs.size > 0 || draft.watch.heldUntilMs !== undefined) {
      draft.watch = { ...draft.watch, outboxAtMs: new Map(), heldUntilMs: undefined }
    }
    return
  }
  const again = new Map<string, OutboxEntry>()
  lookAgain(draft, nowMs)
  const { heldUntilMs } = draft.watch
  const released = heldUntilMs !== undefined && heldUntilMs <= nowMs
  if (released) draft.watch = { ...draft.watch, heldUntilMs: undefined }
  if (draft.moved || released) for (const [key, entry] of lostEntries(context, draft, nowMs)) again.set(key, entry)
  for (const device of draft.outboxNews) {
    const peer = draft.ledgers.peers.get(device)
    if (peer === undefined || !draft.here.roster.devices.has(device)) continue
    for (const [key, entry] of outbox.entries()) {
      if (peer.from > entry.seq || contains(peer.acknowledged, entry.seq)) continue
      const dueMs = lacksSinceMs(context, peer, entry)
      if (dueMs === undefined) continue
      if (dueMs <= nowMs) again.set(key, entry)
      else draft.wakeForOutbox(device, dueMs)
    }
  }
  for (const entry of again.values()) await encryptEntry(context, draft, entry, nowMs)
  if (draft.moved || draft.outboxNews.size > 0) forgetDelivered(context, draft)
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

/** Messages that the branch where this device stands lacks. */
function lostEntries(context: Context, draft: Draft, nowMs: number): Map<string, OutboxEntry> {
  const lost = new Map<string, OutboxEntry>()
  for (const [key, entry] of draft.ledgers.outbox.entries()) {
    if (draft.tree.isOnPath(entry.node, draft.counters.stand)) continue
    // Whom the lost branch had removed, the winning one is about to remove: until then the message is not for them.
    const holdUntilMs = entry.sentAtMs + context.settings.holdMs
    if (nowMs < holdUntilMs && hasUninvited(draft, entry)) draft.hold(holdUntilMs)
    else lost.set(key, entry)
  }
  return lost
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
function lacksSinceMs(context: Context, peer: Peer, entry: OutboxEntry): number | undefined {
  const { gapMs, retainedEpochs } = context.settings
  // It came back with new keys, or has given up those of the message's epoch.
  if (peer.joined > entry.height) return entry.sentAtMs
  if (peer.height > entry.height + BigInt(retainedEpochs)) return entry.sentAtMs + gapMs
  // It has later ones.
  if (lastOf(peer.acknowledged) > entry.seq) return entry.sentAtMs + gapMs
  return undefined
}

function forgetDelivered(context: Context, draft: Draft): void {
  for (const [key, entry] of [...draft.ledgers.outbox.entries()]) {
    const touched = draft.moved || [...draft.outboxNews].some((device) => hasIt(draft, device, entry.seq))
    if (!touched) continue
    const delivery = deliveryOf(context, draft, entry)
    if (!sameDelivery(delivery, draft.told.get(key))) {
      draft.events.push({ type: 'delivery', messageId: entry.id, delivery })
      draft.told.set(key, delivery)
    }
    if (delivery.state !== 'delivered') continue
    draft.ledgers.outbox.delete(key)
    draft.told.delete(key)
  }
}

function hasIt(draft: Draft, device: DeviceId, seq: bigint): boolean {
  return contains(draft.ledgers.peers.get(device)?.acknowledged ?? [], seq)
}

/** How far a message has come, as its members' own words tell. */
export function deliveryOf(
  context: Context,
  { here, ledgers }: Pick<Draft, 'here' | 'ledgers'>,
  { seq, publishedAtMs }: Pick<OutboxEntry, 'seq' | 'publishedAtMs'>,
): Delivery {
  const lacking = new Set<string>()
  const recipients = new Set<string>()
  for (const { leafNode } of members(here.state.tree)) {
    const device = toHex(leafNode.signatureKey)
    const peer = ledgers.peers.get(device)
    if (device === context.self || peer === undefined || peer.from > seq) continue
    recipients.add(identityOf(leafNode))
    if (!contains(peer.acknowledged, seq)) lacking.add(identityOf(leafNode))
  }
  const of = recipients.size
  const by = of - lacking.size
  // In a group of one, nobody is waited for.
  if (lacking.size === 0) return { state: 'delivered', by, of, missing: [] }
  return { state: publishedAtMs !== undefined || by > 0 ? 'published' : 'queued', by, of, missing: [...lacking] }
}

function sameDelivery(a: Delivery, b: Delivery | undefined): boolean {
  return b !== undefined && a.state === b.state && a.by === b.by && a.of === b.of
}

/** Tells the app of members who have left messages unacknowledged for long. */
export function tellOfSilence(context: Context, draft: Draft, nowMs: number): void {
  const { unreachableMs } = context.settings
  const silent = new Set<string>()
  for (const entry of draft.ledgers.outbox.values()) {
    if (draft.watch.silent.size > 0 || entry.sentAtMs + unreachableMs <= nowMs) {
      for (const identity of deliveryOf(context, draft, entry).missing) {
        const sinceMs = silentSince(context, draft, identity)
        if (sinceMs + unreachableMs > nowMs) continue
        silent.add(identity)
        if (!draft.watch.silent.has(identity)) draft.events.push({ type: 'unreachable', identity, sinceMs })
      }
    } else draft.wakeAt(entry.sentAtMs + unreachableMs)
    // The oldest tells enough.
    break
  }
  if (silent.size !== draft.watch.silent.size) draft.watch = { ...draft.watch, silent }
}

function silentSince(context: Context, draft: Draft, identity: string): number {
  let latest = 0
  for (const { leafNode } of members(draft.here.state.tree)) {
    const device = toHex(leafNode.signatureKey)
    if (identityOf(leafNode) !== identity || device === context.self) continue
    latest = Math.max(latest, draft.ledgers.peers.get(device)?.heardAtMs ?? 0)
  }
  return latest
}
