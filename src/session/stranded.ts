// Where the group's way leads on to epochs that this device cannot enter: it lacks their commits, or cannot process one that
// others can, or has given up the keys that it would need. It asks peers for what it lacks, and if that does not help, to be
// added again (spec/repair.md).

import type { Draft } from './draft.ts'
import type { EpochNode, NodeId, OpenEpoch } from './epoch-tree.ts'
import { isOpen } from './epoch-tree.ts'
import type { Choice } from './fork-choice.ts'
import { isLeftBehind } from './left-behind.ts'
import { vote } from './publishing.ts'
import type { Context } from './session-state.ts'
import { type PathEntry, standOf } from './statement.ts'

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
  const elsewhere = await isOnLostTree(context, draft, nowMs)
  // Somebody has added it again, and the Welcome does not come.
  const isAwaited = draft.here.state.status !== 'active' && draft.here.roster.devices.has(context.self)
  const isBehind = next === undefined && (await isLeftBehind(context, draft, nowMs))
  if (next === undefined && choice.beyond === undefined && !elsewhere && !isAwaited && !isBehind) {
    if (draft.watch.behindSinceMs !== undefined || draft.watch.detached) {
      draft.watch = { ...draft.watch, behindSinceMs: undefined, detached: false, askAtMs: undefined, asked: 0 }
    }
    return undefined
  }
  if (next === undefined && choice.known.id === draft.counters.stand && !elsewhere && !isAwaited && !isBehind) {
    const other = otherWay(draft, choice)
    if (other !== undefined) return other
    if (await waitsFor(context, draft, choice.beyond, nowMs)) fallBehind(context, draft, from, 0, nowMs)
    return undefined
  }
  if (next?.broken === true && from.id === draft.counters.stand) {
    const way = await stayOrMove(context, draft, next, nowMs)
    if (way !== 'give up') return way
    fallBehind(context, draft, from, 0, nowMs)
  } else {
    const hopeless = next !== undefined || !isOpen(choice.known)
    fallBehind(context, draft, from, hopeless ? context.settings.settleMs : context.settings.detachAfterMs, nowMs)
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
  draft.watch = { ...draft.watch, alternative: { stuck, sinceMs: dueMs } }
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

/**
 * Somebody says that the group goes on from here, and the commit does not come. It may be lost for this device, or never have
 * been made: those who are beyond are asked, and counted against those who are not. Where these are at least as many, the group
 * goes on without it.
 * @returns whether this device has to give up waiting
 */
async function waitsFor(
  context: Context,
  draft: Draft,
  beyond: PathEntry | undefined,
  nowMs: number,
): Promise<boolean> {
  if (beyond === undefined) return false
  const { settleMs, detachAfterMs } = context.settings
  const sinceMs = namedSince(draft, beyond.id, nowMs)
  askPeers(draft, nowMs)
  draft.watch = { ...draft.watch, behindSinceMs: draft.watch.behindSinceMs ?? sinceMs }
  const own = draft.ledgers.statements.get(context.self)
  const hasAsked = own?.stuck === true && standOf(own) === draft.counters.stand
  if (!hasAsked && nowMs >= sinceMs + detachAfterMs) await vote(context, draft, [draft.here.topic], true, nowMs)
  const dueMs = sinceMs + detachAfterMs + (hasAsked || nowMs >= sinceMs + detachAfterMs ? settleMs * 2 : 0)
  if (nowMs < dueMs) {
    draft.wakeAt(Math.min(dueMs, nowMs + SYNC_EVERY_MS))
    return false
  }
  let able = 0
  const stuck = new Set<string>()
  for (const statement of draft.ledgers.statements.values()) {
    if (statement.conflict || !draft.here.roster.devices.has(statement.device)) continue
    if (statement.path.some(({ id }) => id === beyond.id)) able++
    else if (statement.stuck && standOf(statement) === draft.counters.stand) stuck.add(statement.device)
  }
  // Half of all, or more, need no others who agree: of two, the other one.
  if (able > stuck.size || able * 2 >= draft.here.roster.devices.size) return true
  draft.watch = { ...draft.watch, alternative: { stuck, sinceMs: dueMs } }
  return false
}

/** When an epoch was noticed that is known by name only. Others, that nobody names any longer, are forgotten. */
function namedSince(draft: Draft, id: NodeId, nowMs: number): number {
  const { forks } = draft.watch
  const noticed = forks.get(id)
  if (noticed !== undefined) return noticed.sinceMs
  const named = new Set([...draft.ledgers.statements.values()].flatMap(({ path }) => path.map((entry) => entry.id)))
  const kept = [...forks].filter(([other]) => named.has(other) || draft.tree.get(other) !== undefined)
  draft.watch = { ...draft.watch, forks: new Map(kept).set(id, { sinceMs: nowMs, told: true }) }
  return nowMs
}

/**
 * Where others have gone on while a few say that they are in an epoch which nobody shows: who goes there says so, and that
 * decides between the two.
 */
function otherWay(draft: Draft, { beyond, forks }: Choice): OpenEpoch | undefined {
  const { here } = draft
  const fork = forks.find(({ at }) => at.id === here.id)
  const claimed = fork?.branches.find(({ entry }) => entry.id === beyond?.id)
  if (fork === undefined || claimed === undefined || claimed.weight * 2 > here.roster.devices.size) return undefined
  for (const { node } of fork.branches)
    if (node !== undefined && isOpen(node) && node.state.status === 'active') return node
  return undefined
}

/** How many members stand on what this device knows, itself among them, and how many on branches that have nothing of it. */
export function standings(
  context: Pick<Context, 'self'>,
  draft: Pick<Draft, 'tree' | 'here' | 'ledgers'>,
): {
  inside: number
  elsewhere: number
} {
  const { tree, here, ledgers } = draft
  let elsewhere = 0
  let inside = 1
  for (const { device, path, conflict } of ledgers.statements.values()) {
    if (conflict || device === context.self || !here.roster.devices.has(device)) continue
    if (path.some(({ id }) => tree.get(id) !== undefined)) inside++
    else if (path.some(({ height }) => tree.ancestorAt(here.id, height) !== undefined)) elsewhere++
  }
  return { inside, elsewhere }
}

/** Whether more members stand on branches that have nothing in common with what this device knows than on its own. */
async function isOnLostTree(context: Context, draft: Draft, nowMs: number): Promise<boolean> {
  const { inside, elsewhere } = standings(context, draft)
  if (elsewhere === 0) return false
  const own = draft.ledgers.statements.get(context.self)
  // Those who stand with this device have to be heard first: so it says where it stands itself.
  if (own === undefined || draft.tree.get(standOf(own) ?? '') === undefined) {
    await vote(context, draft, [draft.here.topic], false, nowMs)
  }
  return elsewhere > inside
}

function askPeers(draft: Draft, nowMs: number): void {
  if (nowMs - draft.watch.syncedAtMs < SYNC_EVERY_MS) return
  draft.askPeers()
  draft.watch = { ...draft.watch, syncedAtMs: nowMs }
}

/** @param from - the last epoch that the group's way has in common with this device's */
function fallBehind(context: Context, draft: Draft, from: EpochNode, patienceMs: number, nowMs: number): void {
  const { watch, here } = draft
  const sinceMs = Math.max(watch.behindSinceMs ?? nowMs, watch.standingSinceMs)
  draft.watch = { ...watch, behindSinceMs: watch.behindSinceMs ?? nowMs }
  askPeers(draft, nowMs)
  const detachAtMs = Math.max(sinceMs, draft.watch.behindSinceMs ?? nowMs) + patienceMs
  // Whoever was removed on a branch that has lost is a member where the group is.
  const isMember = [here, from].some(({ roster }) => roster.devices.has(context.self))
  if (watch.detached || !isMember) return
  if (nowMs < detachAtMs) {
    draft.wakeAt(Math.min(detachAtMs, nowMs + SYNC_EVERY_MS))
    return
  }
  // Who has just come back, and to a branch that lost, asks as rarely as before, and everywhere.
  const askAtMs = watch.asked === 0 ? nowMs : Math.max(nowMs, watch.askAtMs ?? nowMs)
  draft.watch = { ...draft.watch, detached: true, askAtMs }
  draft.events.push({ type: 'detached' })
}

/** How often peers are asked for what is missing. */
const SYNC_EVERY_MS = 5_000
