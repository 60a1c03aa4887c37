// What a topic brings is taken in in batches of one peer each, in its order, and everybody gets a turn.

import { expect, test } from 'vitest'
import { HeardFrames } from '../../src/client/heard-frames.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { frameOf } from './sync/holder.ts'

const TOPIC = 'a'.repeat(64)

test('frames are taken in together, of one peer and in order, while others wait for no more than a batch', async () => {
  const frames = await Promise.all(Array.from({ length: 100 }, (_, i) => frameOf(`${i}`)))
  const batches: { from: string; frames: readonly Frame[] }[] = []
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const heard = new HeardFrames(async (_, those, from) => {
    batches.push({ from, frames: those })
    await held
  })
  const flooded = frames.slice(0, 90).map((frame) => heard.take(TOPIC, frame, 'flooder'))
  const friendly = frames.slice(90).map((frame) => heard.take(TOPIC, frame, 'friend'))
  expect(heard.size).toBe(100)
  release()
  await Promise.all([...flooded, ...friendly])
  expect(heard.size).toBe(0)
  const of = (name: string): Frame[] =>
    batches.filter(({ from }) => from === name).flatMap((batch) => [...batch.frames])
  expect(of('flooder')).toEqual(frames.slice(0, 90))
  expect(of('friend')).toEqual(frames.slice(90))
  expect(Math.max(...batches.map((batch) => batch.frames.length))).toBeLessThanOrEqual(32)
  expect(batches.slice(0, 3).map(({ from }) => from)).toContain('friend')
})

test('what fails is told to those whose frames it were, and the others follow', async () => {
  const [bad, good] = [await frameOf('bad'), await frameOf('good')]
  const heard = new HeardFrames(async (_, those) => {
    if (those.includes(bad)) throw new Error('no')
  })
  const outcomes = await Promise.allSettled([heard.take(TOPIC, bad, 'one'), heard.take(TOPIC, good, 'two')])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  await heard.take(TOPIC, good, 'one')
})
