// What every call ends with: everything that follows from what came in, and whatever it is time for.

import { tendAdmissions } from './admissions.ts'
import { commitDue } from './committing.ts'
import { tellOfSilence } from './deliveries.ts'
import type { Draft } from './draft.ts'
import { isOnOpenEpoch } from './epoch-tree.ts'
import { follow } from './following.ts'
import { mindGaps } from './gaps.ts'
import { handOutWelcomes } from './handing-out.ts'
import { announceSilence, answerLeftBehind, callMissing } from './left-behind.ts'
import { acknowledge } from './messages.ts'
import { tendOutbox } from './outbox.ts'
import { hasSaid, vote } from './publishing.ts'
import { believeNotices, sendNotices } from './removal-notices.ts'
import { leaveTopics } from './rendezvous.ts'
import { askForReentry, askToLeave, settleReturn } from './repair.ts'
import { readAgain } from './rereading.ts'
import { letGo } from './retention.ts'
import type { Context } from './session-state.ts'

export async function tend(context: Context, draft: Draft, nowMs: number): Promise<void> {
  if (draft.news) await follow(context, draft, nowMs)
  else if (draft.watch.lookAtMs !== undefined) draft.wakeAt(draft.watch.lookAtMs)
  await commitDue(context, draft, nowMs)
  if (draft.moved) leaveTopics(context, draft, nowMs)
  handOutWelcomes(context, draft, nowMs)
  tendAdmissions(context, draft, nowMs)
  await tendOutbox(context, draft, nowMs)
  believeNotices(context, draft)
  settleReturn(draft, nowMs)
  await askForReentry(context, draft, nowMs)
  await askToLeave(context, draft, nowMs)
  await answerStrangers(context, draft, nowMs)
  await answerLeftBehind(context, draft, nowMs)
  await announceSilence(context, draft, nowMs)
  await callMissing(context, draft, nowMs)
  await sendNotices(context, draft, nowMs)
  await acknowledgeDue(context, draft, nowMs)
  mindGaps(context, draft, nowMs)
  readAgain(draft, nowMs)
  tellOfSilence(context, draft, nowMs)
  letGo(context, draft, nowMs)
}

/** After a restart: what was about to be done is looked at anew, and whether it is undecided where the group goes. */
export function comeBack(draft: Draft): void {
  draft.news = true
  draft.watch = { ...draft.watch, forgetAtMs: 0 }
  for (const [device] of draft.ledgers.peers.entries()) draft.outboxNews.add(device)
  // Some of them may have waited for room that there is now.
  if (draft.ledgers.unread.size > 0) draft.watch = { ...draft.watch, retryUnread: true }
}

/** Frames with the topic's signature that no key opens are of a branch that this device does not know: it says where it is. */
async function answerStrangers(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const { strangeVoteAtMs } = draft.watch
  if (draft.watch.strange.size === 0 || draft.here.state.status !== 'active') return
  const waiting = new Set([...draft.ledgers.unread.values()].map(({ topic }) => topic))
  const strange = [...draft.watch.strange].filter((topic) => waiting.has(topic) || !isOnOpenEpoch(draft.tree, topic))
  if (strange.length === 0) {
    draft.watch = { ...draft.watch, strange: new Set() }
    return
  }
  // Most of them are only ahead of the commit that brings their keys.
  const dueMs = strangeVoteAtMs === 0 ? nowMs + context.settings.settleMs * 4 : strangeVoteAtMs
  if (strangeVoteAtMs === 0) draft.watch = { ...draft.watch, strangeVoteAtMs: dueMs }
  if (dueMs > nowMs) {
    draft.wakeAt(dueMs)
    return
  }
  const topics = [...strange, draft.here.topic].filter((topic) => draft.rendezvous.has(topic))
  for (const topic of topics) draft.sync.add(topic)
  draft.watch = { ...draft.watch, strange: new Set(), strangeVoteAtMs: nowMs + STRANGE_EVERY_MS }
  // What was said stays in everybody's archive. But others may have come to where they are after it was.
  const { said, votedAtMs } = draft.watch
  const sayAgainAtMs = votedAtMs + context.settings.detachAfterMs * 4 ** ((said?.times ?? 1) - 1)
  const news = topics.filter((topic) => !hasSaid(draft, topic) || nowMs >= sayAgainAtMs)
  if (news.length > 0) await vote(context, draft, news, false, nowMs)
}

async function acknowledgeDue(context: Context, draft: Draft, nowMs: number): Promise<void> {
  const { acknowledgeAtMs, unacknowledged } = draft.watch
  if (acknowledgeAtMs === undefined || unacknowledged.size === 0) return
  if (draft.here.state.status !== 'active') return
  if (acknowledgeAtMs > nowMs) draft.wakeAt(acknowledgeAtMs)
  else await acknowledge(context, draft, nowMs)
}

/** How often this device says where it is to those whom it cannot read. */
const STRANGE_EVERY_MS = 30_000
