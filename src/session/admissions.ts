// Requests to be let in by an invite (spec/invite.md): kept when they come, carried out like what members ask for, or answered
// where they are in vain.

import { toHex } from '../bytes.ts'
import { CoterieError, type ErrorCode, fail } from '../errors.ts'
import { validateKeyPackage } from '../group/key-packages.ts'
import { ownLeafNode } from '../group/state.ts'
import { decodeContactCard } from '../wire/contact-card.ts'
import { type AdmissionRequest, AnswerReason, encodeAnswer } from '../wire/invite.ts'
import type { Admission } from './admission-records.ts'
import type { Draft } from './draft.ts'
import { rankContext } from './following.ts'
import { deviceRank } from './fork-choice.ts'
import { admissionMark, type GroupInvite, inviteKey, isExpired, usesLeft } from './group-invites.ts'
import { identityOf, readGroupInvites, readGroupProfile } from './group-profile.ts'
import { lastOfMost } from './last-of-most.ts'
import { readReentry } from './requests.ts'
import { sessionPolicy } from './session-policy.ts'
import type { Context } from './session-state.ts'

/** A request as it came. */
export interface ArrivedRequest {
  /** See `inviteKey`. */
  readonly invite: string
  readonly request: AdmissionRequest
  /** The peer that passed it on. */
  readonly from: string
}

/** Keeps a request. What is wrong with it is told. */
export async function takeAdmission(
  context: Context,
  draft: Draft,
  arrived: ArrivedRequest,
  nowMs: number,
): Promise<void> {
  try {
    await keep(context, draft, arrived, nowMs)
  } catch (error) {
    if (!CoterieError.is(error)) throw error
    draft.events.push({ type: 'rejected', error })
  }
}

/** Those that can be committed here and now. */
export function dueAdmissions(draft: Draft, nowMs: number): (readonly [key: string, Admission])[] {
  const { admissions } = draft.ledgers
  if (admissions.size === 0) return []
  const invites = invitesAt(draft)
  const isAdmin = isOwnAdmin(draft)
  return [...admissions.entries()].filter(([, admission]) => {
    const invite = invites.get(admission.invite)
    if (invite === undefined || isAdmitted(draft, invite, admission)) return false
    if (vanity(invite, admission, nowMs) !== undefined) return false
    return invite.approve ? isAdmin && admission.state === 'approved' : admission.state !== 'answered'
  })
}

/** Those that wait for an admin, the oldest first. */
export function applicants(draft: Draft, nowMs: number): (readonly [key: string, Admission])[] {
  const { admissions } = draft.ledgers
  if (admissions.size === 0 || !isOwnAdmin(draft)) return []
  const invites = invitesAt(draft)
  return [...admissions.entries()]
    .filter(([, admission]) => {
      const invite = invites.get(admission.invite)
      if (invite?.approve !== true || admission.state !== 'waiting') return false
      return !isAdmitted(draft, invite, admission) && vanity(invite, admission, nowMs) === undefined
    })
    .sort(([, a], [, b]) => a.receivedAtMs - b.receivedAtMs)
}

/**
 * Takes note of what an admin has decided.
 * @throws CoterieError `REQUEST_UNKNOWN`, `GROUP_NOT_PERMITTED`, `INVITE_*`
 */
export function decide(draft: Draft, key: string, decision: 'approved' | 'refused', nowMs: number): void {
  const { admissions } = draft.ledgers
  const admission = admissions.get(key)
  if (admission?.state !== 'waiting')
    throw new CoterieError('REQUEST_UNKNOWN', 'this request has been answered, or was dropped')
  if (!isOwnAdmin(draft)) fail('GROUP_NOT_PERMITTED', 'only admins decide who comes in by this invite')
  const invite = invitesAt(draft).get(admission.invite)
  if (invite !== undefined && isAdmitted(draft, invite, admission)) {
    fail('REQUEST_UNKNOWN', 'whoever asked for this is in the group')
  }
  const reason = vanity(invite, admission, nowMs)
  if (decision === 'approved' && reason !== undefined) fail(ANSWER_CODES[reason], 'nobody comes in by this invite now')
  admissions.set(key, { ...admission, state: decision })
}

/** Tells those who ask in vain, and forgets what nobody can ask for any more. */
export function tendAdmissions(context: Context, draft: Draft, nowMs: number): void {
  const { admissions } = draft.ledgers
  if (admissions.size === 0 || draft.here.state.status !== 'active' || draft.counters.gone) return
  const invites = invitesAt(draft)
  const settledAtMs = draft.watch.standingSinceMs + context.settings.settleMs
  for (const [key, admission] of [...admissions.entries()]) {
    const invite = invites.get(admission.invite)
    if (invite === undefined) {
      // Of a branch that this device has left, or dropped since it has expired.
      if (nowMs - admission.receivedAtMs > FORGET_MS) admissions.delete(key)
      continue
    }
    if (admission.state === 'answered' || isAdmitted(draft, invite, admission)) continue
    const reason = vanity(invite, admission, nowMs)
    if (reason === undefined || (reason !== 'refused' && !isOneOfFirst(context, draft))) continue
    // Another branch may have room.
    if (draft.watch.open || settledAtMs > nowMs) {
      draft.wakeAt(Math.max(settledAtMs, nowMs + context.settings.settleMs))
      continue
    }
    admissions.set(key, { ...admission, state: 'answered' })
    if (answeredOf(draft, admission.invite) > MAX_ANSWERS) continue
    draft.reach.push({ addresses: admission.addresses, relays: [] })
    draft.answers.push({
      inbox: admission.inbox,
      body: encodeAnswer(context.wire, admission.answerKey, AnswerReason[reason]),
    })
  }
}

