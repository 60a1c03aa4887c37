// Frames that the session had no room for are tried again, the oldest first, when the epoch has changed.

import { expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/bytes.ts'
import { SpilledFrames } from '../../src/client/spilled-frames.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { until } from '../../src/testing/until.ts'
import { FrameArchive } from '../../src/topics/frame-archive.ts'
import { type Frame, parseFrame, sealFrame } from '../../src/wire/frame.ts'
import { topicFromSeed } from '../../src/wire/topic.ts'
import { memoryStore, NOW, wire } from './sync/holder.ts'

test('they are tried again in their order, until they are of use', async () => {
  const topic = await topicFromSeed(wire, new Uint8Array(32).fill(1))
  const key = new Secret(new Uint8Array(32).fill(2))
  const archive = new FrameArchive(await memoryStore(), () => NOW)
  const frames: Frame[] = []
  for (let i = 0; i < 600; i++) {
    frames.push(parseFrame(wire, topic.name, await sealFrame(wire, topic, key, utf8(`${i}`), NOW)))
  }
  await archive.write(frames)
  const dropped = frames.map(({ id }) => ({ topic: topic.name, id: toHex(id) }))
  const tried: string[][] = []
  const failures: unknown[] = []
  let isOfUse = false
  const spilled = new SpilledFrames({
    mayOpen: () => true,
    wire,
    archive,
    retry: async (batch) => {
      const ids = batch.map(({ id }) => toHex(id))
      tried.push(ids)
      if (!isOfUse)
        spilled.note(
          ids.map((id) => ({ topic: topic.name, id })),
          1n,
        )
    },
    fail: (error) => failures.push(error),
  })
  spilled.note(dropped, 1n)
  await until('they were tried once', () => tried.length === 1)
  isOfUse = true
  // Nothing happens before the epoch has changed.
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(tried).toHaveLength(1)
  spilled.note([], 2n)
  await until('all were tried', () => tried.length === 4)
  expect(tried[0]).toEqual(dropped.slice(0, 256).map(({ id }) => id))
  expect(tried.slice(1).flat()).toEqual(dropped.map(({ id }) => id))
  expect(failures).toEqual([])
  spilled.stop()
})
