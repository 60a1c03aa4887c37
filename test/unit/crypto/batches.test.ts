// Batches keep order, bound what is under way, and stop at the first failure.
import { expect, test } from 'vitest'
import { mapInBatches } from '../../../src/crypto/batches.ts'

test('results are in order, whatever the size', async () => {
  for (const size of [0, 1, 255, 256, 257, 1000]) {
    const items = Array.from({ length: size }, (_, i) => i)
    expect(await mapInBatches(items, async (item) => 2 * item)).toEqual(items.map((item) => 2 * item))
  }
})

test('no more than 256 are under way at once', async () => {
  let underWay = 0
  let most = 0
  await mapInBatches(
    Array.from({ length: 1000 }, (_, i) => i),
    async () => {
      underWay++
      most = Math.max(most, underWay)
      await Promise.resolve()
      underWay--
    },
  )
  expect(most).toBe(256)
})

test('a failure rejects, and later batches are not begun', async () => {
  const begun: number[] = []
  const items = Array.from({ length: 600 }, (_, i) => i)
  const running = mapInBatches(items, async (item) => {
    begun.push(item)
    if (item === 300) throw new Error('item 300')
  })
  await expect(running).rejects.toThrow('item 300')
  expect(begun.length).toBe(512)
})
