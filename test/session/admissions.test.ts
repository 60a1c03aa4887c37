// Requests by invites in sessions: carried out by whoever is there, once; bounded where somebody floods; answered where in vain.

import { expect, test } from 'vitest'
import { Secret } from '../../src/crypto/secret.ts'
import { createKeyPackage, lifetimeOfDays } from '../../src/group/key-packages.ts'
import { type Admission, decodeAdmission, encodeAdmission } from '../../src/session/admission-records.ts'
import { type GroupInvite, inviteKey } from '../../src/session/group-invites.ts'
import { DEFAULT_PERMISSIONS } from '../../src/session/group-profile.ts'
import type { GroupSession } from '../../src/session/group-session.ts'
import { encodeContactCard } from '../../src/wire/contact-card.ts'
import { type AdmissionRequest, AnswerReason, readAnswer } from '../../src/wire/invite.ts'
import type { Actor } from '../attacks/actor.ts'
import { agree, Stage } from '../attacks/stage.ts'

const KEY = new Uint8Array(32).fill(7)

test('where only admins may add, any member lets people in while all admins are off', async () => {
  const permissions = { ...DEFAULT_PERMISSIONS, add: 'admins' } as const
  const members = ['ann', 'bob', 'cid']
  const stage = await Stage.open({ seed: 'admins off', members, others: ['dee'], admins: 1, permissions })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  await expect(stage.submit(bob, { kind: 'invite', invite: inviteOf(bob) })).rejects.toMatchObject({
    code: 'GROUP_NOT_PERMITTED',
  })
  const invite = inviteOf(ann, { uses: 2 })
  await stage.submit(ann, { kind: 'invite', invite })
  await stage.run(5_000)
  ann.online = false
  const newcomers = [dee.card]
  await expect(stage.submit(bob, { kind: 'add', newcomers })).rejects.toMatchObject({ code: 'GROUP_NOT_PERMITTED' })
  const request = await requestOf(dee)
  for (const one of [bob, cid]) await ask(stage, one, invite, request)
  await stage.run(10_000)
  expect(dee.session?.isMember).toBe(true)
  expect(agree([bob, cid, dee])).toBe(true)
  expect(bob.here.epoch).toBe(3n)
  expect(bob.here.invites[0]?.admitted).toHaveLength(1)
  ann.online = true
  stage.heal()
  await stage.run(10_000)
  expect(agree([ann, bob, cid, dee])).toBe(true)
  for (const one of [ann, bob, cid]) expect(one.rejected).toEqual([])
})

test('two who commit it at the same time let in one, and use one use', async () => {
  const stage = await Stage.open({ seed: 'at once', members: ['ann', 'bob', 'cid'], others: ['dee'] })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  const invite = inviteOf(ann, { uses: 2 })
  await stage.submit(ann, { kind: 'invite', invite })
  await stage.run(5_000)
  // Nobody hears what the others do until all have done it.
  stage.reaches = () => false
  const request = await requestOf(dee)
  for (const one of [ann, bob, cid]) await ask(stage, one, invite, request)
  await stage.run(2_000)
  expect([ann, bob, cid].map(({ here }) => here.members.length)).toEqual([4, 4, 4])
  expect(agree([ann, bob])).toBe(false)
  stage.heal()
  await stage.run(20_000)
  expect(agree([ann, bob, cid, dee])).toBe(true)
  expect(ann.here.members).toHaveLength(4)
  expect(ann.here.invites[0]?.admitted).toHaveLength(1)
  for (const one of [ann, bob, cid]) expect(one.told('intent-failed')).toEqual([])
})

