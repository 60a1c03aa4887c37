// Where the group's way leads on to epochs that this device cannot enter: it lacks their commits, or cannot process one that
// others can, or has given up the keys that it would need. It asks peers for what it lacks, and if that does not help, to be
// added again (spec/repair.md).

import type { Draft } from './draft.ts'
import type { EpochNode, OpenEpoch } from './epoch-tree.ts'
import { isOpen } from './epoch-tree.ts'
import type { Choice } from './fork-choice.ts'
import { vote } from './publishing.ts'
import type { Context } from './session-state.ts'
import { standOf } from './statement.ts'

/**
 * @param from - the last epoch that the way has in common with the way to where this device stands
 * @param next - what comes next on the way and cannot be entered; undefined where the way ends, or goes on by name only
 * @returns an epoch to move to in the meantime
 */
export async function followWithoutKeys(
  context: Context,
  draft: Draft,
  choice: Choice,
  from: EpochNode,
  next: EpochNode | undefined,
  nowMs: number,
): Promise<OpenEpoch | undefined> {
  const elsewhere = await standsElsewhere(context, draft, nowMs)
  // Somebody has added it again, and the Welcome does not come.
  const isAwaited = draft.here.state.status !== 'active' && draft.here.roster.devices.has(context.self)
  if (next === undefined && choice.beyond === undefined && !elsewhere && !isAwaited) {
    if (draft.watch.behindSinceMs !== undefined || draft.watch.detached) {
      draft.watch = { ...draft.watch, behindSinceMs: undefined, detached: false, askAtMs: undefined, asked: 0 }
    }
    return undefined
  }
  if (next?.broken === true && from.id === draft.counters.stand) {
    const way = await stayOrMove(context, draft, next, nowMs)
    if (way !== 'give up') return way
    fallBehind(context, draft, 0, nowMs)
  } else {
    const hopeless = next !== undefined || !isOpen(choice.known)
    fallBehind(context, draft, hopeless ? context.settings.settleMs : context.settings.detachAfterMs, nowMs)
  }
  return undefined
}

/**
 * A commit that others may be able to process stands in the way. Where at least as many cannot as can, the group goes on
 * without it.
 */
async function stayOrMove(
  context: Context,
  draft: Draft,
  broken: EpochNode,
  nowMs: number,
): Promise<OpenEpoch | undefined | 'give up'> {
  const { here } = draft
  const own = draft.ledgers.statements.get(context.self)
  const other = draft.tree.children(here.id).find((child) => isOpen(child) && child.state.status === 'active')
  const known = draft.watch.forks.get(broken.id)
  if (known === undefined) {
    draft.watch = {
      ...draft.watch,
      forks: new Map(draft.watch.forks).set(broken.id, { sinceMs: nowMs, told: true }),
    }
  }
  if (own === undefined || !own.stuck || standOf(own) !== here.id) await vote(context, draft, [here.topic], true, nowMs)
  const dueMs = (known?.sinceMs ?? nowMs) + context.settings.settleMs
  if (nowMs < dueMs) {
    draft.wakeAt(dueMs)
    return undefined
  }
  const { able, stuck } = standing(draft, broken)
  if (able > stuck.size) return 'give up'
  if (other !== undefined && isOpen(other)) return other
  draft.needsAlternative = { devices: stuck, sinceMs: dueMs }
  return undefined
}

/** How many stand behind a commit, and who says that it cannot be processed. */
function standing(draft: Draft, broken: EpochNode): { able: number; stuck: Set<string> } {
  let able = 0
  const stuck = new Set<string>()
  for (const statement of draft.ledgers.statements.values()) {
    if (statement.conflict || !draft.here.roster.devices.has(statement.device)) continue
    const at = statement.path.find(({ id }) => draft.tree.get(id) !== undefined)
    if (at !== undefined && draft.tree.isOnPath(broken.id, at.id)) able++
    else if (statement.stuck && standOf(statement) === draft.counters.stand) stuck.add(statement.device)
  }
  return { able, stuck }
}

/** Whether more members stand on branches that have nothing in common with what this device knows than on its own. */
async function standsElsewhere(context: Context, draft: Draft, nowMs: number): Promise<boolean> {
  const root = draft.tree.at(draft.tree.root)
  let elsewhere = 0
  let inside = 0
  for (const { device, path, conflict } of draft.ledgers.statements.values()) {
    if (conflict || device === context.self || !root.roster.devices.has(device)) continue
    if (path.some(({ id }) => draft.tree.get(id) !== undefined)) inside++
    else if (path.some(({ id, height }) => height === root.height && id !== root.id)) elsewhere++
  }
  if (elsewhere === 0) return false
  const own = draft.ledgers.statements.get(context.self)
  // Those who stand with this device have to be heard first: so it says where it stands itself.
  if (own === undefined || draft.tree.get(standOf(own) ?? '') === undefined) {
    await vote(context, draft, [draft.here.topic], false, nowMs)
  }
  return elsewhere >= inside
}

function fallBehind(context: Context, draft: Draft, patienceMs: number, nowMs: number): void {
  const { watch, here } = draft
  const sinceMs = Math.max(watch.behindSinceMs ?? nowMs, watch.standingSinceMs)
  draft.watch = { ...watch, behindSinceMs: watch.behindSinceMs ?? nowMs }
  if (nowMs - watch.syncedAtMs >= SYNC_EVERY_MS) {
    draft.sync = true
    draft.watch = { ...draft.watch, syncedAtMs: nowMs }
  }
  const detachAtMs = Math.max(sinceMs, draft.watch.behindSinceMs ?? nowMs) + patienceMs
  if (watch.detached || !here.roster.devices.has(context.self)) return
  if (nowMs < detachAtMs) {
    draft.wakeAt(Math.min(detachAtMs, nowMs + SYNC_EVERY_MS))
    return
  }
  draft.watch = { ...draft.watch, detached: true, askAtMs: nowMs, asked: 0 }
  draft.events.push({ type: 'detached' })
}

/** How often peers are asked for what is missing. */
const SYNC_EVERY_MS = 5_000
