// A device that the group has left behind asks to be added again, and comes back by a Welcome (spec/repair.md). A member
// that wants to leave asks too.

import { toHex } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import { createKeyPackage, lifetimeOfDays } from '../group/key-packages.ts'
import { type GroupState, ownLeafNode } from '../group/state.ts'
import { leafAt, members } from '../tree/ratchet-tree.ts'
import type { Draft } from './draft.ts'
import { EpochTree } from './epoch-tree.ts'
import { identityOf, readGroupProfile } from './group-profile.ts'
import { joinPasts, withMembersOf, withPast } from './past.ts'
import { PayloadKind } from './payload.ts'
import { awaitNews, meetMembers, noteAbsence } from './peer-news.ts'
import { publishToAll, vote } from './publishing.ts'
import {
  encodeLeaveRequest,
  encodeReentryRequest,
  generationOf,
  inboxHash,
  REENTRY_EXTENSION,
  reentryExtension,
  signLeaveRequest,
} from './requests.ts'
import { rootNode } from './root-node.ts'
import type { Context } from './session-state.ts'
import type { Welcomed } from './welcomed.ts'

/** Asks to be added again, if it is time to. */
export async function askForReentry(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const { detached, askAtMs, asked } = draft.watch
  if (!detached || askAtMs === undefined || draft.counters.gone) return
  if (askAtMs > nowMs) {
    draft.wakeAt(askAtMs)
    return
  }
  const generation = draft.counters.statement + 1n
  draft.counters = { ...draft.counters, statement: generation }
  const own = await createKeyPackage(context.suite, {
    ...context.leaf,
    capabilities: {
      ...context.leaf.capabilities,
      extensions: [...new Set([...(context.leaf.capabilities?.extensions ?? []), REENTRY_EXTENSION])],
    },
    leafExtensions: [
      reentryExtension({ groupId: context.groupId, generation, inbox: inboxHash(context.wire, context.inbox) }),
    ],
    lifetime: lifetimeOfDays(nowMs, REENTRY_DAYS),
  })
  const { entries } = draft.ledgers
  entries.set(toHex(own.reference), own)
  for (const [oldest] of [...entries.entries()]) if (entries.size > MAX_ENTRIES) entries.delete(oldest)
  const body = encodeReentryRequest({ keyPackage: own.keyPackage, inbox: context.inbox })
  // Nearly always there is somebody where this device was last; if nobody answers, it asks everywhere.
  const topics = asked === 0 ? new Set(draft.tree.open().map(({ topic }) => topic)) : draft.rendezvous.keys()
  for (const topic of topics) {
    await publishToAll(context, draft, topic, PayloadKind.reentry, body, nowMs)
  }
  const again = nowMs + Math.min(FIRST_PATIENCE_MS * 2 ** asked, MOST_PATIENCE_MS)
  draft.watch = { ...draft.watch, askAtMs: again, asked: asked + 1, toldRemoved: new Set() }
  draft.wakeAt(again)
}

/** Goes on from where a Welcome leads: everything but the epochs stays as it was. */
export async function reenter(
  context: Context,
  draft: Draft,
  { group, past }: Pick<Welcomed, 'group' | 'past'>,
  nowMs: number,
): Promise<void> {
  const { node: root, rendezvous } = await rootNode(context.wire, group)
  const old = draft.here
  const told = withMembersOf(context.wire, draft.tree, withPast(context.wire, root, past), old)
  const [node] = told
  draft.openTopic(rendezvous)
  const before = draft.tree
  draft.tree = EpochTree.from(joinPasts(before, told))
  draft.counters = { ...draft.counters, stand: node.id, gone: false }
  draft.moved = true
  draft.hasOtherMembers = true
  draft.news = true
  const { statements, requests, peers } = draft.ledgers
  for (const [device, statement] of [...statements.entries()]) {
    const touches = statement.path.some(({ id }) => draft.tree.get(id) !== undefined)
    if (device === context.self) statements.delete(device)
    // It says nothing about this tree; its number stands, so that everybody counts the same ones of a device that cheats.
    else if (!touches) statements.set(device, { ...statement, path: [] })
  }
  for (const [key] of [...requests.entries()]) requests.delete(key)
  wishAgain(draft, before, told.at(-1)?.height ?? node.height)
  // A later request may yet be answered, and the same one again: by those who are on the branch that wins.
  const generation = generationOf(ownLeafNode(group))
  if (generation === 0n) forgetLeaving(draft)
  forgetEntries(draft, (one) => one < generation)
  meetMembers(context, draft, node, nowMs)
  noteAbsence(draft, node, false)
  for (const [device, peer] of [...peers.entries()]) {
    if (node.roster.devices.has(device)) peers.set(device, { ...peer, joined: node.height })
    awaitNews(context, draft, device, nowMs)
  }
  for (const key of context.frameKeys.values()) key.wipe()
  context.frameKeys.clear()
  context.trials.clear()
  draft.watch = {
    ...draft.watch,
    standingSinceMs: nowMs,
    newUntilMs: nowMs + context.settings.newcomerMs,
    forks: new Map(),
    behindSinceMs: undefined,
    detached: false,
    strayed: true,
    unacknowledged: new Set([...draft.ledgers.received.entries()].map(([device]) => device)),
    acknowledgeAtMs: nowMs + context.settings.ackLeastMs,
  }
  tell(draft, old.state, group)
  draft.events.push({ type: 'readded', epoch: node.height })
  // If the group is elsewhere, those who are there say so.
  await vote(context, draft, draft.rendezvous.keys(), false, nowMs)
}