/** Gives up what cannot be committed: the joiner is told. */
export function giveUpAdmission(draft: Draft, key: string): void {
  const admission = draft.ledgers.admissions.get(key)
  if (admission !== undefined) draft.ledgers.admissions.set(key, { ...admission, state: 'refused' })
}

async function keep(
  context: Context,
  draft: Draft,
  { invite, request, from }: ArrivedRequest,
  nowMs: number,
): Promise<void> {
  const { admissions } = draft.ledgers
  const { card, answerKey, note } = request
  const key = toHex(context.wire.hash.digest(card))
  if (admissions.has(key) || !invitesAt(draft).has(invite)) return
  const { keyPackage, inbox, addresses, relays } = await decodeContactCard(context.wire, card)
  if (toHex(keyPackage.leafNode.signatureKey) === context.self) return
  if (readReentry(keyPackage.leafNode) !== undefined) {
    fail('REQUEST_MALFORMED', 'a request by an invite to replace a leaf')
  }
  await validateKeyPackage(context.suite, keyPackage, { nowMs, policy: sessionPolicy(context.wire) })
  makeRoom(draft, from)
  admissions.set(key, {
    ...{ invite, keyPackage, inbox, answerKey, note, mark: admissionMark(context.wire, keyPackage) },
    addresses: addresses.slice(0, MAX_ADDRESSES),
    relays: relays.slice(0, MAX_ADDRESSES),
    receivedAtMs: nowMs,
    from,
    state: 'waiting',
  })
}

/**
 * First come, first served, but where too many wait the last of the peer by whom most have come goes: whoever floods an invite
 * drives out, and keeps out, only those who came by the same peer, and later.
 */
function makeRoom(draft: Draft, from: string): void {
  const { admissions } = draft.ledgers
  if (admissions.size < MAX_WAITING) return
  const invites = invitesAt(draft)
  const isDone = (admission: Admission): boolean => {
    const invite = invites.get(admission.invite)
    return invite === undefined || admission.state === 'answered' || isAdmitted(draft, invite, admission)
  }
  const done = [...admissions.entries()].filter(([, admission]) => isDone(admission))
  if (admissions.size - done.length >= MAX_WAITING) {
    const error = new CoterieError('REQUEST_DROPPED', `too many ask to be let in: only ${MAX_WAITING} can wait`)
    const waiting = [...admissions.entries()].filter(([, admission]) => !isDone(admission))
    waiting.sort(([, a], [, b]) => a.receivedAtMs - b.receivedAtMs)
    const all = waiting.map(([key, one]) => ({ key, from: one.from, mayGo: one.state === 'waiting' }))
    const newest = { key: '', from, mayGo: true }
    const last = lastOfMost([...all, newest])
    if (last === undefined || last === newest) throw error
    admissions.delete(last.key)
    draft.events.push({ type: 'rejected', error })
  }
  if (done.length < MAX_DONE) return
  const [oldest] = done.sort(([, a], [, b]) => a.receivedAtMs - b.receivedAtMs)
  if (oldest !== undefined) admissions.delete(oldest[0])
}

/** Why nobody can come in by a request; undefined where somebody can. */
function vanity(
  invite: GroupInvite | undefined,
  { state }: Admission,
  nowMs: number,
): keyof typeof AnswerReason | undefined {
  if (state === 'refused') return 'refused'
  if (invite === undefined) return 'expired'
  if (invite.revoked) return 'revoked'
  if (isExpired(invite, nowMs)) return 'expired'
  return usesLeft(invite) === 0 ? 'usedUp' : undefined
}

/** Whether the request has been served here, be it that the device was removed since. */
function isAdmitted(draft: Draft, invite: GroupInvite, { keyPackage, mark }: Admission): boolean {
  return invite.admitted.includes(mark) || draft.here.roster.devices.has(toHex(keyPackage.leafNode.signatureKey))
}

function invitesAt(draft: Draft): Map<string, GroupInvite> {
  const invites = readGroupInvites(draft.here.state.groupContext.extensions)
  return new Map(invites.map((invite) => [inviteKey(invite), invite] as const))
}

function isOwnAdmin(draft: Draft): boolean {
  const { state } = draft.here
  if (state.status !== 'active') return false
  return readGroupProfile(state.groupContext.extensions).admins.includes(identityOf(ownLeafNode(state)))
}

/** Whether this device is one of those who answer: not everybody says the same thing. */
function isOneOfFirst(context: Context, { here }: Draft): boolean {
  const { devices } = here.roster
  if (devices.size <= ANSWERERS) return true
  const rank = (device: string): string => deviceRank(rankContext(context), here.height, device)
  const own = rank(context.self)
  let before = 0
  for (const device of devices) if (rank(device) < own) before++
  return before < ANSWERERS
}

function answeredOf(draft: Draft, invite: string): number {
  let count = 0
  for (const { invite: of, state } of draft.ledgers.admissions.values()) {
    if (of === invite && state === 'answered') count++
  }
  return count
}

/** The error that each reason is. */
export const ANSWER_CODES: Readonly<Record<keyof typeof AnswerReason, ErrorCode>> = {
  revoked: 'INVITE_REVOKED',
  usedUp: 'INVITE_USED_UP',
  expired: 'INVITE_EXPIRED',
  refused: 'INVITE_REFUSED',
}

/** How many requests wait, of all invites together. */
const MAX_WAITING = 256
/** Whoever asks does not make members connect to half the world. */
const MAX_ADDRESSES = 4
/** How many that are done are remembered beside those. */
const MAX_DONE = 1_024
/** How many members tell a joiner that it asks in vain. */
const ANSWERERS = 8
/** How many joiners are told so by one device: whoever floods an invite has nobody's inbox flooded. */
const MAX_ANSWERS = 64
/** As long as invites last at most. */
const FORGET_MS = 31 * 86_400_000
