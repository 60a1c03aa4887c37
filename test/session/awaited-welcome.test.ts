// Between the commit that adds a device again and its Welcome: it goes on as if nothing had happened.
import { expect, test } from 'vitest'
import { GroupSession } from '../../src/session/group-session.ts'
import { Hand } from '../attacks/hand.ts'
import { agree, Stage } from '../attacks/stage.ts'
import { codeOf } from '../support/errors.ts'

test('a device that has been added again, and has no Welcome yet, sends and wishes, over a restart too', async () => {
  const stage = await Stage.open({ seed: 'awaited', members: ['ann', 'bob', 'cid', 'dee'], admins: 4 })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  // Asked for with dee's key elsewhere: dee cannot use the Welcome, and comes back only by asking itself.
  const { keyPackage } = await Hand.of(dee, stage.nowMs).reentry(1n)
  await stage.show([await Hand.of(dee, stage.nowMs).askFor(keyPackage)], [ann, bob, cid])
  await stage.run(5_000)
  expect(ann.here.epoch).toBe(2n)
  expect(dee.here.epoch).toBe(2n)
  expect(dee.told('removed')).toEqual([])
  expect(dee.here.isMember).toBe(true)
  expect(codeOf(() => dee.here.export('x', 16))).toBe('GROUP_WELCOME_AWAITED')

  await stage.say(dee, 'I am still here')
  await stage.submit(dee, { kind: 'rename', name: 'Still here' })
  dee.session = await GroupSession.restore(dee.context({}), dee.records)
  await stage.run(1_000)
  expect(ann.texts).toEqual([])

  await stage.run(120_000)
  expect(dee.told('readded')).toHaveLength(1)
  expect(agree([ann, bob, cid, dee])).toBe(true)
  for (const one of [ann, bob, cid]) {
    expect(one.texts).toEqual(['I am still here'])
    expect(one.here.profile.name).toBe('Still here')
  }
  expect(dee.here.inspect().outbox).toEqual([])
  expect(dee.here.inspect().intents).toEqual([])
})
