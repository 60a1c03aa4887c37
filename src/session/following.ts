// Where this device stands while branches compete, and when it moves (spec/ordering.md). It states where it stands before it
// looks at ranks, waits until the others have been heard, and only then follows the choice: otherwise a commit that comes
// late, on an epoch long past, could carry everybody back.

import type { Draft } from './draft.ts'
import type { EpochNode, NodeId } from './epoch-tree.ts'
import { isOpen } from './epoch-tree.ts'
import { type Choice, chooseHead, deviceRank, type Fork, forkOf } from './fork-choice.ts'
import { moveTo } from './moving.ts'
import { vote } from './publishing.ts'
import type { Context } from './session-state.ts'
import { type Statement, standOf } from './statement.ts'
import { followWithoutKeys } from './stranded.ts'

/** Looks at all that is known, votes where that is called for, and moves where that is decided. */
export async function follow(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const lookAtMs = await draft.wakeTimesOf(() => followAll(context, draft, nowMs))
  draft.watch = { ...draft.watch, lookAtMs }
}

async function followAll(context: Context, draft: Draft, nowMs: number): Promise<void> {
  draft.watch = { ...draft.watch, alternative: undefined }
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const choice = chooseHead(rankContext(context), draft.tree, draft.ledgers.statements.values())
    const forks = forksAround(context, draft, choice)
    notice(draft, forks, nowMs)
    await stand(context, draft, forks, nowMs)
    const way = wayTo(draft, choice)
    const next = await nextOn(context, draft, choice, way, nowMs)
    if (next === undefined) {
      draft.watch = { ...draft.watch, open: way.undecided }
      return
    }
    await moveTo(context, draft, next, nowMs)
    if (draft.watch.crowded) {
      // What waits for room is taken in first: it may go on from here, or be another branch.
      draft.watch = { ...draft.watch, open: true, retryUnread: true }
      return
    }
  }
}

/** How a device would go from where it stands. */
interface Way {
  /** The last epoch that the choice and the stand have in common. */
  readonly from: EpochNode
  /** Behind it, on the chosen way. */
  readonly steps: readonly EpochNode[]
  undecided: boolean
}

function wayTo(draft: Draft, choice: Choice): Way {
  const from = draft.tree.meeting(draft.counters.stand, choice.known.id)
  const steps: EpochNode[] = []
  for (let node = choice.known; node.id !== from.id; node = draft.tree.at(node.parent ?? from.id)) steps.unshift(node)
  return { from, steps, undecided: false }
}

/** The epoch to move to now; undefined where this device stays. */
async function nextOn(
  context: Context,
  draft: Draft,
  choice: Choice,
  way: Way,
  nowMs: number,
): Promise<EpochNode | undefined> {
  if (draft.watch.crowded && isHeldUp(context, draft, choice, nowMs)) {
    way.undecided = true
    return undefined
  }
  const forks = new Map(choice.forks.map((fork) => [fork.at.id, fork] as const))
  const furthest = way.from.height + BigInt(context.settings.retainedEpochs)
  let reached: EpochNode | undefined
  let at = way.from
  for (const step of [...way.steps, undefined]) {
    const fork = forks.get(at.id)
    if (fork !== undefined && at.height >= way.from.height && !isDecided(context, draft, fork, nowMs)) {
      way.undecided = true
      return reached
    }
    if (step === undefined || !isOpen(step)) {
      if (reached !== undefined) return reached
      return followWithoutKeys(context, draft, choice, way.from, step, nowMs)
    }
    // Not so far that the keys are given up of epochs whose commits wait for room.
    if (draft.watch.crowded && step.height > furthest) return reached
    reached = step
    at = step
  }
  return reached
}

/** Whether a fork is undecided whose branches this device could still follow: not all of what is in them may have had room. */
function isHeldUp(context: Context, draft: Draft, { forks }: Choice, nowMs: number): boolean {
  return forks.some((fork) => isOpen(fork.at) && !isDecided(context, draft, fork, nowMs))
}

/** Forks on the chosen way and on the way to where this device stands. */
function forksAround(context: Context, draft: Draft, choice: Choice): Fork[] {
  const forks = [...choice.forks]
  const known = new Set(forks.map(({ at }) => at.id))
  const meeting = draft.tree.meeting(draft.counters.stand, choice.known.id)
  for (let node = draft.tree.at(draft.counters.stand); node.height > meeting.height; ) {
    const fork =
      draft.tree.children(node.id).length < 2
        ? undefined
        : forkOf(rankContext(context), draft.tree, node, draft.ledgers.statements.values())
    if (fork !== undefined && !known.has(node.id)) forks.push(fork)
    node = draft.tree.at(node.parent ?? meeting.id)
  }
  return forks
}

function notice(draft: Draft, forks: readonly Fork[], nowMs: number): void {
  const fresh = forks.filter(({ at }) => !draft.watch.forks.has(at.id))
  if (fresh.length === 0) return
  const noticed = new Map(draft.watch.forks)
  for (const { at } of fresh) noticed.set(at.id, { sinceMs: nowMs, told: false })
  draft.watch = { ...draft.watch, forks: noticed }
}

/** Whether a fork has been open for long enough, or those who have not been heard cannot change it. */
function isDecided(context: Context, draft: Draft, { at, branches, unheard }: Fork, nowMs: number): boolean {
  const [best, second] = branches
  if (best.weight - second.weight > unheard) return true
  const sinceMs = draft.watch.forks.get(at.id)?.sinceMs ?? nowMs
  const decidesAtMs = sinceMs + context.settings.settleMs
  if (nowMs >= decidesAtMs) return true
  draft.wakeAt(decidesAtMs)
  return false
}

