// Committing what this device wants, and what others have asked for: when the group is calm, in rank order where several
// may want to commit at once, and everything in one commit (spec/ordering.md).

import { toHex } from '../bytes.ts'
import { CoterieError } from '../errors.ts'
import { type CommitResult, commit } from '../group/commit.ts'
import { validateKeyPackage } from '../group/key-packages.ts'
import { ProposalType, SenderType } from '../messages/code-points.ts'
import { isDefaultProposal } from '../messages/proposal.ts'
import { leafAt } from '../tree/ratchet-tree.ts'
import { authorise } from './authorise.ts'
import { type Chore, dueChores } from './chores.ts'
import type { Draft } from './draft.ts'
import { nodeIdOf, type OpenEpoch } from './epoch-tree.ts'
import { follow } from './following.ts'
import { type Intent, type Plan, Planner } from './intents.ts'
import { moveTo } from './moving.ts'
import type { PendingIntent } from './own-work.ts'
import { type PastStep, pastExtension, pastOf } from './past.ts'
import { PayloadKind } from './payload.ts'
import { publish } from './publishing.ts'
import { deviceAt, membership } from './receive-commit.ts'
import { rendezvousOf } from './rendezvous.ts'
import { encodeCommitNote } from './requests.ts'
import { sessionPolicy } from './session-policy.ts'
import type { Context } from './session-state.ts'
import { pathTo } from './statement.ts'
import { dueAt, patienceMs } from './turns.ts'

/**
 * Whether an intent can be carried out as things are.
 * @throws CoterieError what makes it impossible (caller)
 */
export async function checkIntent(context: Context, draft: Draft, intent: Intent, nowMs: number): Promise<void> {
  const { state } = draft.here
  const planner = new Planner(context.wire, state, nowMs)
  planner.want(intent)
  if (intent.kind === 'add') {
    for (const { keyPackage } of intent.newcomers) {
      await validateKeyPackage(context.suite, keyPackage, { nowMs, policy: sessionPolicy(context.wire) })
    }
  }
  const sender = { senderType: SenderType.member, leafIndex: state.own.leafIndex } as const
  const { proposals, leaves } = planner.plan()
  await authorise(
    context.wire,
    proposals.map((proposal) => ({ proposal, sender })),
    {
      groupContext: state.groupContext,
      memberAt: (leafIndex) => leafAt(state.tree, leafIndex),
      committer: sender,
      authenticatedData: encodeCommitNote({ statement: draft.counters.statement, leaves }),
    },
  )
}

/** Commits what is due now. */
export async function commitDue(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const { here } = draft
  if (here.state.status !== 'active' || draft.counters.gone) return
  // Never a second commit in one epoch, whatever became of the first.
  if (draft.tree.children(here.id).some(({ device }) => device === context.self)) return
  const wishes = pendingHere(draft)
  noteWaiting(context, draft, wishes, nowMs)
  const { watch } = draft
  // What waits for room may lead on from here: it is taken in first.
  if (watch.detached || watch.retryUnread) return
  // It is better to wait for those who are ahead, but not for ever: perhaps nobody is.
  if (watch.behindSinceMs !== undefined && nowMs < watch.behindSinceMs + PATIENCE_MS) {
    draft.wakeAt(watch.behindSinceMs + PATIENCE_MS)
    return
  }
  const chores = dueChores(context, draft, nowMs)
  if (wishes.length === 0 && chores.length === 0 && watch.alternative === undefined) return
  if (watch.open && !isOverdue(context, draft, chores, nowMs)) return
  const dueMs = dueAt(context, draft, wishes, chores, nowMs)
  if (dueMs > nowMs) {
    draft.wakeAt(dueMs)
    return
  }
  await commitAll(context, draft, wishes, chores, nowMs)
  draft.watch = { ...draft.watch, alternative: undefined }
  await follow(context, draft, nowMs)
}