test('what is on disk is carried out after a restart, and a stale key package by nobody', async () => {
  const stage = await Stage.open({ seed: 'stale', members: ['ann', 'bob'], others: ['dee', 'eve'] })
  const [ann, bob, dee, eve] = stage.cast('ann', 'bob', 'dee', 'eve')
  const invite = inviteOf(ann, { uses: 2, approve: true })
  await stage.submit(ann, { kind: 'invite', invite })
  await stage.run(5_000)
  await ask(stage, ann, invite, await requestOf(dee, { note: 'first' }))
  await ask(stage, ann, invite, await requestOf(eve, { note: 'second' }, 1))
  const waiting = ann.here.applicants(stage.nowMs)
  expect(waiting.map(([, { note }]) => note)).toEqual(['first', 'second'])
  // Bob is an admin as well, and has not heard of it.
  expect(bob.here.applicants(stage.nowMs)).toEqual([])
  await stage.run(2 * 86_400_000)
  for (const [key] of waiting) {
    await stage.perform(ann, (session) => session.decide(key, 'approved', stage.nowMs))
  }
  await stage.run(10_000)
  expect(dee.session?.isMember).toBe(true)
  expect(eve.session).toBeUndefined()
  expect(ann.rejected).toContain('LEAF_LIFETIME')
  expect(ann.here.members).toHaveLength(3)
})

test('of two who are let in by the last use on two branches, who loses is told, and gives up', async () => {
  for (const seed of ['one', 'two', 'three', 'four']) {
    const members = ['ann', 'bob', 'cid']
    const stage = await Stage.open({ seed: `last use ${seed}`, members, others: ['dee', 'eve'] })
    const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
    const invite = inviteOf(ann)
    await stage.submit(ann, { kind: 'invite', invite })
    await stage.run(5_000)
    const left = new Set([ann, dee])
    stage.reaches = (from, to) => left.has(from) === left.has(to)
    await ask(stage, ann, invite, await requestOf(dee, { answerKey: keyOf(1) }))
    await ask(stage, bob, invite, await requestOf(eve, { answerKey: keyOf(2) }))
    await stage.run(20_000)
    const entered = new Map([dee, eve].map((one) => [one, one.head] as const))
    expect([dee, eve].map(({ session }) => session?.isMember)).toEqual([true, true])
    expect(agree([ann, dee]) && agree([bob, cid, eve])).toBe(true)
    expect(agree([ann, bob])).toBe(false)
    expect(stage.answers).toEqual([])
    for (const [one, epoch] of entered) expect(one.here.isInVain(epoch)).toBe(false)
    stage.heal()
    await stage.run(60_000)
    expect(agree([ann, bob, cid])).toBe(true)
    const [winner, loser] = ann.here.members.some(({ identity }) => identity === dee.own.identity)
      ? [dee, eve]
      : [eve, dee]
    expect(agree([ann, winner])).toBe(true)
    // It is told, in its own inbox, and nobody else is.
    const { seed: inbox } = loser.own.inbox.address
    expect(stage.answers.length).toBeGreaterThan(0)
    for (const answer of stage.answers) {
      expect(answer.inbox.seed).toEqual(inbox)
      expect(readAnswer(ann.wire, keyOf(loser === dee ? 1 : 2), answer.body)).toBe(AnswerReason.usedUp)
    }
    // The winner believes nobody who says the same to it.
    for (const [one, isLoser] of [
      [winner, false],
      [loser, true],
    ] as const) {
      const epoch = entered.get(one) ?? ''
      expect(one.here.isInVain(epoch)).toBe(isLoser)
      await stage.perform(one, (session) => session.leaveInVain(epoch, stage.nowMs))
      expect(one.here.isMember).toBe(!isLoser)
      expect(one.told('removed')).toHaveLength(isLoser ? 1 : 0)
    }
    // And asks for nothing any more, but can be let in by another invite.
    const published = loser.published.length
    await stage.run(7_200_000)
    expect(loser.published.length).toBe(published)
    const second = inviteOf(bob)
    await stage.submit(bob, { kind: 'invite', invite: second })
    await stage.run(5_000)
    await ask(stage, cid, second, await requestOf(loser, {}, 30))
    await stage.run(20_000)
    expect(ann.here.members).toHaveLength(5)
  }
})