/** Says where this device stands, if it has not said so at some fork. */
async function stand(context: Context, draft: Draft, forks: readonly Fork[], nowMs: number): Promise<void> {
  const here = draft.here
  const own = draft.ledgers.statements.get(context.self)
  const topics = new Set<string>()
  const sayAt = (at: EpochNode, child: EpochNode): void => {
    topics.add(at.topic)
    for (const topic of topicsBeside(draft, at, child)) topics.add(topic)
  }
  for (const { at, branches } of forks) {
    if (at.id === here.id || !at.roster.devices.has(context.self) || !draft.tree.isOnPath(at.id, here.id)) continue
    const child = draft.tree.ancestorAt(here.id, at.height + 1n)
    if (child === undefined) continue
    if (hasVotedFor(draft, child)) {
      if (isAskedAgain(draft, at, child, nowMs)) sayAt(at, child)
      continue
    }
    const saidOtherwise = own !== undefined && !liesIn(draft, own, child)
    if (isFirstVoter(context, at) || saidOtherwise || isOpenFor(context, draft, branches, at.id, nowMs)) {
      sayAt(at, child)
    }
  }
  for (const node of stuckBelow(draft)) {
    const child = draft.tree.ancestorAt(here.id, node.height + 1n)
    if (child !== undefined && !hasVotedFor(draft, child)) topics.add(node.topic)
  }
  const heard = [...topics, here.topic].filter((topic) => draft.rendezvous.has(topic))
  if (topics.size > 0) await vote(context, draft, heard, false, nowMs)
}

/** Where those are heard who stand on other branches: who has joined there hears nothing else. */
function topicsBeside(draft: Draft, at: EpochNode, own: EpochNode): string[] {
  return [...draft.ledgers.statements.values()].flatMap(({ path, conflict }) => {
    const node = conflict ? undefined : draft.tree.get(path[0]?.id ?? '')
    if (node === undefined || draft.tree.isOnPath(own.id, node.id) || !draft.tree.isOnPath(at.id, node.id)) return []
    return [node.topic]
  })
}

/** Whether this device has voted in a branch. Commits in it are no answer: who cannot open them has not heard it. */
function hasVotedFor(draft: Draft, branch: EpochNode): boolean {
  const { voted } = draft.counters
  return voted !== undefined && draft.tree.isOnPath(branch.id, voted.id)
}

/**
 * Whether somebody stands on another branch, further than this device's last vote tells: that vote may mean nothing to who
 * has joined there.
 */
function isAskedAgain(draft: Draft, at: EpochNode, own: EpochNode, nowMs: number): boolean {
  const { counters, watch, ledgers } = draft
  const said = counters.voted?.height ?? 0n
  if (said >= draft.here.height) return false
  for (const { path, conflict } of ledgers.statements.values()) {
    const [head] = path
    if (conflict || head === undefined || head.height <= said) continue
    const anchor = path.find(({ id }) => draft.tree.get(id) !== undefined)
    if (anchor === undefined || draft.tree.isOnPath(own.id, anchor.id) || !draft.tree.isOnPath(at.id, anchor.id))
      continue
    const dueMs = watch.votedAtMs + ANSWER_EVERY_MS
    if (nowMs >= dueMs) return true
    draft.wakeAt(dueMs)
  }
  return false
}

/** Epochs behind this device at which others say that they cannot go on. */
function stuckBelow(draft: Draft): EpochNode[] {
  const nodes: EpochNode[] = []
  for (const statement of draft.ledgers.statements.values()) {
    const at = standOf(statement)
    if (!statement.stuck || at === undefined || at === draft.counters.stand) continue
    if (draft.tree.isOnPath(at, draft.counters.stand)) nodes.push(draft.tree.at(at))
  }
  return nodes
}

function liesIn(draft: Draft, statement: Statement | undefined, branch: EpochNode): boolean {
  const at = statement?.path.find(({ id }) => draft.tree.get(id) !== undefined)
  return at !== undefined && draft.tree.isOnPath(branch.id, at.id)
}

/** In large groups some vote at once, and the others only where that did not decide. */
function isFirstVoter(context: Context, at: EpochNode): boolean {
  const { devices } = at.roster
  if (devices.size <= context.settings.firstVoters) return true
  const rank = (device: string): string => deviceRank(rankContext(context), at.height, device)
  const own = rank(context.self)
  let before = 0
  for (const device of devices) if (rank(device) < own) before++
  return before < context.settings.firstVoters
}

function isOpenFor(
  context: Context,
  draft: Draft,
  [best, second]: Fork['branches'],
  at: NodeId,
  nowMs: number,
): boolean {
  const dueMs = (draft.watch.forks.get(at)?.sinceMs ?? nowMs) + context.settings.settleMs
  if (nowMs < dueMs) {
    draft.wakeAt(dueMs)
    return false
  }
  return (best.weight - second.weight) * 2 <= best.weight + second.weight
}

export function rankContext({ wire, groupId }: Context): { suite: Context['wire']; groupId: Uint8Array } {
  return { suite: wire, groupId }
}

/** A device cannot move more often than this in one call: there is nothing to oscillate between, but nothing proves it. */
const MAX_STEPS = 64

/** How often this device answers those who stand elsewhere. */
const ANSWER_EVERY_MS = 5_000
