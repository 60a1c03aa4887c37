// Devices that were away for longer than the frames of their epochs are kept: nothing that comes can be opened there, and what
// was said meanwhile is nowhere any more. Members who hear of such a device tell it where they stand, and it sees that it cannot
// follow, or that the group has gone another way (spec/repair.md).

import type { Draft } from './draft.ts'
import { deviceRank } from './fork-choice.ts'
import { hasSaid, vote } from './publishing.ts'
import { topicsOfMissing } from './rendezvous.ts'
import { hasUntold, retell } from './retelling.ts'
import type { Context } from './session-state.ts'
import type { PathEntry, Statement } from './statement.ts'

/**
 * Hears a member say where it stands: one whose epoch's keys this device has given up, or which the group has left long ago, is to be
 * answered, unless enough others have done so; and likewise one on another branch that may not have what was said here.
 * @param heardOn - the topic
 */
export function noteStand(context: Context, draft: Draft, heardOn: string, statement: Statement, nowMs: number): void {
  const { watch } = draft
  const [head] = statement.path
  if (head === undefined) return
  const behind = lostBehind(context, draft, heardOn, statement, head, nowMs)
  if (behind === undefined) {
    noteAnswer(context, draft, statement)
    if (isWithGroup(draft, statement)) noteCall(draft, heardOn, nowMs)
    return
  }
  // Where it is on the way, it hears the topic of its epoch, and perhaps not what has come after.
  const topic = draft.tree.isOnPath(head.id, draft.here.id) ? draft.tree.at(head.id).topic : heardOn
  const before = watch.answerAtMs === undefined ? NOTHING_ASKED : watch.answerOn
  const known = before.get(topic)
  const answerOn = new Map(before).set(topic, known === undefined || behind < known ? behind : known)
  if (watch.answerAtMs !== undefined) {
    draft.watch = { ...watch, answerOn }
    return
  }
  const place = placeOf(context, draft, statement.device)
  if (place >= context.settings.firstVoters) return
  const { rankStepMs, settleMs } = context.settings
  const dueMs = Math.max(nowMs + settleMs + place * rankStepMs, watch.votedAtMs + ANSWER_EVERY_MS)
  draft.watch = { ...watch, answerAtMs: dueMs, answerOn, answered: new Set() }
}

/** The height behind which a member does not know where the group went, if it is to be told; undefined where it need not be. */
function lostBehind(
  context: Context,
  draft: Draft,
  heardOn: string,
  { path }: Statement,
  head: PathEntry,
  nowMs: number,
): bigint | undefined {
  const { here, watch, tree } = draft
  const { settings } = context
  const isLong = nowMs - watch.standingSinceMs > settings.detachAfterMs
  if (tree.isOnPath(head.id, here.id)) {
    const isFar = head.height + BigInt(settings.retainedEpochs) < here.height
    // What leads on from there may be nowhere to be had any more.
    return isFar || (isLong && head.height < here.height) ? head.height : undefined
  }
  const anchor = path.find(({ id }) => tree.get(id) !== undefined)
  // Whoever is ahead of this device is not lost.
  if (anchor === undefined || anchor.id === here.id || !isLong) return undefined
  const { height } = tree.meeting(anchor.id, here.id)
  const isOld = nowMs - watch.votedAtMs > VOTES_LAST_MS || !hasSaid(draft, heardOn)
  return height < here.height && (isOld || hasUntold(context, draft, heardOn, height, nowMs)) ? height : undefined
}

function isWithGroup({ tree, here }: Draft, { path }: Statement): boolean {
  return path.some(({ id }) => id === here.id) || tree.isOnPath(path[0]?.id ?? '', here.id)
}

/** Whoever stands near has answered too. */
function noteAnswer(context: Context, draft: Draft, { device }: Statement): void {
  const { here, watch } = draft
  if (watch.answerAtMs === undefined || !here.roster.devices.has(device)) return
  const answered = new Set([...watch.answered, device])
  const isEnough = answered.size >= answersWanted(context, draft)
  draft.watch = { ...watch, answered, answerAtMs: isEnough ? undefined : watch.answerAtMs }
}

/**
 * Whoever has heard nothing for long says where it stands: the group may have moved to where it hears nothing, and those who hear
 * it answer. Who has just opened its store does so at once, members that run one after the other: the first one is enough.
 */
export async function announceSilence(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const { here, ledgers, watch } = draft
  if (isGone(draft) || here.roster.devices.size === 1) return
  if (watch.silenceAtMs !== undefined && watch.silenceAtMs > nowMs) {
    draft.wakeAt(watch.silenceAtMs)
    return
  }
  const heardAtMs = [...here.roster.devices].map((device) => ledgers.peers.get(device)?.heardAtMs ?? 0)
  const turnMs = placeOf(context, draft, context.self) * context.settings.rankStepMs
  const dueMs = Math.max(watch.votedAtMs, ...heardAtMs) + LONG_MS
  const isDue = dueMs + (watch.silenceAtMs === undefined ? 0 : turnMs) <= nowMs
  if (isDue) await vote(context, draft, [here.topic], false, nowMs)
  const silenceAtMs = (isDue ? nowMs + LONG_MS : dueMs) + turnMs
  draft.watch = { ...draft.watch, silenceAtMs }
  draft.wakeAt(silenceAtMs)
}

