// The archive keeps frames in the order in which they came, through restarts and failed writes, and no more than it may.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromHex, toHex } from '../../../src/bytes.ts'
import { compareItems } from '../../../src/sync/items.ts'
import { DEFAULT_RETENTION, FrameArchive } from '../../../src/topics/frame-archive.ts'
import { FrameIndex, type IndexedFrame } from '../../../src/topics/frame-index.ts'
import { topicFromSeed } from '../../../src/wire/topic.ts'
import { item } from '../../sync/sets.ts'
import { frameOf, idsOf, memoryStore, NOW, topic, wire } from './holder.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const ALL = { from: 0, until: 0xffffffff }

test('frames stay in the order of arrival, each once, also after a restart', async () => {
  const store = await memoryStore()
  const frames = await Promise.all(Array.from({ length: 20 }, (_, i) => frameOf(`${i}`, NOW - i * 11 * MINUTE_MS)))
  const archive = new FrameArchive(store, () => NOW)
  await archive.write(frames.slice(0, 5))
  await Promise.all([archive.write(frames.slice(3, 12)), archive.write(frames.slice(8, 20))])
  for (const one of [archive, new FrameArchive(store, () => NOW)]) {
    const kept = await one.within(topic.name, ALL)
    expect(kept).toEqual([...kept].sort(compareItems))
    const arrived = kept.toSorted((a, b) => a.place - b.place).map(({ id }) => toHex(id))
    expect(arrived).toEqual(idsOf(frames))
    for (const { id, bytes } of frames) expect(await one.get(topic.name, toHex(id))).toEqual(bytes)
  }
})

