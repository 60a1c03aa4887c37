// How far this device's messages have come: what the app is told of it, and when a message needs no keeping any longer.

import { toHex } from '../bytes.ts'
import { members } from '../tree/ratchet-tree.ts'
import type { Draft } from './draft.ts'
import type { Delivery } from './effects.ts'
import { identityOf } from './group-profile.ts'
import type { OutboxEntry } from './own-work.ts'
import type { Peer } from './peers.ts'
import { contains, numbersOf, type Ranges } from './ranges.ts'
import type { Context } from './session-state.ts'

/**
 * Forgets what everybody has. Not what those lack who were members and are none where this device stands now, as long as their branch
 * may win; and nothing while this device is detached or has just come back: it may be on a branch that loses, among few.
 */
export function forgetDelivered(context: Context, draft: Draft, nowMs: number): void {
  const { detached, newUntilMs, forgetAtMs } = draft.watch
  const isUnsettled = detached || nowMs < newUntilMs
  const all = draft.hasOtherMembers || (forgetAtMs !== undefined && forgetAtMs <= nowMs)
  const absent = [...draft.ledgers.peers.values()].filter(({ until }) => until !== undefined)
  let lookAtMs = all ? undefined : forgetAtMs
  for (const [key, entry] of [...(all ? draft.ledgers.outbox.entries() : entriesOf(draft, draft.acknowledged))]) {
    if (tellDelivery(context, draft, key, entry).state !== 'delivered') continue
    if (isUnsettled) lookAtMs = detached ? nowMs + LOOK_EVERY_MS : newUntilMs
    else if (!absent.some((peer) => isFor(peer, entry) && !contains(peer.acknowledged, entry.seq))) {
      draft.ledgers.outbox.delete(key)
      draft.told.delete(key)
    }
  }
  if (lookAtMs !== forgetAtMs) draft.watch = { ...draft.watch, forgetAtMs: lookAtMs }
  if (lookAtMs !== undefined) draft.wakeAt(lookAtMs)
}

/** Tells the app how far a message has come, once. @param key - in the outbox */
export function tellDelivery(context: Context, draft: Draft, key: string, entry: OutboxEntry): Delivery {
  const delivery = deliveryOf(context, draft, entry)
  if (sameDelivery(delivery, draft.told.get(key))) return delivery
  draft.events.push({ type: 'delivery', messageId: entry.id, delivery })
  draft.told.set(key, delivery)
  return delivery
}

function isFor({ from, until }: Peer, { seq }: OutboxEntry): boolean {
  return from <= seq && (until === undefined || seq < until)
}

/** How far a message has come, as its members' own words tell. */
export function deliveryOf(
  context: Context,
  view: Pick<Draft, 'here' | 'ledgers'>,
  { seq, publishedAtMs }: Pick<OutboxEntry, 'seq' | 'publishedAtMs'>,
): Delivery {
  const recipients = recipientsOf(context, view, seq)
  const missing = [...recipients].filter(([, hasIt]) => !hasIt).map(([identity]) => identity)
  const of = recipients.size
  const by = of - missing.length
  // In a group of one, nobody is waited for.
  if (missing.length === 0) return { state: 'delivered', by, of, missing }
  return { state: publishedAtMs !== undefined || by > 0 ? 'published' : 'queued', by, of, missing }
}

/** Members for whom a message of this device was, by identity: whether all devices of each have acknowledged it. */
export function recipientsOf(
  context: Context,
  { here, ledgers }: Pick<Draft, 'here' | 'ledgers'>,
  seq: bigint,
): ReadonlyMap<string, boolean> {
  const recipients = new Map<string, boolean>()
  for (const { leafNode } of members(here.state.tree)) {
    const device = toHex(leafNode.signatureKey)
    const peer = ledgers.peers.get(device)
    if (device === context.self || peer === undefined || peer.from > seq) continue
    const identity = identityOf(leafNode)
    recipients.set(identity, (recipients.get(identity) ?? true) && contains(peer.acknowledged, seq))
  }
  return recipients
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

/** What of the outbox has these numbers. */
export function* entriesOf(draft: Draft, numbers: Ranges): Generator<readonly [string, OutboxEntry], void, undefined> {
  for (const number of numbersOf(numbers)) {
    const entry = draft.ledgers.outbox.get(`${number}`)
    if (entry !== undefined) yield [`${number}`, entry]
  }
}

/** How often a detached device looks at what is kept. */
const LOOK_EVERY_MS = 10_000
