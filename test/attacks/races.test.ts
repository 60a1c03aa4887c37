// Members who want what does not go together, at the same time: whoever loses, the group stays one.
import { expect, test } from 'vitest'
import { Hand } from './hand.ts'
import { agree, Stage } from './stage.ts'

const NAMES = ['ann', 'bob', 'cid', 'dee']

test('mutual removal', async () => {
  const stage = await Stage.open({ seed: 'mutual removal', members: NAMES })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  await stage.submit(ann, { kind: 'remove', identity: bob.own.identity })
  await stage.submit(bob, { kind: 'remove', identity: ann.own.identity })
  await stage.run(60_000)
  // Exactly one of the two removals has taken place, and those who stay agree which.
  const [winner, ...alsoStaying] = [ann, bob].filter((one) => one.here.isMember)
  const [loser] = [ann, bob].filter((one) => !one.here.isMember)
  expect(alsoStaying).toEqual([])
  expect(stage.members).toHaveLength(3)
  expect(agree(stage.members)).toBe(true)
  expect(loser?.told('removed')).toHaveLength(1)
  expect([winner, cid, dee].flatMap((one) => one?.told('removed') ?? [])).toEqual([])
  await stage.say(cid, 'still here')
  await stage.run(5_000)
  for (const one of [winner, dee]) expect(one?.texts).toEqual(['still here'])
  expect(loser?.texts).toEqual([])
})

test('remove ∥ add ∥ update of one member', async () => {
  const stage = await Stage.open({ seed: 'remove add update', members: [...NAMES, 'eve'] })
  const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  // At the same time ann removes cid, bob adds cid again as cid has asked, and cid gives its leaf fresh keys.
  stage.reaches = () => false
  const { keyPackage } = await Hand.of(cid, stage.nowMs).reentry(3n)
  await stage.show([await Hand.of(cid, stage.nowMs).askFor(keyPackage)], [bob])
  await stage.run(3_000)
  await stage.submit(ann, { kind: 'remove', identity: cid.own.identity })
  await stage.submit(cid, { kind: 'rename', name: 'fresh keys' })
  expect([ann, bob, cid].map(({ here }) => here.epoch)).toEqual([2n, 2n, 2n])
  stage.heal()
  await stage.run(60_000)
  // The removal stands: whoever wanted it does so until it is done, and nobody is added again who was removed.
  for (const one of [ann, bob, dee, eve]) {
    expect(one.here.isMember).toBe(true)
    expect(one.here.members.map(({ identity }) => identity)).not.toContain(cid.own.identity)
    expect(one.told('detached')).toEqual([])
    expect(one.here.inspect().intents.filter(({ kind }) => kind === 'remove')).toEqual([])
  }
  expect(agree([ann, bob, dee, eve])).toBe(true)
  expect(cid.here.isMember).toBe(false)
  await stage.say(dee, 'without cid')
  await stage.run(5_000)
  expect(cid.texts).toEqual([])
})

test('joiner on the losing branch', async () => {
  const stage = await Stage.open({ seed: 'joiner', members: NAMES, others: ['new'] })
  const [ann, bob, cid, dee, newcomer] = stage.cast('ann', 'bob', 'cid', 'dee', 'new')
  // Ann and the newcomer are alone with each other for so long that ann thinks its commit settled.
  const alone = new Set([ann, newcomer])
  stage.reaches = (from, to) => alone.has(from) === alone.has(to)
  await stage.submit(ann, { kind: 'add', newcomers: [newcomer.card] })
  await stage.submit(bob, { kind: 'rename', name: 'the others' })
  await stage.run(5_000)
  expect(newcomer.head).toBe(ann.head)
  await stage.say(newcomer, 'hello')
  stage.heal()
  await stage.run(120_000)
  for (const one of [ann, bob, cid, dee, newcomer]) {
    expect(one.here.isMember).toBe(true)
    expect(one.here.profile.name).toBe('the others')
    expect(one.here.members).toHaveLength(5)
  }
  expect(agree([ann, bob, cid, dee, newcomer])).toBe(true)
  expect(newcomer.told('readded').length).toBeGreaterThan(0)
  for (const one of [bob, cid, dee]) expect(one.told('detached')).toEqual([])
  // What the newcomer said on the branch that lost reaches everybody.
  for (const one of [ann, bob, cid, dee]) expect(one.texts).toEqual(['hello'])
  await stage.say(dee, 'welcome')
  await stage.run(5_000)
  expect(newcomer.texts).toEqual(['welcome'])
})
