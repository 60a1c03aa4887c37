// A device that runs and hears nothing of anybody for a day says where it stands: the group may be where it does not listen.
import { expect, test } from 'vitest'
import { agree, Stage } from '../attacks/stage.ts'

const DAY_MS = 24 * 3_600_000

test('a device that was cut off while it ran asks to be added again, although nobody says anything', async () => {
  const stage = await Stage.open({ seed: 'cut off', members: ['ann', 'bob', 'cid', 'dee'], admins: 4 })
  const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
  await stage.say(ann, 'before')
  await stage.run(60_000)
  stage.reaches = (from, to) => from !== ann && to !== ann
  // Which moves the group to another topic.
  await stage.submit(bob, { kind: 'remove', identity: dee.own.identity })
  for (let epoch = 0; epoch < 12; epoch++) {
    await stage.run(1_000)
    await stage.submit(bob, { kind: 'rename', name: `${epoch}` })
  }
  await stage.run(5_000)
  // What was said meanwhile is nowhere to be had any more.
  for (const other of [bob, cid]) for (const frame of other.archive.values()) ann.archive.set(frame.id, frame)
  stage.reaches = () => true
  await stage.run(DAY_MS / 2)
  expect(ann.told('detached')).toEqual([])
  await stage.run(DAY_MS)
  expect(ann.told('readded')).toHaveLength(1)
  expect(agree([ann, bob, cid])).toBe(true)
})

test('in a group where nobody says anything, one of all says where it stands, once a day', async () => {
  const stage = await Stage.open({ seed: 'calm', members: ['ann', 'bob', 'cid', 'dee'] })
  await stage.run(60_000)
  const said = (): number => stage.members.reduce((sum, { published }) => sum + published.length, 0)
  const before = said()
  await stage.run(3 * DAY_MS + 3_600_000)
  expect(said() - before).toBe(3)
})
