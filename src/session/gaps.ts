// Messages that are known to exist and do not come: peers are asked for them, then their sender, and the app is told.

import { toHex } from '../bytes.ts'
import { members } from '../tree/ratchet-tree.ts'
import type { Draft } from './draft.ts'
import type { DeviceId } from './epoch-tree.ts'
import { identityOf } from './group-profile.ts'
import { countOf, hasGaps, lastOf, without } from './ranges.ts'
import type { Context } from './session-state.ts'

/** What is missing for long is asked for: of peers first, then, by telling what has come, of its sender. */
export function mindGaps(context: Context, draft: Draft, nowMs: number): void {
  tellOfEnd(draft)
  const { gaps } = draft.watch
  if (gaps.size === 0) return
  const { gapMs } = context.settings
  const overdue: DeviceId[] = []
  for (const [device, sinceMs] of gaps) {
    if (sinceMs + gapMs <= nowMs) overdue.push(device)
    else draft.wakeAt(sinceMs + gapMs)
  }
  if (overdue.length === 0) return
  draft.askPeers()
  const after = new Map(gaps)
  const unacknowledged = new Set(draft.watch.unacknowledged)
  for (const device of overdue) {
    after.delete(device)
    unacknowledged.add(device)
    tell(draft, device, missingOf(draft, device))
  }
  const dueMs = Math.min(draft.watch.acknowledgeAtMs ?? Number.POSITIVE_INFINITY, nowMs + context.settings.ackLeastMs)
  draft.watch = { ...draft.watch, gaps: after, unacknowledged, acknowledgeAtMs: dueMs }
  draft.wakeAt(dueMs)
}

/** What has come after all. */
function tellOfEnd(draft: Draft): void {
  for (const device of draft.watch.gapsTold.keys()) {
    if (!hasGaps(draft.ledgers.received.get(device) ?? [])) tell(draft, device, 0)
  }
}

function tell(draft: Draft, device: DeviceId, missing: number): void {
  const { gapsTold } = draft.watch
  if ((gapsTold.get(device) ?? 0) === missing) return
  const told = new Map(gapsTold)
  if (missing === 0) told.delete(device)
  else told.set(device, missing)
  draft.watch = { ...draft.watch, gapsTold: told }
  const identity = identityOfDevice(draft, device)
  if (identity !== undefined) draft.events.push({ type: 'gap', identity, missing })
}

/** How many messages between the first and the last that came have not come. */
function missingOf(draft: Draft, device: DeviceId): number {
  const ranges = draft.ledgers.received.get(device) ?? []
  const [least] = ranges
  return least === undefined ? 0 : Number(countOf(without([{ first: least.first, last: lastOf(ranges) }], ranges)))
}

function identityOfDevice({ tree }: Draft, device: DeviceId): string | undefined {
  for (const { state } of tree.open()) {
    for (const { leafNode } of members(state.tree))
      if (toHex(leafNode.signatureKey) === device) return identityOf(leafNode)
  }
  return undefined
}