test('where the branch that wins has a use left, both are in it in the end', async () => {
  const stage = await Stage.open({ seed: 'uses left', members: ['ann', 'bob', 'cid'], others: ['dee', 'eve'] })
  const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  const invite = inviteOf(ann, { uses: 2 })
  await stage.submit(ann, { kind: 'invite', invite })
  await stage.run(5_000)
  const left = new Set([ann, dee])
  stage.reaches = (from, to) => left.has(from) === left.has(to)
  const requests = [
    await requestOf(dee, { answerKey: keyOf(1) }),
    await requestOf(eve, { answerKey: keyOf(2) }),
  ] as const
  await ask(stage, ann, invite, requests[0])
  await ask(stage, bob, invite, requests[1])
  await stage.run(20_000)
  expect([dee, eve].map(({ session }) => session?.isMember)).toEqual([true, true])
  stage.heal()
  // They reconcile the invite's topic.
  for (const one of [ann, bob, cid]) for (const request of requests) await ask(stage, one, invite, request)
  await stage.run(120_000)
  expect(agree([ann, bob, cid, dee, eve])).toBe(true)
  expect(ann.here.members).toHaveLength(5)
  expect(ann.here.invites[0]?.admitted).toHaveLength(2)
  expect(stage.answers).toEqual([])
})

test('of two who are asked for at once by the last use, the one whose commit loses is told before any Welcome', async () => {
  const stage = await Stage.open({ seed: 'raced', members: ['ann', 'bob'], others: ['dee', 'eve'] })
  const [ann, bob, dee, eve] = stage.cast('ann', 'bob', 'dee', 'eve')
  const invite = inviteOf(ann)
  await stage.submit(ann, { kind: 'invite', invite })
  await stage.run(5_000)
  stage.reaches = () => false
  await ask(stage, ann, invite, await requestOf(dee, { answerKey: keyOf(1) }))
  await ask(stage, bob, invite, await requestOf(eve, { answerKey: keyOf(2) }))
  while (ann.here.members.length + bob.here.members.length < 6) await stage.run(20)
  stage.heal()
  await stage.run(20_000)
  expect(agree([ann, bob])).toBe(true)
  const [winner, loser] = dee.session === undefined ? [eve, dee] : [dee, eve]
  expect(agree([ann, winner])).toBe(true)
  expect(loser.session).toBeUndefined()
  const reasons = stage.answers.map(({ body }) => readAnswer(ann.wire, keyOf(loser === dee ? 1 : 2), body))
  expect(reasons).toContain(AnswerReason.usedUp)
  expect(reasons).not.toContain(undefined)
})