/** Intents that no commit on the way to where this device stands has carried out. */
export function pendingHere(draft: Draft): PendingIntent[] {
  const { intents, commits } = draft.ledgers
  if (intents.size === 0) return []
  const carried = new Set<bigint>()
  for (const { node, intents: numbers } of commits.values()) {
    if (draft.tree.isOnPath(node, draft.counters.stand)) for (const number of numbers) carried.add(number)
  }
  return [...intents.values()].filter(({ number, intent }) => intent.kind !== 'leave' && !carried.has(number))
}

/**
 * Whether something has waited for so long that it is committed although it is undecided where the group goes: a member who makes
 * one fork after the other must not be able to stop everybody, its own removal included.
 */
function isOverdue(context: Context, draft: Draft, chores: readonly Chore[], nowMs: number): boolean {
  const sinceMs = Math.min(
    draft.watch.waitingSinceMs ?? Number.POSITIVE_INFINITY,
    ...chores.map(({ receivedAtMs }) => receivedAtMs),
  )
  if (sinceMs === Number.POSITIVE_INFINITY) return false
  const overdueMs = sinceMs + patienceMs(context, draft)
  if (overdueMs > nowMs) draft.wakeAt(overdueMs)
  return overdueMs <= nowMs
}

/** Remembers since when what this device wants has been waiting; forgets it when the group has been calm for long. */
function noteWaiting(context: Context, draft: Draft, wishes: readonly PendingIntent[], nowMs: number): void {
  const { standingSinceMs, waitingSinceMs, open } = draft.watch
  const waits = wishes.some(({ intent, queued }) => (queued || open) && intent.kind !== 'refresh')
  if (waits && waitingSinceMs === undefined) draft.watch = { ...draft.watch, waitingSinceMs: nowMs }
  const calm = !waits && nowMs - standingSinceMs > patienceMs(context, draft)
  if (calm && waitingSinceMs !== undefined) draft.watch = { ...draft.watch, waitingSinceMs: undefined }
}

/** Everything in one commit; where some of it has become impossible, the rest without it. */
async function commitAll(
  context: Context,
  draft: Draft,
  wishes: readonly PendingIntent[],
  chores: readonly Chore[],
  nowMs: number,
): Promise<void> {
  const accepted: PendingIntent[] = []
  for (const wish of wishes) {
    try {
      await checkIntent(context, draft, wish.intent, nowMs)
      accepted.push(wish)
    } catch (error) {
      giveUp(draft, wish, error)
    }
  }
  try {
    await commitTogether(context, draft, accepted, chores, nowMs)
  } catch (error) {
    if (!CoterieError.is(error) || error.origin === 'internal') throw error
    // What does not go together goes alone, or not at all.
    const [wish, ...others] = accepted
    const [chore] = chores
    if (wish !== undefined && (others.length > 0 || chore !== undefined)) {
      await commitAll(context, draft, [wish], [], nowMs)
    } else if (wish !== undefined) giveUp(draft, wish, error)
    else if (chore !== undefined && chores.length > 1) await commitAll(context, draft, [], [chore], nowMs)
    else if (chore !== undefined) {
      chore.giveUp()
      draft.events.push({ type: 'rejected', error })
    } else throw error
  }
}

/** @throws CoterieError where two of them do not go together */
async function commitTogether(
  context: Context,
  draft: Draft,
  wishes: readonly PendingIntent[],
  chores: readonly Chore[],
  nowMs: number,
): Promise<void> {
  const planner = new Planner(context.wire, draft.here.state, nowMs)
  for (const { intent } of wishes) planner.want(intent)
  for (const chore of chores) chore.plan(planner)
  const plan = planner.plan()
  const numbers = wishes.map(({ number }) => number)
  const refreshes = wishes.some(({ intent }) => intent.kind === 'refresh')
  if (plan.proposals.length === 0 && !refreshes && draft.watch.alternative === undefined) {
    // Fulfilled by others.
    for (const number of numbers) draft.ledgers.intents.delete(`${number}`)
    return
  }
  await commitPlan(context, draft, plan, numbers, nowMs)
}

