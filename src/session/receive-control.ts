// What members say to all branches: votes, and requests to be added again or to leave.

import { equalBytes, toHex } from '../bytes.ts'
import { fail } from '../errors.ts'
import { validateKeyPackage } from '../group/key-packages.ts'
import { members } from '../tree/ratchet-tree.ts'
import { type Draft, tellOfConflict } from './draft.ts'
import { noteStand } from './left-behind.ts'
import { heardOf } from './peer-news.ts'
import type { StoredRequest } from './peers.ts'
import { planNotice } from './removal-notices.ts'
import {
  decodeLeaveRequest,
  decodeReentryRequest,
  generationOf,
  inboxHash,
  type LeaveRequest,
  readReentry,
  verifyLeaveRequest,
} from './requests.ts'
import { sessionPolicy } from './session-policy.ts'
import type { Context } from './session-state.ts'
import { laterOf, type Statement } from './statement.ts'
import { deviceOf, readVote } from './vote.ts'

/** @returns whether it says anything new */
export async function takeVote(
  context: Context,
  draft: Draft,
  topic: string,
  body: Uint8Array,
  nowMs: number,
): Promise<boolean> {
  const { statements, votes } = draft.ledgers
  const statement = await readVote(
    context.wire,
    context.groupId,
    draft.tree,
    {
      isMember: (device) => draft.here.roster.devices.has(device),
      latestOf: (device) => statements.get(device),
    },
    body,
  )
  noteHeard(context, draft, topic, statement, body, nowMs)
  // What this device says itself it knows better than those who repeat it.
  if (statement === undefined || statement.device === context.self) return false
  const known = statements.get(statement.device)
  const counted = laterOf(known, statement)
  if (counted.conflict && known?.conflict !== true) tellOfConflict(draft, statement.device)
  statements.set(statement.device, counted)
  const [stand] = statement.path
  if (stand !== undefined) {
    votes.set(statement.device, { number: statement.number, stand: stand.id, height: stand.height, body })
  }
  draft.news = true
  noteStand(context, draft, topic, statement, nowMs)
  const node = stand === undefined ? undefined : draft.tree.get(stand.id)
  if (node !== undefined) heardOf(draft, statement.device, node.height, nowMs)
  return true
}

/** Remembers that a vote can be found on a topic: a new one, or one that came before, as it was. */
function noteHeard(
  { heardVotes }: Context,
  { ledgers }: Draft,
  topic: string,
  statement: Statement | undefined,
  body: Uint8Array,
  nowMs: number,
): void {
  if (statement !== undefined) heardVotes.note(topic, statement.device, statement.number, nowMs)
  else {
    const device = deviceOf(body)
    const known = ledgers.votes.get(device)
    if (known !== undefined && equalBytes(known.body, body)) heardVotes.note(topic, device, known.number, nowMs)
  }
}

/** Keeps a request of a member that can be fulfilled: one for each device. @returns whether it is a new one */
export async function takeReentryRequest(
  context: Context,
  draft: Draft,
  topic: string,
  body: Uint8Array,
  nowMs: number,
): Promise<boolean> {
  const { keyPackage, inbox } = decodeReentryRequest(body)
  const { leafNode } = keyPackage
  const device = toHex(leafNode.signatureKey)
  const reentry = readReentry(leafNode)
  if (device === context.self || reentry === undefined || !equalBytes(reentry.groupId, context.groupId)) return false
  const current = [...members(draft.here.state.tree)].find((member) => toHex(member.leafNode.signatureKey) === device)
  // A request serves once, and comes by several topics.
  const served = current === undefined ? draft.watch.notices.get(device)?.generation : generationOf(current.leafNode)
  const key = `reentry/${device}`
  const waiting = draft.ledgers.requests.get(key)
  const kept = waiting === undefined ? undefined : generationOf(decodeReentryRequest(waiting.body).keyPackage.leafNode)
  if ((served ?? -1n) >= reentry.generation || (kept ?? -1n) >= reentry.generation) return false
  if (!equalBytes(reentry.inbox, inboxHash(context.wire, inbox))) {
    fail('REQUEST_SIGNATURE', 'a request to be added again with an inbox that its device has not signed')
  }
  await validateKeyPackage(context.suite, keyPackage, { nowMs, policy: sessionPolicy(context.wire) })
  // Whoever was removed has to be added by somebody who may.
  if (current === undefined) planNotice(context, draft, { device, generation: reentry.generation, topic }, nowMs)
  else draft.ledgers.requests.set(key, { kind: 'reentry', body, receivedAtMs: nowMs })
  return true
}

export async function takeLeaveRequest(context: Context, draft: Draft, body: Uint8Array, nowMs: number): Promise<void> {
  if (body.length > MAX_LEAVE_BYTES) fail('REQUEST_MALFORMED', 'a request to leave that is too long')
  const asked = decodeLeaveRequest(body)
  for (const { leafNode } of members(draft.here.state.tree)) {
    if (!(await verifyLeaveRequest(context.wire, context.groupId, leafNode, asked))) continue
    const device = toHex(leafNode.signatureKey)
    const { requests } = draft.ledgers
    const key = `leave/${device}`
    // Turns count from when it came: whoever repeats it would put them off.
    if (device === context.self || isSameLeave(requests.get(key), asked)) return
    requests.set(key, { kind: 'leave', body, receivedAtMs: nowMs })
    return
  }
}

function isSameLeave(waiting: StoredRequest | undefined, { leaf }: LeaveRequest): boolean {
  return waiting !== undefined && equalBytes(decodeLeaveRequest(waiting.body).leaf, leaf)
}

const MAX_LEAVE_BYTES = 256
