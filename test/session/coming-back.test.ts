// Members of a branch that lost, and a newcomer there who hears nobody else and lets them in again wherever they ask.
import { describe, expect, test } from 'vitest'
import type { Actor } from '../attacks/actor.ts'
import { agree, Stage } from '../attacks/stage.ts'

describe.each([
  ['still have keys of the topic of both branches', 3, 6],
  ['have none of the time before the topic moved', 0, 12],
])('two who were cut off and %s', (_, epochsBefore, epochsAfter) => {
  test('come back, although a newcomer adds them again to the branch that lost, and so does the newcomer', async () => {
    const members = ['ann', 'bob', 'cid', 'dee', 'eve', 'fay']
    const stage = await Stage.open({ seed: 'come back', members, others: ['gus'], admins: 6 })
    const [ann, bob, cid, dee, eve, fay, gus] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve', 'fay', 'gus')
    const apart = new Set([dee, eve, fay, gus])
    stage.reaches = (from, to) => apart.has(from) === apart.has(to)
    gus.online = false
    const goOn = async (epochs: number): Promise<void> => {
      for (let epoch = 0; epoch < epochs; epoch++) {
        await stage.run(1_000)
        await stage.submit(epoch % 2 === 0 ? dee : eve, { kind: 'rename', name: `lost ${epoch}` })
      }
    }
    await goOn(epochsBefore)
    // The group moves to another topic, which those on the other branch never hear of.
    await stage.submit(fay, { kind: 'leave' })
    await stage.run(5_000)
    await stage.submit(dee, { kind: 'add', newcomers: [gus.card] })
    await goOn(epochsAfter)
    for (let epoch = 0; epoch < 12; epoch++) {
      await stage.run(1_000)
      await stage.submit(ann, { kind: 'rename', name: `group ${epoch}` })
    }
    await stage.run(5_000)
    gus.online = true
    stage.heal()
    await stage.run(300_000)
    expect([dee, eve].map((actor) => actor.told('readded').length > 0)).toEqual([true, true])
    expect(agree([ann, bob, cid, dee, eve, gus])).toBe(true)
    // What let them in is not kept any longer.
    for (const actor of [dee, eve]) expect(actor.here.reentryKeyPackages).toEqual([])
  })
})

test('whoever is let in again on a branch that loses comes back by the answer to the same request on the one that wins', async () => {
  const stage = await Stage.open({
    seed: 'one request',
    members: ['ann', 'bob', 'cid', 'hal', 'dee', 'eve', 'fay'],
    others: ['gus'],
    admins: 7,
  })
  const [ann, bob, cid, hal, dee, eve, fay, gus] = stage.cast('ann', 'bob', 'cid', 'hal', 'dee', 'eve', 'fay', 'gus')
  const winners = [ann, bob, cid, hal]
  const losers = [eve, fay, gus]
  const branches = [winners, losers, [dee]]
  const branchOf = (actor: Actor): Actor[] | undefined => branches.find((branch) => branch.includes(actor))
  stage.reaches = (from, to) => branchOf(from) === branchOf(to)
  await stage.submit(eve, { kind: 'add', newcomers: [gus.card] })
  for (let epoch = 0; epoch < 12; epoch++) {
    await stage.run(1_000)
    for (const actor of [ann, eve, dee]) await stage.submit(actor, { kind: 'rename', name: `${actor.name} ${epoch}` })
  }
  await stage.run(5_000)

  // Everybody hears what it asks; it hears only those on the branch that loses, and is let in by them.
  stage.reaches = (from, to) => branchOf(from) === branchOf(to) || from === dee || (to === dee && losers.includes(from))
  stage.reconcile(dee)
  const isBack = (times: number): boolean => dee.told('readded').length === times
  for (let second = 0; second < 120 && !isBack(1); second++) await stage.run(1_000)
  expect(isBack(1)).toBe(true)
  const asked = dee.here.reentryKeyPackages

  // Now it hears the others and can ask for nothing any more: they have answered already.
  stage.reaches = (from, to) => from !== dee && (branchOf(from) === branchOf(to) || to === dee)
  stage.reconcile(dee)
  await stage.run(60_000)
  expect(isBack(2)).toBe(true)
  expect(dee.knows(ann.head)).toBe(true)
  stage.heal()
  await stage.run(300_000)
  expect(agree([...winners, ...losers, dee])).toBe(true)
  expect(dee.here.reentryKeyPackages).toEqual([])
  expect(asked.length).toBeGreaterThan(0)
  for (const { secrets } of asked) {
    expect(secrets.initKeyPair.privateKey.wiped).toBe(true)
    expect(secrets.encryptionKeyPair.privateKey.wiped).toBe(true)
    expect(secrets.signatureKeyPair.privateKey.wiped).toBe(false)
  }
})