/**
 * Where members may be that were not heard for long, and hear nothing of where the group is now, somebody says so once a day: they
 * may have gone on there, and nobody notices that the two have parted.
 */
export async function callMissing(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const { watch, ledgers } = draft
  if (isGone(draft) || ledgers.topics.size === 1) return
  if (watch.callAtMs !== undefined && watch.callAtMs > nowMs) {
    draft.wakeAt(watch.callAtMs)
    return
  }
  const turnMs = placeOf(context, draft, context.self) * context.settings.rankStepMs
  const isFirstLook = watch.callAtMs === undefined
  const missing = isFirstLook ? [] : topicsOfMissing(draft, nowMs - LONG_MS)
  const topics = missing.filter((topic) => (watch.calledAtMs.get(topic) ?? 0) + LONG_MS / 2 <= nowMs)
  if (topics.length > 0) await vote(context, draft, topics, false, nowMs)
  const callAtMs = nowMs + turnMs + (isFirstLook ? context.settings.settleMs : LONG_MS)
  draft.watch = { ...draft.watch, callAtMs, calledAtMs: withTimes(watch.calledAtMs, topics, nowMs) }
  draft.wakeAt(callAtMs)
}

/** Somebody who is where the group is says so on a topic. */
function noteCall(draft: Draft, topic: string, nowMs: number): void {
  if (topic === draft.here.topic) return
  draft.watch = { ...draft.watch, calledAtMs: withTimes(draft.watch.calledAtMs, [topic], nowMs) }
}

function withTimes(
  known: ReadonlyMap<string, number>,
  topics: readonly string[],
  nowMs: number,
): ReadonlyMap<string, number> {
  const recent = [...known].filter(([, atMs]) => atMs + LONG_MS > nowMs)
  return new Map([...recent, ...topics.map((topic) => [topic, nowMs] as const)])
}

/** Tells those who are left behind where this device stands. */
export async function answerLeftBehind(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const { answerAtMs, answerOn } = draft.watch
  if (answerAtMs === undefined || isGone(draft)) return
  if (answerAtMs > nowMs) {
    draft.wakeAt(answerAtMs)
    return
  }
  draft.watch = { ...draft.watch, answerAtMs: undefined }
  const topics = [...answerOn].filter(([topic]) => draft.rendezvous.has(topic))
  if (topics.length === 0) return
  const names = topics.map(([topic]) => topic)
  await vote(context, draft, names, false, nowMs)
  for (const [topic, behind] of topics) await retell(context, draft, topic, behind, nowMs)
}

/** Whoever is out of the group, as far as it knows, tells nobody where it is. */
function isGone({ here, counters }: Draft): boolean {
  return here.state.status !== 'active' || counters.gone
}

/**
 * Whether so many members say that they are further than frames lead from here, and more than say that they are not, that they
 * cannot all be lying. Whoever hears so many say it, says where it stands itself: those who are lied to hear each other.
 */
export async function isLeftBehind(context: Context, draft: Draft, nowMs: number): Promise<boolean> {
  const { here, ledgers, tree, counters } = draft
  let ahead = 0
  let near = 0
  for (const { device, path, conflict } of ledgers.statements.values()) {
    const [head] = path
    if (conflict || device === context.self || head === undefined || !here.roster.devices.has(device)) continue
    const anchor = path.find(({ id }) => tree.get(id) !== undefined)
    if (anchor === undefined || !tree.isOnPath(anchor.id, here.id)) continue
    if (head.height > here.height + BigInt(context.settings.retainedEpochs)) ahead++
    else if (head.height >= here.height) near++
  }
  if (ahead < witnesses(context, draft)) return false
  if (counters.voted?.id !== here.id && here.state.status === 'active') {
    await vote(context, draft, [here.topic], false, nowMs)
  }
  return ahead > near
}

/** More than a third of the others, of whom no more may be lying; in large groups as many as answer. */
export function witnesses({ settings }: Context, { here }: Draft): number {
  return Math.min(Math.floor((here.roster.devices.size - 1) / 3) + 1, settings.firstVoters)
}

/** How many have to answer: more than there are who are left behind. */
function answersWanted(context: Context, draft: Draft): number {
  const { here, ledgers, tree } = draft
  let behind = 0
  for (const { path, stuck } of ledgers.statements.values()) {
    const [head] = path
    if (head === undefined || head.height >= here.height) continue
    const isFar = head.height + BigInt(context.settings.retainedEpochs) < here.height
    if ((isFar || stuck) && tree.isOnPath(head.id, here.id)) behind++
  }
  return Math.max(witnesses(context, draft), behind + 1)
}

/** How many members come before this device, without the one that is asking. */
function placeOf({ wire, groupId, self }: Context, { here }: Draft, asking: string): number {
  const rank = (device: string): string => deviceRank({ suite: wire, groupId }, here.height, device)
  const own = rank(self)
  let before = 0
  for (const device of here.roster.devices) if (device !== asking && device !== self && rank(device) < own) before++
  return before
}

/** After how long without a word of others this device may have missed whatever there was. */
const LONG_MS = 24 * 3_600_000

/** For how long what was said is taken to be with whoever was away meanwhile: frames are kept for longer. */
const VOTES_LAST_MS = 24 * 3_600_000

const NOTHING_ASKED: ReadonlyMap<string, bigint> = new Map()

/** How often this device answers. */
const ANSWER_EVERY_MS = 5_000