test('a write that fails adds nothing', async () => {
  const archive = new FrameArchive(await memoryStore(), () => NOW)
  const frame = await frameOf('one')
  const failing = archive.write([frame], () => {
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await archive.has(topic.name, toHex(frame.id))).toBe(false)
  await archive.write([frame])
  expect(await archive.get(topic.name, toHex(frame.id))).toEqual(frame.bytes)
})

test('what is too old goes, by the time of its arrival', async () => {
  const store = await memoryStore()
  let now = NOW
  const archive = new FrameArchive(store, () => now)
  const [early, late] = [await frameOf('early', NOW), await frameOf('late', NOW - 3 * DAY_MS)]
  await archive.write([early])
  now = NOW + 3 * DAY_MS
  await archive.write([late])
  now = NOW + 8 * DAY_MS
  await archive.expire(topic.name)
  expect(await archive.has(topic.name, toHex(early.id))).toBe(false)
  expect(await archive.get(topic.name, toHex(late.id))).toEqual(late.bytes)
  expect(await store.getAt(`archive/${topic.name}`, 0)).toBeUndefined()
})

test('the oldest arrivals go where there are too many or too much, and what is as old is no longer reconciled', async () => {
  const store = await memoryStore()
  const frames = await Promise.all(Array.from({ length: 10 }, (_, i) => frameOf(`${i}`, NOW + i * 10 * MINUTE_MS)))
  for (const limit of [{ maxFrames: 4 }, { maxBytes: 4 * (frames[0]?.bytes.length ?? 0) }]) {
    const clock = (): number => NOW + 100 * MINUTE_MS
    const archive = new FrameArchive(await memoryStore(), clock, { ...DEFAULT_RETENTION, ...limit })
    for (const frame of frames) await archive.write([frame])
    expect(await archive.count(topic.name)).toBe(4)
    const { from } = await archive.window(topic.name)
    expect(from).toBe((frames[5]?.coarseMinutes ?? 0) + 1)
    expect(await archive.within(topic.name, await archive.window(topic.name))).toHaveLength(4)
  }
  const archive = new FrameArchive(store, () => NOW, { ...DEFAULT_RETENTION, maxFrames: 1 })
  await archive.write(frames.slice(0, 2))
  expect((await new FrameArchive(store, () => NOW).window(topic.name)).from).toBe((frames[0]?.coarseMinutes ?? 0) + 1)
})

test('what is remembered and not kept is neither given to others nor ends that what is as old may come', async () => {
  const store = await memoryStore()
  const frame = await frameOf('for me alone')
  const other = await topicFromSeed(wire, new Uint8Array(32).fill(9))
  const kept = await frameOf('for all', NOW, other)
  for (const archive of [1, 2].map(
    () => new FrameArchive(store, () => NOW, DEFAULT_RETENTION, { remembered: topic.name }),
  )) {
    await archive.write([frame, kept])
    expect(await archive.has(topic.name, toHex(frame.id))).toBe(true)
    expect([await archive.count(topic.name), await archive.bytes(topic.name)]).toEqual([1, 0])
    expect(await archive.get(topic.name, toHex(frame.id))).toBeUndefined()
    expect(await archive.get(other.name, toHex(kept.id))).toEqual(kept.bytes)
  }
  const index = new FrameIndex()
  index.add(
    Array.from({ length: 5 }, (_, place) => ({ ...item(place), timestamp: 100, length: 0, arrivedAtMs: NOW, place })),
  )
  expect(index.evict({ keepMs: DAY_MS, maxBytes: 10, maxFrames: 3 }, NOW, false)).toHaveLength(2)
  expect([index.size, index.mark.evictedUpTo]).toEqual([3, -1])
})

test('a fast clock of one sender does not end reconciliation for the others', async () => {
  const archive = new FrameArchive(await memoryStore(), () => NOW, { ...DEFAULT_RETENTION, maxFrames: 1 })
  await archive.write([await frameOf('from tomorrow', NOW + DAY_MS / 2)])
  await archive.write([await frameOf('now')])
  expect((await archive.window(topic.name)).from).toBeLessThanOrEqual(NOW / MINUTE_MS + 1)
})

test('a long history is back after restarts, with what has come and gone in between', async () => {
  const store = await memoryStore()
  let plain: string[] = []
  for (const [round, count] of [900, 2_500, 10, 1_500, 3_000].entries()) {
    const archive = new FrameArchive(store, () => NOW, { ...DEFAULT_RETENTION, maxFrames: 4_000 })
    const kept = await archive.within(topic.name, ALL)
    expect(kept.toSorted((a, b) => a.place - b.place).map(({ id }) => toHex(id))).toEqual(plain)
    const frames = Array.from({ length: count }, (_, i) => {
      const { id } = item(round * 10_000 + i)
      return { topicKey: topic.keyPair.publicKey, id, coarseMinutes: 100 + round, bytes: id }
    })
    for (let at = 0; at < count; at += 100) await archive.write(frames.slice(at, at + 100))
    plain = [...plain, ...frames.map(({ id }) => toHex(id))].slice(-4_000)
    for (const id of [plain[0], plain.at(-1)]) {
      expect(await archive.get(topic.name, id ?? '')).toEqual(fromHex(id ?? ''))
    }
  }
})

test('places of what has gone are not used again', async () => {
  const store = await memoryStore()
  let nowMs = NOW
  const archive = (): FrameArchive => new FrameArchive(store, () => nowMs)
  const framesFrom = (first: number): Parameters<FrameArchive['write']>[0] =>
    Array.from({ length: 1_500 }, (_, i) => {
      const { id } = item(first + i)
      return { topicKey: topic.keyPair.publicKey, id, coarseMinutes: 100, bytes: id }
    })
  await archive().write(framesFrom(0))
  nowMs += 8 * DAY_MS
  await archive().expire(topic.name)
  await archive().write(framesFrom(1_500))
  // The first restart puts them into pages, the second reads those.
  for (const _ of [1, 2]) expect(await archive().count(topic.name)).toBe(1_500)
})

test('the index is what a plain list would be', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ add: fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 90 }) }),
      fc.record({ remove: fc.integer({ min: 0, max: 30 }) }),
    ),
  )
  fc.assert(
    fc.property(steps, (all) => {
      const index = new FrameIndex()
      const plain = new Map<string, IndexedFrame>()
      for (const step of all) {
        if ('add' in step) {
          const fresh = [...new Set(step.add)]
            .map((number) => ({ ...item(number, number % 7), length: 1, arrivedAtMs: 0, place: index.takePlace() }))
            .filter(({ id }) => !plain.has(toHex(id)))
          index.add(fresh)
          for (const frame of fresh) plain.set(toHex(frame.id), frame)
        } else {
          const gone = [...plain.values()].slice(0, step.remove)
          index.remove(gone)
          for (const { id } of gone) plain.delete(toHex(id))
        }
        expect(index.within(ALL)).toEqual([...plain.values()].sort(compareItems))
        expect(index.size).toBe(plain.size)
      }
    }),
    { numRuns: 60 },
  )
})
