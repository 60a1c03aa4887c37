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

const DAY_MS = 24 * 3_600_000
