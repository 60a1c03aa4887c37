// What members have said about where they stand counts when they are away and the frames with it are gone: others say it again.
import { expect, test } from 'vitest'
import { GroupSession } from '../../src/session/group-session.ts'
import { HeardVotes } from '../../src/session/heard-votes.ts'
import { agree, Stage } from '../attacks/stage.ts'

/** Three on one side and two on the other, who have noticed each other; two of the three are away from then on. */
async function parted(seed: string): Promise<Stage> {
  const stage = await Stage.open({ seed, members: ['ann', 'bob', 'cid', 'dee', 'eve'], admins: 5 })
  const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  const side = new Set([dee, eve])
  stage.reaches = (from, to) => side.has(from) === side.has(to)
  await stage.submit(ann, { kind: 'rename', name: 'here' })
  await stage.submit(dee, { kind: 'rename', name: 'there' })
  await stage.run(1_000)
  await stage.days(2)
  // The three hear of the others and say where they stand, which does not get there.
  await stage.show(dee.published, [ann, bob, cid])
  await stage.run(5_000)
  for (const away of [bob, cid]) away.online = false
  await stage.days(9)
  return stage
}

test('one member tells two others what those have said who are away', async () => {
  const stage = await parted('two are away')
  const [ann, dee, eve] = stage.cast('ann', 'dee', 'eve')
  const { head } = ann
  stage.heal()
  await stage.days(2)
  expect(agree([ann, dee, eve])).toBe(true)
  // The two have come, and not the one that has more behind it.
  expect(ann.knows(head)).toBe(true)
  expect(ann.told('detached')).toHaveLength(0)
  for (const one of [dee, eve]) expect(one.told('readded')).toHaveLength(1)
})

test('it does so after a restart, and those who come back find everybody there', async () => {
  const stage = await parted('after a restart')
  const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  ann.session = await GroupSession.restore(ann.context({ refreshAfterMs: 1e12 }), ann.records)
  ann.wakeAtMs = ann.session.wakeAtMs
  stage.heal()
  await stage.days(2)
  expect(agree([ann, dee, eve])).toBe(true)
  expect(ann.told('detached')).toHaveLength(0)
  for (const back of [bob, cid]) {
    back.online = true
    stage.reconcile(back)
  }
  await stage.days(2)
  expect(agree([ann, bob, cid, dee, eve])).toBe(true)
})

test('the same is not said again while it is in the archives', async () => {
  const stage = await parted('not twice')
  const [ann, dee] = stage.cast('ann', 'dee')
  stage.heal()
  await stage.days(2)
  const { length } = ann.published
  for (let i = 0; i < 5; i++) {
    await stage.show(dee.published, [ann])
    await stage.run(60_000)
  }
  expect(ann.published).toHaveLength(length)
})

test('which votes were heard is remembered for five days, and of so many only', () => {
  const heard = new HeardVotes()
  heard.note('topic', 'device', 7n, 0)
  const day = 24 * 3_600_000
  expect(heard.isThere('topic', 'device', 7n, 4 * day)).toBe(true)
  expect(heard.isThere('topic', 'device', 8n, 4 * day)).toBe(false)
  expect(heard.isThere('another', 'device', 7n, 4 * day)).toBe(false)
  expect(heard.isThere('topic', 'device', 7n, 5 * day)).toBe(false)
  for (let i = 0; i < 5_000; i++) heard.note('topic', `device ${i}`, 1n, day)
  expect(heard.isThere('topic', 'device', 7n, 2 * day)).toBe(false)
  expect(heard.isThere('topic', 'device 4999', 1n, 2 * day)).toBe(true)
})
