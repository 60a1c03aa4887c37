// How long epochs are kept: with keys for as long as their messages and rival commits may come, without for as long as
// somebody may vote at them. The one place where the keys of an epoch die, but for a return by a Welcome (`joinPasts`), which gives
// up those of all that were there before.

import type { Draft } from './draft.ts'
import type { EpochNode } from './epoch-tree.ts'
import { isOpen } from './epoch-tree.ts'
import { isWaitedFor } from './handing-out.ts'
import { MOST_PAST_STEPS } from './past.ts'
import { forgetStrangers } from './peer-news.ts'
import type { Context } from './session-state.ts'

/** Gives up what is too old. */
export function letGo(context: Context, draft: Draft, nowMs: number): void {
  // Where this device stands now there is room for what had to wait.
  if (draft.moved && draft.watch.crowded) draft.watch = { ...draft.watch, retryUnread: true }
  if (draft.watch.retryUnread) draft.wakeAt(nowMs)
  if (!draft.moved) return
  const { retainedEpochs, rememberedEpochs } = context.settings
  const { here } = draft
  const horizon = here.height - BigInt(retainedEpochs)
  let pruned = false
  for (const node of draft.tree.open()) {
    const isOld = node.height < horizon || draft.tree.meeting(node.id, here.id).height < horizon
    if (!isOld || node.id === here.id) continue
    prune(context, draft, node)
    pruned = true
  }
  // A return by a Welcome has given up keys already, and there may be one after the other.
  if (pruned || draft.hasOtherMembers) {
    forgetOldBranches(draft, horizon)
    const root = draft.tree.ancestorAt(here.id, here.height - BigInt(rememberedEpochs))
    if (root !== undefined && root.id !== draft.tree.root) draft.tree = draft.tree.rootedAt(root.id)
  }
  if (!pruned) return
  forgetOwnWork(draft, nowMs)
  forgetStrangers(draft, nowMs)
  const forks = new Map([...draft.watch.forks].filter(([id]) => draft.tree.get(id) !== undefined))
  draft.watch = { ...draft.watch, forks }
}

/** Gives up the secrets of an epoch. */
function prune(context: Context, draft: Draft, node: EpochNode): void {
  draft.put({ ...node, state: undefined })
  context.frameKeys.get(node.id)?.wipe()
  context.frameKeys.delete(node.id)
  context.trials.dropKey(node.id)
}

/** Branches that lost long ago matter to nobody's weight any longer. */
function forgetOldBranches(draft: Draft, horizon: bigint): void {
  const path = new Set<string>()
  for (let node = draft.tree.get(draft.counters.stand); node !== undefined; ) {
    path.add(node.id)
    node = node.parent === undefined ? undefined : draft.tree.get(node.parent)
  }
  const gone = new Set<string>()
  for (const node of draft.tree.nodes()) {
    if (path.has(node.id)) continue
    let fork: EpochNode | undefined = node
    while (fork !== undefined && !path.has(fork.id))
      fork = fork.parent === undefined ? undefined : draft.tree.get(fork.parent)
    if (fork === undefined || fork.height < horizon - BRANCH_MEMORY) gone.add(node.id)
  }
  draft.tree = draft.tree.without(gone)
}

/**
 * What commits have carried out is remembered for as long as another branch may win by adding this device again, which then has
 * to do it once more. What was on a branch that lost waits for its turn already.
 */
function forgetOwnWork(draft: Draft, nowMs: number): void {
  const { commits, intents } = draft.ledgers
  for (const [id, commit] of [...commits.entries()]) {
    const node = draft.tree.get(id)
    if (node !== undefined && isOpen(node)) continue
    if (node === undefined || !draft.tree.isOnPath(id, draft.counters.stand)) {
      commits.delete(id)
      continue
    }
    // Many commits may follow within a moment: its newcomers still wait for their Welcome, or have to be given it again.
    if (commit.welcome !== undefined && (commit.handedOutAtMs === undefined || isWaitedFor(draft, commit, nowMs)))
      continue
    if (node.height + WISH_MEMORY >= draft.here.height) {
      if (commit.welcome !== undefined) commits.set(id, { ...commit, welcome: undefined })
      continue
    }
    commits.delete(id)
    for (const number of commit.intents) intents.delete(`${number}`)
  }
}

/** How many epochs back a device remembers what it has carried out: as many as a Welcome tells of. */
const WISH_MEMORY = BigInt(MOST_PAST_STEPS)
/** How many epochs behind those with keys the outlines of lost branches are kept. */
const BRANCH_MEMORY = 64n
