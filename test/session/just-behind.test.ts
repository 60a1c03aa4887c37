// A device that lacks the commit of an epoch or two, which nobody has any more: the others have gone on long ago, and tell it.
import { expect, test } from 'vitest'
import { agree, Stage } from '../attacks/stage.ts'

test.each([
  ['talk', false],
  ['are silent', true],
])(
  'a device that was away for longer than frames are kept comes back after one commit, where others %s',
  async (_, isSilent) => {
    const stage = await Stage.open({ seed: 'one commit', members: ['ann', 'bob', 'cid', 'dee'], admins: 4 })
    const [ann, bob, cid, dee] = stage.cast('ann', 'bob', 'cid', 'dee')
    const others = [ann, bob, cid]
    await stage.say(dee, 'before')
    dee.online = false
    await stage.submit(bob, { kind: 'rename', name: 'meanwhile' })
    await stage.run(8 * DAY_MS)
    for (const one of others) for (const frame of one.archive.values()) dee.archive.set(frame.id, frame)
    dee.online = true
    for (let minute = 0; minute < 5; minute++) {
      if (!isSilent) await stage.say(ann, `minute ${minute}`)
      await stage.run(60_000)
    }
    expect(dee.told('readded')).toHaveLength(1)
    expect(agree([...others, dee])).toBe(true)
  },
)

test('where most of the members lack commits that nobody can have any more, the group goes on without them', async () => {
  const stage = await Stage.open({ seed: 'most lack it', members: ['ann', 'bob', 'cid', 'dee', 'eve'], admins: 5 })
  const [ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  const side = new Set([ann, bob])
  stage.reaches = (from, to) => side.has(from) === side.has(to)
  for (const name of ['two', 'have', 'these']) {
    await stage.submit(ann, { kind: 'rename', name })
    await stage.run(1_000)
  }
  await stage.say(bob, 'where few are')
  await stage.days(9)
  stage.heal()
  await stage.days(2)
  expect(agree([ann, bob, cid, dee, eve])).toBe(true)
  // What was wanted there is done once more.
  expect(cid.here.profile.name).toBe('these')
  for (const one of [cid, dee, eve]) expect(one.texts.filter((text) => text === 'where few are')).toHaveLength(1)
  for (const one of [cid, dee, eve]) expect(one.told('readded')).toHaveLength(0)
})

const DAY_MS = 24 * 3_600_000
