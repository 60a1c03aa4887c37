// When it is a device's turn to commit: in rank order where several may want to at once, and the later, the more of the last
// epochs were contested (spec/ordering.md).

import type { Chore } from './chores.ts'
import type { Draft } from './draft.ts'
import type { EpochNode, EpochTree, OpenEpoch } from './epoch-tree.ts'
import { rankContext } from './following.ts'
import { deviceRank } from './fork-choice.ts'
import type { PendingIntent } from './own-work.ts'
import type { Context } from './session-state.ts'

/** Longer than all members together need who commit one after the other. */
export function patienceMs(context: Context, draft: Draft): number {
  return (PATIENCE + draft.here.roster.devices.size) * stepMs(context.settings.rankStepMs, draft.tree, draft.here)
}

/**
 * What lies between two turns. Where one epoch after the other is contested, commits take longer to be heard than turns allow
 * for: so turns become longer, until they are long enough.
 * @param usualMs - where epochs are not contested
 */
export function stepMs(usualMs: number, tree: EpochTree, here: EpochNode): number {
  let contested = 0
  let node = here
  for (let back = 0; back < CONTEST_MEMORY; back++) {
    const parent = node.parent === undefined ? undefined : tree.get(node.parent)
    if (parent === undefined) break
    if (isContested(tree, parent)) contested++
    node = parent
  }
  return usualMs * 2 ** Math.max(0, contested - USUAL_CONTESTS)
}

/** Not where one member alone commits more than once, or so that it cannot be processed: it cheats, and could make all others wait. */
function isContested(tree: EpochTree, at: EpochNode): boolean {
  const sound = tree.children(at.id).filter(({ broken }) => !broken)
  return new Set(sound.map(({ committer }) => committer)).size > 1
}

/**
 * When it is this device's turn. The first one lets a step pass, in which the others arrive; not so where somebody has been
 * waiting for long, since others commit before any turn comes.
 */
export function dueAt(
  context: Context,
  draft: Draft,
  wishes: readonly PendingIntent[],
  chores: readonly Chore[],
  nowMs: number,
): number {
  const { here, watch } = draft
  const { refreshAfterMs } = context.settings
  const step = stepMs(context.settings.rankStepMs, draft.tree, here)
  const racers = racersAt(draft)
  const turn = (devices: Iterable<string>, sinceMs: number | undefined): number => {
    const first = nowMs - (sinceMs ?? nowMs) > patienceMs(context, draft) ? 0 : 1
    return Math.max(watch.standingSinceMs, sinceMs ?? 0) + (first + position(context, here, devices)) * step
  }
  const times: number[] = []
  for (const { intent, queued, sinceMs } of wishes) {
    if (intent.kind === 'refresh') {
      // Newcomers of one commit have all waited for as long.
      times.push(turn(here.roster.devices, watch.standingSinceMs) + refreshAfterMs)
      // There are groups that are never calm.
      if (sinceMs !== undefined) times.push(turn(here.roster.devices, sinceMs + LONGEST_REFRESH * refreshAfterMs))
    } else times.push(queued || racers.size > 0 ? turn(racers, watch.waitingSinceMs) : watch.standingSinceMs)
  }
  const shared = chores.filter(({ mine }) => !mine)
  if (shared.length < chores.length) times.push(racers.size > 0 ? turn(racers, undefined) : watch.standingSinceMs)
  if (shared.length > 0) {
    const asking = new Set(shared.map(({ device }) => device))
    const able = [...here.roster.devices].filter((device) => !asking.has(device))
    times.push(turn(able, Math.min(...shared.map(({ receivedAtMs }) => receivedAtMs))))
  }
  const { alternative } = watch
  if (alternative !== undefined) times.push(turn(alternative.stuck, alternative.sinceMs))
  return Math.min(...times)
}

/** Devices whose commits lost, and that have not committed since: they will want to commit again at once. */
function racersAt(draft: Draft): Set<string> {
  const racers = new Set<string>()
  const done = new Set<string>()
  let node: EpochNode = draft.here
  for (let back = 0; back < RACE_MEMORY; back++) {
    if (node.device !== undefined) done.add(node.device)
    const parent = node.parent === undefined ? undefined : draft.tree.get(node.parent)
    if (parent === undefined) break
    for (const sibling of draft.tree.children(parent.id)) {
      const { device } = sibling
      if (sibling.id === node.id || device === undefined || done.has(device)) continue
      if (draft.here.roster.devices.has(device)) racers.add(device)
    }
    node = parent
  }
  return racers
}

/** How many of some devices come before this one at an epoch. */
function position(context: Context, here: OpenEpoch, devices: Iterable<string>): number {
  const rank = (device: string): string => deviceRank(rankContext(context), here.height, device)
  const own = rank(context.self)
  let before = 0
  for (const device of devices) if (device !== context.self && rank(device) < own) before++
  return before
}

/** How many epochs back commits that lost are looked for. */
const RACE_MEMORY = 4
/** How many epochs back are looked at for how contested they were, and how many of them are nothing unusual. */
const CONTEST_MEMORY = 8
const USUAL_CONTESTS = 2
/** How many times as long as for a calm moment a newcomer waits at most. */
const LONGEST_REFRESH = 10
/** How many steps longer than all members need is too long a wait. */
const PATIENCE = 4
