// Frames that came before the keys for them, and for which there was no room, are read in the archive once there are keys.
import { expect, test } from 'vitest'
import { GroupSession } from '../../src/session/group-session.ts'
import type { Actor } from '../attacks/actor.ts'
import { Stage } from '../attacks/stage.ts'

/** Frames that wait in the archive alone. */
function spilledOf({ records }: Actor): string[] {
  return [...records.keys()].filter((name) => name.startsWith('spilled/')).map((name) => name.slice('spilled/'.length))
}

const ROOM = 4
const MESSAGES = 20

test.each([
  ['', false],
  [', also by one that was restarted meanwhile', true],
])('what there was no room for is read when its keys have come%s', async (_, isRestarted) => {
  const settings = { unreadFrames: ROOM }
  const stage = await Stage.open({ seed: 'rereading', members: ['ann', 'bob', 'cid'], settings })
  const [ann, bob, cid] = stage.cast('ann', 'bob', 'cid')
  await stage.run(60_000)
  stage.reaches = (from, to) => from !== cid && to !== cid
  const known = new Set([...ann.archive.keys(), ...bob.archive.keys()])
  await stage.submit(ann, { kind: 'rename', name: 'while cid is away' })
  const commit = ann.published.at(-1)
  await stage.run(1_000)
  for (let i = 0; i < MESSAGES; i++) await stage.say(i % 2 === 0 ? ann : bob, `${i}`)
  await stage.run(10_000)
  const later = [...ann.published, ...bob.published].filter(({ id }) => id !== commit?.id && !known.has(id))
  await stage.show(later, [cid])
  expect(cid.texts).toEqual([])
  expect(cid.here.inspect().unread).toBe(ROOM)
  if (isRestarted) {
    cid.session = await GroupSession.restore(cid.context(settings), cid.records)
    await stage.perform(cid, (session) => session.poll(stage.nowMs))
  }
  const said = ann.published.length + bob.published.length
  await stage.show(commit === undefined ? [] : [commit], [cid])
  await stage.run(5_000)
  expect(cid.texts.toSorted((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: MESSAGES }, (__, i) => `${i}`),
  )
  // Nobody had to say it again.
  expect(ann.published.length + bob.published.length).toBe(said)
  // What is left is of the time before cid came.
  expect(spilledOf(cid).filter((id) => !known.has(id))).toEqual([])
})

test('frames that nothing opens are read once for each epoch, so many at a time, and no more than are kept', async () => {
  const stage = await Stage.open({ seed: 'junk', members: ['ann', 'bob', 'cid'], settings: { unreadFrames: ROOM } })
  const [ann, bob, cid] = stage.cast('ann', 'bob', 'cid')
  await stage.run(60_000)
  // Bob is in an epoch that cid never hears of.
  stage.reaches = (from, to) => from !== cid && to !== cid
  await stage.submit(bob, { kind: 'rename', name: 'elsewhere' })
  const commit = bob.published.at(-1)
  await stage.run(1_000)
  for (let i = 0; i < 600; i++) await stage.say(bob, `${i}`)
  const unreadable = bob.published.filter(({ id }) => id !== commit?.id && !cid.archive.has(id))
  await stage.show(unreadable, [cid])
  const spilled = spilledOf(cid).length
  expect(spilled).toBeGreaterThan(512)
  const asked: number[] = []
  const write = cid.write.bind(cid)
  cid.write = (effects): void => {
    if (effects.again.length > 0) asked.push(effects.again.length)
    write(effects)
  }
  await stage.submit(cid, { kind: 'rename', name: 'here' })
  await stage.run(20_000)
  expect(asked.slice(0, 2)).toEqual([256, 256])
  const total = asked.reduce((sum, count) => sum + count, 0)
  expect(total).toBe(spilled)
  expect(ann.texts).toHaveLength(600)
})
