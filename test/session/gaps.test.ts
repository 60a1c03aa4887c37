// Messages that do not come although others are known to follow them: the app is told how many, and when they have come.

import { expect, test } from 'vitest'
import { Stage } from '../attacks/stage.ts'

test('what is missing is told, and told again when it has come', async () => {
  const stage = await Stage.open({ seed: 'gaps', members: ['ann', 'bob'] })
  const [ann, bob] = stage.cast('ann', 'bob')
  await stage.say(ann, 'one')
  await stage.run(3_000)
  stage.reaches = () => false
  await stage.say(ann, 'two')
  await stage.run(100)
  // Nobody keeps it for others.
  const lost = ann.published.at(-1)
  expect(ann.archive.delete(lost?.id ?? '')).toBe(true)
  stage.reaches = () => true
  await stage.say(ann, 'three')
  await stage.run(100)
  ann.online = false
  await stage.run(15_000)
  const { identity } = ann.own
  expect(bob.texts).toEqual(['one', 'three'])
  expect(bob.told('gap')).toEqual([{ type: 'gap', identity, missing: 1 }])
  // Who sent it learns, when it says something more, that it is missing, and sends it again.
  ann.online = true
  await stage.say(ann, 'four')
  await stage.run(60_000)
  expect(bob.texts).toEqual(['one', 'three', 'four', 'two'])
  expect(bob.told('gap')).toEqual([
    { type: 'gap', identity, missing: 1 },
    { type: 'gap', identity, missing: 0 },
  ])
})