test('a flood drives out nobody who was there before, nor keeps out who comes by another peer, and is told no more than so often', async () => {
  const stage = await Stage.open({ seed: 'flood', members: ['ann', 'bob'], others: ['dee', 'eve'], admins: 1 })
  const [ann, dee, eve] = stage.cast('ann', 'dee', 'eve')
  const invite = inviteOf(ann, { uses: 1, approve: true })
  await stage.submit(ann, { kind: 'invite', invite })
  await stage.run(5_000)
  await ask(stage, ann, invite, await requestOf(dee, { note: 'honest' }))
  const flood = await Promise.all(Array.from({ length: 300 }, () => requestOf(eve, {}, 30)))
  let answers = 0
  const perform = async (operation: (session: GroupSession) => ReturnType<GroupSession['poll']>): Promise<void> => {
    await stage.perform(ann, async (session) => {
      const effects = await operation(session)
      for (const { body } of effects.answers) if (readAnswer(ann.wire, KEY, body) === AnswerReason.revoked) answers++
      return effects
    })
  }
  for (const request of flood)
    await perform((session) => session.takeRequest(inviteKey(invite), request, 'flooder', stage.nowMs))
  expect(ann.here.inspect().admissions).toBe(256)
  expect(ann.rejected.filter((code) => code === 'REQUEST_DROPPED')).toHaveLength(45)
  expect(ann.here.applicants(stage.nowMs)[0]?.[1].note).toBe('honest')
  // Each of them once: what was taken or dropped is not taken again.
  for (const request of flood.slice(0, 10)) {
    await perform((session) => session.takeRequest(inviteKey(invite), request, 'flooder', stage.nowMs))
  }
  expect(ann.here.inspect().admissions).toBe(256)
  // One of the flood makes room for it, the last; and that one does not come back.
  await ask(stage, ann, invite, await requestOf(dee, { note: 'late' }, 30))
  await perform((session) =>
    session.takeRequest(inviteKey(invite), flood[254] as AdmissionRequest, 'flooder', stage.nowMs),
  )
  const notes = ann.here.applicants(stage.nowMs).map(([, { note }]) => note)
  expect(notes).toHaveLength(256)
  expect(notes.filter((note) => note !== '').sort()).toEqual(['honest', 'late'])
  expect(ann.rejected.filter((code) => code === 'REQUEST_DROPPED')).toHaveLength(47)
  await perform((session) => session.submit({ kind: 'revoke', invite: inviteKey(invite) }, stage.nowMs))
  stage.nowMs += 5_000
  await perform((session) => session.poll(stage.nowMs))
  expect(answers).toBe(64)
  expect(ann.here.applicants(stage.nowMs)).toEqual([])
})

test('a record of before, which does not say by whom a request came, is read', async () => {
  const stage = await Stage.open({ seed: 'records', members: ['ann'] })
  const { keyPackage, inbox } = stage.actor('ann').card
  const admission: Admission = {
    ...{ invite: 'aa', keyPackage, inbox, mark: '11'.repeat(8), answerKey: KEY, note: 'hello' },
    ...{ addresses: ['/memory/ann'], relays: [], receivedAtMs: START_MS, from: '' },
    state: 'waiting',
  }
  const bytes = encodeAdmission(admission)
  expect(decodeAdmission(bytes)).toEqual(admission)
  expect(decodeAdmission(bytes.slice(0, -1))).toEqual(admission)
  expect(decodeAdmission(encodeAdmission({ ...admission, from: 'bob' })).from).toBe('bob')
})

function keyOf(fill: number): Uint8Array {
  return new Uint8Array(32).fill(fill)
}

function ask(stage: Stage, actor: Actor, invite: GroupInvite, request: AdmissionRequest): Promise<void> {
  return stage.perform(actor, (session) => session.takeRequest(inviteKey(invite), request, 'friend', stage.nowMs))
}

/** @param days - how long a key package of its own lasts; without, the one that the actor joins with */
async function requestOf(
  actor: Actor,
  change: Partial<AdmissionRequest> = {},
  days?: number,
): Promise<AdmissionRequest> {
  const { own, suite, wire } = actor
  const made =
    days === undefined
      ? own.keyPackage
      : await createKeyPackage(suite, { ...own.leaf, lifetime: lifetimeOfDays(START_MS, days) })
  const content = { keyPackage: made.keyPackage, inbox: own.inbox.address, addresses: [], relays: [] }
  return { card: await encodeContactCard(wire, own.device, content), answerKey: KEY, note: '', ...change }
}

function inviteOf({ own, wire }: Actor, change: Partial<GroupInvite> = {}): GroupInvite {
  return {
    topicSeed: new Secret(wire.randomBytes(32)),
    privateKey: new Secret(wire.randomBytes(32)),
    expiresAt: BigInt(START_MS / 1_000 + 7 * 86_400),
    createdBy: own.identity,
    ...{ uses: 1, approve: false, revoked: false, admitted: [], ...change },
  }
}

/** When stages begin. */
const START_MS = 1_798_761_600_000
