// What is there for all is not used up by one: bounds of topics, of the whole, of time, and of each peer.

import { afterEach, expect, test } from 'vitest'
import type { RelayLimits } from '../../src/relay/limits.ts'
import { until } from '../../src/testing/until.ts'
import { TokenBuckets } from '../../src/topics/token-buckets.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { type TopicKeys, topicFromSeed } from '../../src/wire/topic.ts'
import { frameOf, idsOf, topic, wire } from '../client/sync/holder.ts'
import { RelayHere } from './relay-here.ts'

let stage: RelayHere
const quiet = await topicFromSeed(wire, new Uint8Array(32).fill(2))

afterEach(() => stage.close())

test('a topic that has too much loses its oldest, and no other topic loses anything', async () => {
  await begin({ maxTopicBytes: 4_000 })
  const alice = await stage.peer('alice')
  await stage.pin(alice, topic)
  await stage.pin(alice, quiet)
  const few = await framesOf(quiet, 2)
  await stage.exchange(alice, quiet, few)
  const frames: Frame[] = []
  for (let i = 0; i < 30; i++) {
    // So that what goes is of an earlier time than what stays: no more is reconciled of a time of which something went.
    const made = await framesOf(topic, 1)
    await stage.exchange(alice, topic, made)
    frames.push(...made)
    stage.nowMs += TEN_MINUTES
  }
  expect(stage.relay.status.frameBytes).toBeLessThanOrEqual(4_000 + sizeOf(few))
  const bob = await stage.peer('bob')
  const kept = idsOf((await stage.exchange(bob, topic)).taken)
  expect(kept.length).toBeGreaterThan(3)
  expect(kept).toEqual(idsOf(frames).slice(-kept.length))
  expect(idsOf((await stage.exchange(bob, quiet)).taken).sort()).toEqual(idsOf(few).sort())
})

test('when all topics together have too much, the largest gives way', async () => {
  await begin({ maxBytes: 10_000, maxTopicBytes: 10_000 })
  const [alice, flooder] = [await stage.peer('alice'), await stage.peer('flooder')]
  await stage.pin(alice, quiet)
  await stage.pin(flooder, topic)
  const few = await framesOf(quiet, 3)
  await stage.exchange(alice, quiet, few)
  for (let round = 0; round < 5; round++) {
    await stage.exchange(flooder, topic, await framesOf(topic, 40))
    expect(stage.relay.status.frameBytes).toBeLessThanOrEqual(10_000)
  }
  const bob = await stage.peer('bob')
  expect(idsOf((await stage.exchange(bob, quiet)).taken).sort()).toEqual(idsOf(few).sort())
  // Nor is there more on disk than is counted.
  await stage.restart()
  expect(stage.relay.status.frameBytes).toBeLessThanOrEqual(10_000)
})

test('there are so many frames in all, however small they are', async () => {
  await begin({ maxFrames: 50, maxTopicFrames: 50 })
  const [alice, flooder] = [await stage.peer('alice'), await stage.peer('flooder')]
  await stage.pin(alice, quiet)
  await stage.pin(flooder, topic)
  const few = await framesOf(quiet, 5)
  await stage.exchange(alice, quiet, few)
  for (let round = 0; round < 4; round++) {
    await stage.exchange(flooder, topic, await framesOf(topic, 40))
    expect(stage.relay.status.frames).toBeLessThanOrEqual(50)
  }
  const bob = await stage.peer('bob')
  expect(idsOf((await stage.exchange(bob, quiet)).taken).sort()).toEqual(idsOf(few).sort())
})

test('frames go when they are old enough, whether or not anybody asks', async () => {
  await begin({ keepMs: 3_600_000 })
  const alice = await stage.peer('alice')
  await stage.pin(alice, topic, 86_400)
  await stage.exchange(alice, topic, await framesOf(topic, 3))
  stage.nowMs += 1_800_000
  await stage.exchange(alice, topic, await framesOf(topic, 2))
  stage.nowMs += 1_800_001
  await stage.relay.sweep()
  const left = stage.relay.status.frameBytes
  expect(left).toBe(sizeOf(await framesOf(topic, 2)))
  stage.nowMs += 1_800_001
  await stage.relay.sweep()
  expect(stage.relay.status).toMatchObject({ topics: 1, frameBytes: 0 })
})

test('a peer that sends too much is not heard for a while, and others are', async () => {
  await begin({ frames: { burst: 20, perSecond: 1 } })
  const [alice, flooder] = [await stage.peer('alice'), await stage.peer('flooder')]
  await stage.pin(alice, topic)
  await until('the relay listens', () => flooder.peers(topic.name).length === 1)
  const flood = await framesOf(topic, 50)
  for (const { bytes } of flood) await flooder.publish(topic.name, bytes)
  const { counters } = stage.relay
  await until('all is judged', () => counters.of('frames_kept') + counters.of('frames_refused_limit') === 50)
  expect(counters.of('frames_kept')).toBe(20)
  const honest = await framesOf(topic, 1)
  await stage.exchange(alice, topic, honest)
  expect(counters.of('frames_kept')).toBe(21)
  await expect(stage.exchange(flooder, topic, await framesOf(topic, 2))).rejects.toMatchObject({
    code: 'TRANSPORT_STREAM_FAILED',
  })
  stage.nowMs += 5_000
  await stage.exchange(flooder, topic, await framesOf(topic, 2))
  expect(counters.of('frames_kept')).toBe(23)
})

test('a peer has so many conversations at once: what is more waits, and others do not', async () => {
  await begin({ maxConversationsOfPeer: 2 })
  const [alice, bob] = [await stage.peer('alice'), await stage.peer('bob')]
  const open = await Promise.all([alice.open('relay', 'relay'), alice.open('relay', 'relay')])
  for (const stream of open) expect((await stream.receive())?.length).toBe(32)
  let isPinned = false
  const pinned = stage.pin(alice, topic).then(() => {
    isPinned = true
  })
  await stage.pin(bob, topic)
  expect(isPinned).toBe(false)
  for (const stream of open) await stream.close()
  await pinned
})

test('buckets give no more than their rate, also where time jumps, and stay few', () => {
  let nowMs = 0
  const buckets = new TokenBuckets({ burst: 3, perSecond: 2 }, () => nowMs)
  expect([1, 2, 3, 4].map(() => buckets.take('a'))).toEqual([true, true, true, false])
  nowMs += 500
  expect([1, 2].map(() => buckets.take('a'))).toEqual([true, false])
  nowMs -= 10_000
  expect(buckets.take('a')).toBe(false)
  nowMs += 1e9
  expect(buckets.take('a', 4)).toBe(false)
  expect(buckets.take('a', 3)).toBe(true)
  for (let i = 0; i < 70_000; i++) buckets.take(`peer ${i}`)
  expect(buckets.size).toBeLessThanOrEqual(65_536)
})

async function begin(limits: Partial<RelayLimits> = {}): Promise<void> {
  stage = await new RelayHere(limits).open()
}

/** Small ones, of the time that it is at the relay. */
function framesOf(on: TopicKeys, count: number): Promise<Frame[]> {
  return Promise.all(Array.from({ length: count }, () => frameOf('x', stage.nowMs, on)))
}

function sizeOf(frames: readonly Frame[]): number {
  return frames.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

const TEN_MINUTES = 600_000
