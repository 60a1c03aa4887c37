// What members hold for the inboxes of others: bounded by inbox and in all, what came first stays, and junk takes no place.

import { beforeEach, expect, test } from 'vitest'
import { heldMail } from '../../src/client/held-mail.ts'
import { TopicBook } from '../../src/client/topic-book.ts'
import type { Mail } from '../../src/session/effects.ts'
import { FrameArchive } from '../../src/topics/frame-archive.ts'
import { type TopicKeys, topicFromSeed } from '../../src/wire/topic.ts'
import { frameOf, memoryStore, NOW, topic as ownInbox, wire } from './sync/holder.ts'

let archive: FrameArchive
let book: TopicBook
let nowMs: number

beforeEach(async () => {
  nowMs = NOW
  const store = await memoryStore()
  archive = new FrameArchive(store, () => nowMs)
  const invites = { keys: () => undefined, topics: () => [] }
  book = new TopicBook({ wire, store, archive, inbox: ownInbox, drivers: new Map(), invites: () => invites })
})

test('is what was left, for whoever asks', async () => {
  const mail = await mailFor(1, [100, 200])
  expect(await take(mail)).toBe(2)
  const { name } = await inboxOf(1)
  expect(await archive.count(name)).toBe(2)
  expect(book.keys(name)?.name).toBe(name)
  // Told again, by somebody else.
  await take(mail)
  expect(await archive.count(name)).toBe(2)
})

test('is at most 32 frames for an inbox, also where they come at once, and what came first stays', async () => {
  const { name } = await inboxOf(1)
  const first = await mailFor(1, [1, 2, 3])
  expect(await take(first)).toBe(3)
  const more = await Promise.all(Array.from({ length: 20 }, (_, i) => mailFor(1, [100 + i, 200 + i])))
  expect(await take(...more)).toBe(28)
  expect(await archive.count(name)).toBe(31)
  expect(await take(await mailFor(1, [901, 902]))).toBe(0)
  expect(await take(await mailFor(1, [903]))).toBe(1)
  expect(await take(await mailFor(1, [904]))).toBe(0)
  for (const frame of await archive.within(name, await archive.window(name))) {
    expect((await archive.read(name, frame))?.length).toBeGreaterThan(0)
  }
  expect(await take(await mailFor(2, [1]))).toBe(1)
})

test('is at most 1 MiB for an inbox', async () => {
  const large = await Promise.all(Array.from({ length: 20 }, (_, i) => mailFor(1, [60_000 + i])))
  expect(await take(...large)).toBe(17)
  expect(await take(...large.slice(17))).toBe(0)
  // What is smaller has room.
  expect(await take(await mailFor(1, [10]))).toBe(1)
  expect(await archive.bytes((await inboxOf(1)).name)).toBeLessThanOrEqual(1_048_576)
})

test('is for 256 inboxes at most, also where it comes at once; for those that are known there is room', async () => {
  const many = await Promise.all(Array.from({ length: 260 }, (_, i) => mailFor(1_000 + i, [10])))
  expect(await take(...many.slice(0, 100))).toBe(100)
  expect(await take(...many)).toBe(256)
  expect(await take(await mailFor(1_259, [11]))).toBe(0)
  expect(await take(await mailFor(1_000, [11]))).toBe(1)
})

test('makes room when what is held has become too old', async () => {
  const many = await Promise.all(Array.from({ length: 256 }, (_, i) => mailFor(1_000 + i, [10])))
  expect(await take(...many.slice(0, 255))).toBe(255)
  nowMs += 5 * 86_400_000
  expect(await take(...many.slice(255))).toBe(1)
  expect(await take(await mailFor(9, [10]))).toBe(0)
  nowMs += 3 * 86_400_000
  expect(await take(await mailFor(9, [10]))).toBe(1)
  expect(book.keys((await inboxOf(1_000)).name)).toBeUndefined()
  expect(book.keys((await inboxOf(1_255)).name)).toBeDefined()
})

test('is nothing that is not of its topic, and junk takes no place', async () => {
  const [ours, theirs] = [await mailFor(1, [10]), await mailFor(2, [20, 30])]
  const { topicSeed } = ours
  const mixed = { topicSeed, frames: [...theirs.frames, new Uint8Array(0), new Uint8Array(300), ...ours.frames] }
  expect(await take(mixed)).toBe(1)
  const { name } = await inboxOf(3)
  const seed = (await mailFor(3, [])).topicSeed
  expect(await take({ topicSeed: seed, frames: [] }, { topicSeed: seed, frames: theirs.frames })).toBe(0)
  expect(await take({ topicSeed: seed, frames: Array.from({ length: 60_000 }, () => new Uint8Array(0)) })).toBe(0)
  expect(book.keys(name)).toBeUndefined()
  const junk = Array.from({ length: 300 }, (_, i) => ({ topicSeed: seedOf(2_000 + i), frames: [new Uint8Array(10)] }))
  expect(await take(...junk)).toBe(0)
  expect(await take(await mailFor(3, [10]))).toBe(1)
})

test('is not what this client takes in itself', async () => {
  const { bytes } = await frameOf(10)
  expect(await take({ topicSeed: ownInbox.keyPair.privateKey.bytes, frames: [bytes] })).toBe(0)
})

/** As a client does. @returns how many frames are held */
async function take(...mail: readonly Mail[]): Promise<number> {
  const mayHold = async (name: string, besides: ReadonlySet<string>): Promise<boolean> =>
    name !== ownInbox.name && book.hasRoomFor(name, besides)
  const held = await heldMail({ wire, archive, mayHold }, mail)
  await archive.write(held.flatMap(({ frames }) => frames))
  for (const { topicKeys } of held) book.note({ keys: topicKeys, isInbox: true }, false)
  return held.reduce((sum, { frames }) => sum + frames.length, 0)
}

async function mailFor(inbox: number, lengths: readonly number[]): Promise<Mail> {
  const topic = await inboxOf(inbox)
  const frames = await Promise.all(lengths.map((length) => frameOf(length, NOW, topic)))
  return { topicSeed: topic.keyPair.privateKey.bytes, frames: frames.map(({ bytes }) => bytes) }
}

function inboxOf(number: number): Promise<TopicKeys> {
  return topicFromSeed(wire, seedOf(number))
}

function seedOf(number: number): Uint8Array {
  const seed = new Uint8Array(32).fill(77)
  new DataView(seed.buffer).setUint32(0, number)
  return seed
}
