// In a mailbox room is shared among those by whom things come: whoever has most makes room, the latest first, and all times are
// reconciled all the same.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toHex } from '../../../src/bytes.ts'
import type { Store } from '../../../src/storage/store.ts'
import { type ArchivableFrame, DEFAULT_RETENTION, FrameArchive } from '../../../src/topics/frame-archive.ts'
import type { Retention } from '../../../src/topics/frame-index.ts'
import { type Kept, Shares } from '../../../src/topics/shares.ts'
import { item } from '../../sync/sets.ts'
import { memoryStore, NOW, topic } from './holder.ts'

const MINUTE_MS = 60_000
const ALL = { from: 0, until: 0xffffffff }

let nowMs = NOW
let made = 0

test('a flood drives out nobody who has less, whether they came before, meanwhile or afterwards', async () => {
  const archive = mailbox(await memoryStore(), { maxFrames: 100 })
  const honest = { before: some('alice', 3), meanwhile: some('bob', 2), after: some('carol', 1) }
  await archive.write(honest.before)
  for (let i = 0; i < 16; i++) await archive.write(some(`flooder ${i}`, 50))
  await archive.write(honest.meanwhile)
  for (let i = 0; i < 16; i++) await archive.write(some(`flooder ${i}`, 50))
  await archive.write(honest.after)
  const all = await kept(archive)
  expect(all.length).toBe(100)
  for (const frame of Object.values(honest).flat()) expect(all).toContain(nameOf(frame))
})

test('the times of what was given up are reconciled on, and it can be left again', async () => {
  const archive = mailbox(await memoryStore(), { maxFrames: 4 })
  const [flood, again] = [some('flooder', 10), some('alice', 1)]
  const { from } = await archive.window(topic.name)
  await archive.write(flood)
  expect(await archive.window(topic.name)).toMatchObject({ from })
  expect(await kept(archive)).toEqual(flood.slice(0, 4).map(nameOf))
  await archive.write(again)
  await archive.write(flood.slice(9).map((frame) => ({ ...frame, from: 'bob' })))
  expect(await kept(archive)).toEqual([...flood.slice(0, 2), ...again, ...flood.slice(9)].map(nameOf))
})

test('whoever came first stays where all have equally much', async () => {
  const archive = mailbox(await memoryStore(), { maxFrames: 5 })
  const first = Array.from({ length: 5 }, (_, i) => some(`peer ${i}`, 1)).flat()
  await archive.write(first)
  for (let i = 5; i < 20; i++) await archive.write(some(`peer ${i}`, 1))
  expect(await kept(archive)).toEqual(first.map(nameOf))
  // Nor does one that is there get more than the others.
  await archive.write(some('peer 2', 1))
  expect(await kept(archive)).toEqual(first.map(nameOf))
})

test('what is short is what counts: many small frames go for frames, and large ones for bytes', async () => {
  const bytesEach = 32
  const archive = mailbox(await memoryStore(), { maxFrames: 10, maxBytes: 100 * bytesEach })
  const large = some('alice', 1, 60 * bytesEach)
  await archive.write(large)
  const small = some('bob', 12, bytesEach)
  await archive.write(small)
  expect(await kept(archive)).toEqual([...large, ...small.slice(0, 9)].map(nameOf))
  await archive.write(some('carol', 1, 70 * bytesEach))
  expect(await kept(archive)).toEqual([...large, ...small.slice(0, 9)].map(nameOf))
  const less = some('dave', 1, 50 * bytesEach)
  await archive.write(less)
  expect(await kept(archive)).toEqual([...small.slice(0, 9), ...less].map(nameOf))
})

test('after a restart what came in one minute counts as of one peer: a flood of before makes room, and others do not', async () => {
  const store = await memoryStore()
  const before = mailbox(store, { maxFrames: 100 })
  const early = some('alice', 2)
  await before.write(early)
  nowMs += MINUTE_MS
  for (let i = 0; i < 16; i++) await before.write(some(`flooder ${i}`, 20))
  nowMs += MINUTE_MS
  const late = some('bob', 2)
  await before.write(late)
  const after = mailbox(store, { maxFrames: 100 })
  expect(await after.count(topic.name)).toBe(100)
  nowMs += MINUTE_MS
  for (let i = 0; i < 16; i++) await after.write(some(`other flooder ${i}`, 20))
  const latest = some('carol', 1)
  await after.write(latest)
  for (const frame of [...early, ...late, ...latest]) expect(await kept(after)).toContain(nameOf(frame))
  expect(await kept(mailbox(store, { maxFrames: 100 }))).toEqual(await kept(after))
})

test('a topic can become a mailbox later, also where earlier times were given up', async () => {
  let isMailbox = false
  const archive = new FrameArchive(
    await memoryStore(),
    () => nowMs,
    { ...DEFAULT_RETENTION, maxFrames: 10 },
    { isMailbox: () => isMailbox },
  )
  const { from } = await archive.window(topic.name)
  await archive.write(some('flooder', 30))
  expect((await archive.window(topic.name)).from).toBeGreaterThan(from)
  isMailbox = true
  expect((await archive.window(topic.name)).from).toBe(from)
  nowMs += MINUTE_MS
  const honest = some('alice', 1)
  await archive.write([...honest, ...some('flooder', 20)])
  expect(await kept(archive)).toContain(nameOf(honest[0]))
})

