// Whoever was removed while it was away, and cannot follow, learns so: from enough members, and from nobody alone.
import { expect, test } from 'vitest'
import { GroupSession } from '../../src/session/group-session.ts'
import { PayloadKind } from '../../src/session/payload.ts'
import { signNotice } from '../../src/session/removal-notices.ts'
import { generationOf } from '../../src/session/requests.ts'
import type { Actor } from '../attacks/actor.ts'
import { Hand } from '../attacks/hand.ts'
import { agree, Stage } from '../attacks/stage.ts'

const NAMES = ['ann', 'bob', 'cid', 'dee', 'eve']

/** A group that has gone on for so long without the last member that it cannot follow. */
async function goneOn(seed: string, removesIt: boolean): Promise<{ stage: Stage; others: Actor[]; away: Actor }> {
  const stage = await Stage.open({ seed, members: NAMES, admins: 5 })
  const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  const others = [ann, bob, cid, dee]
  eve.online = false
  if (removesIt) await stage.submit(ann, { kind: 'remove', identity: eve.own.identity })
  for (let epoch = 0; epoch < 12; epoch++) {
    await stage.run(1_000)
    await stage.submit(bob, { kind: 'rename', name: `${epoch}` })
  }
  await stage.run(25 * 3_600_000)
  // The frames of that time are nowhere to be had any more.
  for (const frame of ann.archive.values()) eve.archive.set(frame.id, frame)
  eve.session = await GroupSession.restore(eve.context({}), eve.records)
  eve.online = true
  await stage.perform(eve, (session) => session.poll(stage.nowMs))
  return { stage, others, away: eve }
}

/** What a member says of a device that has asked, where that device hears it. */
async function notice(stage: Stage, member: Actor, about: Actor, signer = member) {
  const generations = about.here.reentryKeyPackages.map(({ keyPackage }) => generationOf(keyPackage.leafNode))
  const body = await signNotice(
    { wire: member.wire, device: signer.own.device, groupId: about.here.groupId },
    { device: about.device, generation: generations.at(-1) ?? 0n, member: member.device },
  )
  return Hand.of(about, stage.nowMs).toAll(PayloadKind.removal, body)
}

test('a removed device that cannot follow is told so by those who were there with it', async () => {
  const { stage, others, away } = await goneOn('told', true)
  await stage.run(120_000)
  expect(away.told('detached')).toHaveLength(1)
  expect(away.told('removed')).toHaveLength(1)
  expect(away.here.isMember).toBe(false)
  expect(agree(others)).toBe(true)
  for (const one of others) expect(one.here.inspect().requests).toBe(0)
})

test('a removed device that was told says nothing more, day after day', async () => {
  const { stage, others, away } = await goneOn('silent', true)
  await stage.run(120_000)
  expect(away.here.isMember).toBe(false)
  const { length } = away.published
  const [ann] = others as [Actor]
  await stage.days(5, () => stage.say(ann, 'another day'))
  expect(away.published).toHaveLength(length)
})

test('a removed device that was told comes back by being added', async () => {
  const { stage, others, away } = await goneOn('comes back', true)
  await stage.run(120_000)
  const [ann] = others as [Actor]
  await stage.submit(ann, { kind: 'add', newcomers: [away.card] })
  await stage.run(30_000)
  expect(away.here.isMember).toBe(true)
  expect(agree([...others, away])).toBe(true)
})

test('a member is not told that it was removed, and is added again', async () => {
  const { stage, others, away } = await goneOn('member', false)
  await stage.run(200_000)
  expect(away.told('removed')).toEqual([])
  expect(away.told('readded')).toHaveLength(1)
  expect(agree([...others, away])).toBe(true)
})

test('nobody is removed by the word of one, however often, nor by words that are not signed', async () => {
  const { stage, others, away } = await goneOn('one liar', false)
  const [ann, bob] = others as [Actor, Actor]
  while (away.told('detached').length === 0) await stage.run(1_000)
  // Nobody honest is there any more.
  for (const one of others) one.online = false
  for (let times = 0; times < 3; times++) {
    await stage.run(60_000)
    await stage.show([await notice(stage, ann, away), await notice(stage, bob, away, ann)], [away])
    await stage.run(1_000)
    expect(away.here.isMember).toBe(true)
  }
  expect(new Set(away.rejected)).toEqual(new Set(['REQUEST_SIGNATURE']))
  // More than a third of the others, who may not all be lying, are believed.
  await stage.show([await notice(stage, ann, away), await notice(stage, bob, away)], [away])
  await stage.run(1_000)
  expect(away.here.isMember).toBe(false)
})