/**
 * Once nothing speaks against where this device has come back to, what it has asked with is given up. Until then it may have been
 * let in by those who are on a branch that lost, and goes on asking where it left off.
 */
export function settleReturn(draft: Draft, nowMs: number): void {
  const { newUntilMs, detached, behindSinceMs, open, asked } = draft.watch
  if (draft.ledgers.entries.size === 0 && asked === 0) return
  if (detached || behindSinceMs !== undefined || open || draft.here.state.status !== 'active') return
  if (newUntilMs > nowMs) {
    draft.wakeAt(newUntilMs)
    return
  }
  const generation = generationOf(ownLeafNode(draft.here.state))
  forgetEntries(draft, (one) => one <= generation)
  if (asked > 0) draft.watch = { ...draft.watch, asked: 0, askAtMs: undefined }
}

/** Gives up key packages that this device has asked with. @param isOver - by the generation that the leaf has */
function forgetEntries(draft: Draft, isOver: (generation: bigint) => boolean): void {
  const { entries } = draft.ledgers
  for (const [key, { keyPackage }] of [...entries.entries()]) {
    if (isOver(generationOf(keyPackage.leafNode))) entries.delete(key)
  }
}

/**
 * What this device has carried out on the branch that lost waits for its turn again. Of what is older than all that it was told
 * of, it takes it that the branches had it in common.
 * @param before - the tree on which it stood
 * @param oldest - the height of the oldest epoch that it was told of
 */
function wishAgain(draft: Draft, before: EpochTree, oldest: bigint): void {
  const { commits, intents } = draft.ledgers
  for (const [id, commit] of [...commits.entries()]) {
    if (draft.tree.isOnPath(id, draft.counters.stand)) continue
    commits.delete(id)
    const isOlder = (before.get(id)?.height ?? oldest) < oldest
    for (const number of commit.intents) {
      const intent = intents.get(`${number}`)
      if (isOlder) intents.delete(`${number}`)
      else if (intent !== undefined) intents.set(`${number}`, { ...intent, queued: true })
    }
  }
}

/** Whoever has left, and is then added by somebody else, is in the group again. */
function forgetLeaving(draft: Draft): void {
  for (const [key, { intent }] of [...draft.ledgers.intents.entries()]) {
    if (intent.kind === 'leave') draft.ledgers.intents.delete(key)
  }
}

function tell(draft: Draft, before: GroupState, now: GroupState): void {
  const identities = ({ tree }: GroupState): Set<string> =>
    new Set([...members(tree)].map(({ leafNode }) => identityOf(leafNode)))
  const [was, is] = [identities(before), identities(now)]
  draft.events.push({
    type: 'epoch',
    epoch: now.groupContext.epoch,
    added: [...is].filter((identity) => !was.has(identity)),
    removed: [...was].filter((identity) => !is.has(identity)),
  })
}

/**
 * Whether this member can leave.
 * @returns whether there is anybody who can carry it out
 * @throws CoterieError `GROUP_LAST_ADMIN` (caller)
 */
export function checkLeave(draft: Draft): boolean {
  const { state } = draft.here
  const own = leafAt(state.tree, state.own.leafIndex)
  if (own === undefined) return fail('INTERNAL_INVARIANT', 'a member has no leaf of its own')
  const identity = identityOf(own)
  const others = [...members(state.tree)].filter(({ leafNode }) => identityOf(leafNode) !== identity)
  const { admins } = readGroupProfile(state.groupContext.extensions)
  if (others.length > 0 && admins.includes(identity) && admins.length === 1) {
    fail('GROUP_LAST_ADMIN', 'the last admin cannot leave: promote somebody first')
  }
  return others.length > 0
}

/** Asks the others to be let go, as often as its leaf has changed. */
export async function askToLeave(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const leaves = [...draft.ledgers.intents.values()].some(({ intent }) => intent.kind === 'leave')
  const { state, topic } = draft.here
  if (!leaves || draft.counters.gone) return
  // Where it has left on a branch that loses, it is added again, and asks once more.
  if (state.status !== 'active') return
  const own = leafAt(state.tree, state.own.leafIndex)
  if (own === undefined || draft.watch.leavingFrom === draft.counters.stand) return
  const request = await signLeaveRequest(context.wire, context.device, context.groupId, own)
  const body = encode(encodeLeaveRequest, request)
  await publishToAll(context, draft, topic, PayloadKind.leave, body, nowMs)
  draft.watch = { ...draft.watch, leavingFrom: draft.counters.stand }
}

const REENTRY_DAYS = 30
/** How many key packages are kept to be added again with: an earlier request may be the one that is answered. */
const MAX_ENTRIES = 4
const FIRST_PATIENCE_MS = 30_000
const MOST_PATIENCE_MS = 24 * 3_600_000