test('what goes from the middle of a long history does not come back with a restart', async () => {
  const store = await memoryStore()
  const retention = { maxFrames: 4_000 }
  let archive = mailbox(store, retention)
  for (let i = 0; i < 4; i++) {
    nowMs += MINUTE_MS
    for (let at = 0; at < 1_000; at += 200) await archive.write(some('alice', 200))
  }
  for (const round of [1, 2, 3]) {
    archive = mailbox(store, retention)
    nowMs += MINUTE_MS
    await archive.write(some('bob', 300 * round))
    const now = await kept(archive)
    expect(now).toHaveLength(4_000)
    archive = mailbox(store, retention)
    expect(await kept(archive)).toEqual(now)
    expect(await archive.count(topic.name)).toBe(4_000)
    for (const id of now.filter((_, i) => i % 97 === 0)) expect(await archive.get(topic.name, id)).toBeDefined()
  }
  nowMs += DEFAULT_RETENTION.keepMs + 1
  await archive.expire(topic.name)
  const last = some('carol', 1_100)
  await archive.write(last)
  // Twice: it goes into pages with the first.
  for (const _ of [1, 2]) expect(await kept(mailbox(store, retention))).toEqual(last.map(nameOf))
})

test('a flood costs little for each frame, however many names it goes by', async () => {
  const archive = mailbox(await memoryStore(), { maxFrames: 20_000 })
  await archive.write(Array.from({ length: 20_000 }, (_, i) => some(`name ${i}`, 1)).flat())
  const startedMs = performance.now()
  for (let i = 0; i < 20_000; i += 100) {
    await archive.write(Array.from({ length: 100 }, (_, j) => some(`other ${i + j}`, 1)).flat())
  }
  // If each looked at all of the others that would be 400 million looks.
  expect(performance.now() - startedMs).toBeLessThan(20_000)
  expect(await archive.count(topic.name)).toBe(20_000)
})

test('shares are what counting all anew would give', () => {
  const steps = fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ from: fc.integer({ min: 0, max: 6 }), length: fc.integer({ min: 1, max: 9 }) }),
      },
      { weight: 1, arbitrary: fc.record({ remove: fc.nat(200) }) },
      { weight: 2, arbitrary: fc.constantFrom('frames' as const, 'bytes' as const) },
    ),
    { maxLength: 400 },
  )
  fc.assert(
    fc.property(steps, (all) => {
      const shares = new Shares()
      const plain: Kept[] = []
      let place = 0
      const drop = (frame: Kept | undefined): void => {
        if (frame === undefined) return
        plain.splice(plain.indexOf(frame), 1)
        shares.remove(frame)
      }
      for (const step of all) {
        if (typeof step === 'string') {
          const last = shares.lastOfMost(step)
          expect(last).toEqual(lastOfMost(plain, step))
          drop(last)
        } else if ('remove' in step) drop(plain[step.remove])
        else {
          const from = step.from === 0 ? {} : { from: `peer ${step.from}` }
          const frame: Kept = { place: place++, length: step.length, arrivedAtMs: place * 20_000, ...from }
          plain.push(frame)
          shares.add(frame)
        }
      }
    }),
    { numRuns: 300 },
  )
})

function lastOfMost(all: readonly Kept[], what: 'frames' | 'bytes'): Kept | undefined {
  const holderOf = ({ from, arrivedAtMs }: Kept): string => from ?? `${Math.floor(arrivedAtMs / MINUTE_MS)}`
  const amounts = new Map<string, number>()
  for (const one of all) {
    amounts.set(holderOf(one), (amounts.get(holderOf(one)) ?? 0) + (what === 'frames' ? 1 : one.length))
  }
  const most = Math.max(...amounts.values())
  return all.findLast((one) => amounts.get(holderOf(one)) === most)
}

function mailbox(store: Store, retention: Partial<Retention>): FrameArchive {
  const limits = { ...DEFAULT_RETENTION, ...retention }
  return new FrameArchive(store, () => nowMs, limits, { isMailbox: () => true })
}

function some(from: string, count: number, length = 32): ArchivableFrame[] {
  return Array.from({ length: count }, () => {
    const { id } = item(made++)
    const bytes = new Uint8Array(length)
    return { topicKey: topic.keyPair.publicKey, id, coarseMinutes: Math.floor(nowMs / MINUTE_MS), bytes, from }
  })
}

/** Ids in the order of arrival. */
async function kept(archive: FrameArchive): Promise<string[]> {
  const all = await archive.within(topic.name, ALL)
  return all.toSorted((a, b) => a.place - b.place).map(({ id }) => toHex(id))
}

function nameOf(frame: ArchivableFrame | undefined): string {
  if (frame === undefined) throw new Error('there is no such frame')
  return toHex(frame.id)
}