function giveUp(draft: Draft, { number, intent }: PendingIntent, error: unknown): void {
  if (!CoterieError.is(error) || error.origin === 'internal') throw error
  draft.ledgers.intents.delete(`${number}`)
  const isFulfilled = intent.kind === 'remove' && error.code === 'GROUP_UNKNOWN_MEMBER'
  if (!isFulfilled) draft.events.push({ type: 'intent-failed', intent, error })
}

async function commitPlan(
  context: Context,
  draft: Draft,
  plan: Plan,
  intents: readonly bigint[],
  nowMs: number,
): Promise<void> {
  const parent = draft.here
  const statement = draft.counters.statement + 1n
  const made = await commit(parent.state, {
    nowMs,
    proposals: plan.proposals,
    policy: sessionPolicy(context.wire),
    // Others must be able to process it from the state in which they entered the epoch; the frame is what is encrypted.
    wireFormat: 'public',
    authenticatedData: encodeCommitNote({ statement, leaves: plan.leaves }),
    groupInfo: { ratchetTree: true, extensions: [pastExtension(pastOf(draft.tree, parent, stepOf(parent, plan)))] },
  })
  const node = await nodeOf(context, draft, parent, plan, made)
  draft.put({ ...parent, state: made.parent })
  draft.put(node)
  draft.news = true
  draft.counters = { ...draft.counters, statement }
  draft.ledgers.statements.set(context.self, {
    device: context.self,
    number: statement,
    path: pathTo(draft.tree, node.id),
    stuck: false,
    conflict: false,
  })
  const welcome = made.welcome === undefined ? undefined : { message: made.welcome, inboxes: plan.inboxes }
  draft.ledgers.commits.set(node.id, {
    node: node.id,
    intents,
    welcome,
    handedOutAtMs: undefined,
    settlesAtMs: nowMs + context.settings.settleMs,
  })
  draft.reach.push(...plan.reach)
  await publish(context, draft, parent, PayloadKind.commit, made.message, nowMs)
  // Its author stands in it, even where the group goes another way as far as it knows.
  await moveTo(context, draft, node, nowMs)
}

/** What the commit makes of the epoch, for those whom it adds. */
function stepOf(parent: OpenEpoch, { proposals }: Plan): Omit<PastStep, 'parent'> {
  const added = new Set<string>()
  const removed: number[] = []
  for (const proposal of proposals) {
    if (!isDefaultProposal(proposal)) continue
    if (proposal.proposalType === ProposalType.add) added.add(toHex(proposal.keyPackage.leafNode.signatureKey))
    if (proposal.proposalType === ProposalType.remove) removed.push(proposal.removed)
  }
  return {
    committer: parent.state.own.leafIndex,
    removed,
    joined: [...added].filter((device) => !parent.roster.devices.has(device)),
    left: removed.map((leafIndex) => deviceAt(parent.state, leafIndex)).filter((device) => !added.has(device)),
  }
}

async function nodeOf(
  context: Context,
  draft: Draft,
  parent: OpenEpoch,
  plan: Plan,
  { state }: CommitResult,
): Promise<OpenEpoch> {
  const rendezvous = await rendezvousOf(context.wire, state)
  draft.openTopic(rendezvous)
  const removed = plan.proposals.flatMap((proposal) =>
    isDefaultProposal(proposal) && proposal.proposalType === ProposalType.remove ? [proposal.removed] : [],
  )
  const sender = { senderType: SenderType.member, leafIndex: parent.state.own.leafIndex } as const
  const proposals = plan.proposals.map((proposal) => ({ proposal, sender, pending: undefined }))
  return {
    id: nodeIdOf(state),
    parent: parent.id,
    height: state.groupContext.epoch,
    committer: parent.state.own.leafIndex,
    removed,
    device: toHex(context.device.publicKey),
    ...membership(context, parent, { proposals, removed }, state),
    topic: rendezvous.topic.name,
    state,
    broken: false,
  }
}

/** How long a device that knows the group to be ahead does not commit. */
const PATIENCE_MS = 5_000
