// A relay carries a topic for whoever proves to hold its key, as long as that was asked for, and for nobody else.

import { afterEach, expect, test } from 'vitest'
import type { RelayLimits } from '../../src/relay/limits.ts'
import { until } from '../../src/testing/until.ts'
import { FETCH_PROTOCOL, fetchFrame } from '../../src/topics/frame-fetch.ts'
import { RECONCILE_PROTOCOL, reconcile } from '../../src/topics/reconciliation.ts'
import { TimedStream } from '../../src/topics/timed-stream.ts'
import { MAX_FRAME_BYTES } from '../../src/wire/frame.ts'
import {
  decodeRelayAnswer,
  encodeRelayRequest,
  RELAY_PROTOCOL,
  type RelayAnswer,
  relayRequestContent,
} from '../../src/wire/relay-messages.ts'
import { topicFromSeed } from '../../src/wire/topic.ts'
import { frameOf, holder, idsOf, NOW, topic, wire } from '../client/sync/holder.ts'
import { RELAY, RelayHere } from './relay-here.ts'

let stage: RelayHere
const other = await topicFromSeed(wire, new Uint8Array(32).fill(2))

afterEach(() => stage.close())

test('a topic that was pinned is kept for one who was not there, also over a restart', async () => {
  await begin()
  const alice = await stage.peer('alice')
  const granted = await stage.pin(alice, topic)
  expect(granted).toBe(3_600)
  const frames = [await frameOf('one'), await frameOf('two'), await frameOf(MAX_FRAME_BYTES * 2)]
  await stage.exchange(alice, topic, frames)
  await stage.restart()
  const bob = await stage.peer('bob')
  const received = await stage.exchange(bob, topic)
  expect(idsOf(received.taken).sort()).toEqual(idsOf(frames).sort())
  // A large frame also by its name.
  const [, , large] = frames
  if (large === undefined) throw new Error('there are three frames')
  const host = { ...received, isRelay: () => true }
  const pointer = { topic: topic.name, id: large.id, length: large.bytes.length }
  const fetched = await fetchFrame(host, await bob.open(RELAY, FETCH_PROTOCOL), topic, pointer)
  expect(fetched?.bytes).toEqual(large.bytes)
  expect(stage.errors).toEqual([])
})

test('what is published while nobody else is there is kept; junk and what is of another time is not', async () => {
  await begin()
  const alice = await stage.peer('alice')
  await stage.pin(alice, topic)
  await until('the relay listens', () => alice.peers(topic.name).length === 1)
  const [good, late, early] = [
    await frameOf('now'),
    await frameOf('late', NOW - 8 * DAY),
    await frameOf('early', NOW + 2 * DAY),
  ]
  const forged = good.bytes.slice()
  forged.set([(forged.at(-1) ?? 0) ^ 1], forged.length - 1)
  for (const bytes of [forged, late.bytes, early.bytes, good.bytes]) await alice.publish(topic.name, bytes)
  const { counters } = stage.relay
  await until(
    'the relay has judged all',
    () => counters.of('frames_refused_invalid') + counters.of('frames_refused_time') + counters.of('frames_kept') === 4,
  )
  expect(counters.of('frames_kept')).toBe(1)
  expect(counters.of('frames_refused_time')).toBe(2)
  const bob = await stage.peer('bob')
  expect(idsOf((await stage.exchange(bob, topic)).taken)).toEqual(idsOf([good]))
})

test('whoever does not hold the key can neither pin a topic nor learn what is kept of it', async () => {
  await begin()
  const [alice, mallory] = [await stage.peer('alice'), await stage.peer('mallory')]
  await stage.pin(alice, topic)
  await stage.exchange(alice, topic, [await frameOf('secret')])
  const forged = { name: topic.name, keyPair: { ...other.keyPair, publicKey: topic.keyPair.publicKey } }
  await expect(stage.pin(mallory, forged)).rejects.toMatchObject({ code: 'RELAY_REFUSED' })
  await expect(stage.exchange(mallory, forged)).rejects.toMatchObject({ code: 'TRANSPORT_STREAM_FAILED' })
  const stranger = await holder('mallory', [], { topic: forged })
  const pointer = { topic: topic.name, id: (await frameOf('secret')).id, length: 300 }
  const fetching = fetchFrame(
    { ...stranger, isRelay: () => true },
    await mallory.open(RELAY, FETCH_PROTOCOL),
    forged,
    pointer,
  )
  await expect(fetching).rejects.toMatchObject({ code: 'TRANSPORT_STREAM_FAILED' })
  expect(stage.relay.counters.of('requests_refused_proof')).toBe(1)
})

test('a proof serves the peer that made it, at the relay it was made for, in one conversation', async () => {
  await begin()
  const [alice, mallory] = [await stage.peer('alice'), await stage.peer('mallory')]
  const request = { kind: 'pin', topic: topic.keyPair.publicKey, seconds: 60, isMailbox: false } as const
  const askWith = async (
    terms: (challenge: Uint8Array) => Parameters<typeof relayRequestContent>[1],
  ): Promise<RelayAnswer> => {
    const stream = await mallory.open(RELAY, RELAY_PROTOCOL)
    const timed = new TimedStream(stream)
    const challenge = await timed.receive()
    const content = relayRequestContent(request, terms(challenge))
    const signature = await wire.signature.sign(topic.keyPair.privateKey, content)
    await timed.send(encodeRelayRequest({ request, signature }))
    const answer = decodeRelayAnswer(await timed.receive())
    await stream.close()
    return answer
  }
  const refused = { kind: 'refused', retry: false }
  expect(await askWith((challenge) => ({ challenge, client: 'alice', relay: RELAY }))).toEqual(refused)
  expect(await askWith((challenge) => ({ challenge, client: 'mallory', relay: 'another' }))).toEqual(refused)
  expect(await askWith(() => ({ challenge: new Uint8Array(32), client: 'mallory', relay: RELAY }))).toEqual(refused)
  // The same with everything right: it was not something else that was refused.
  expect(await askWith((challenge) => ({ challenge, client: 'mallory', relay: RELAY }))).toEqual({
    kind: 'pinned',
    seconds: 60,
  })
  expect(alice.peers(topic.name)).toHaveLength(1)
})

test('a topic that nobody pinned is not carried, and the relay says no more than that', async () => {
  await begin()
  const alice = await stage.peer('alice')
  await expect(stage.exchange(alice, topic, [await frameOf('one')])).rejects.toMatchObject({
    code: 'TRANSPORT_STREAM_FAILED',
  })
  expect(stage.relay.status).toMatchObject({ topics: 0, frameBytes: 0 })
})

test('a pin that is not renewed runs out, with everything that was kept; a shorter one does not shorten it', async () => {
  await begin()
  const alice = await stage.peer('alice')
  await stage.pin(alice, topic, 3_600)
  expect(await stage.pin(alice, topic, 60)).toBe(3_600)
  await stage.exchange(alice, topic, [await frameOf('one')])
  stage.nowMs += 3_599_000
  await stage.relay.sweep()
  expect(stage.relay.status.topics).toBe(1)
  stage.nowMs += 2_000
  await stage.relay.sweep()
  expect(stage.relay.status).toMatchObject({ topics: 0, frameBytes: 0 })
  await until('the relay is not on the topic any more', () => alice.peers(topic.name).length === 0)
  await expect(stage.exchange(alice, topic)).rejects.toMatchObject({ code: 'TRANSPORT_STREAM_FAILED' })
  await stage.restart()
  expect(stage.relay.status.topics).toBe(0)
})

test('nobody gets a pin for longer than the relay grants, nor more topics than there is room for', async () => {
  await begin({ maxPinMs: 60_000, maxTopics: 2, newTopics: { burst: 1, perSecond: 0.1 } })
  const [alice, bob] = [await stage.peer('alice'), await stage.peer('bob')]
  expect(await stage.pin(alice, topic, 2_592_000)).toBe(60)
  await expect(stage.pin(alice, other)).rejects.toMatchObject({ code: 'RELAY_BUSY' })
  expect(await stage.pin(alice, topic)).toBe(60)
  expect(await stage.pin(bob, other)).toBe(60)
  const third = await topicFromSeed(wire, new Uint8Array(32).fill(3))
  stage.nowMs += 10_000
  await expect(stage.pin(alice, third)).rejects.toMatchObject({ code: 'RELAY_BUSY' })
})

test('a client that takes a peer for a relay without reason gives away nothing that a member would not', async () => {
  await begin()
  const alice = await stage.peer('alice')
  await stage.pin(alice, topic)
  const careful = await holder('alice', [await frameOf('one')], { clock: () => stage.nowMs })
  const asking = reconcile(careful, await alice.open(RELAY, RECONCILE_PROTOCOL), topic)
  // For one that is not its relay, a peer without the key is a stranger.
  await expect(asking).rejects.toMatchObject({ code: 'SYNC_PROOF' })
  expect(stage.relay.status.frameBytes).toBe(0)
})

async function begin(limits: Partial<RelayLimits> = {}): Promise<void> {
  stage = await new RelayHere(limits).open()
}

const DAY = 86_400_000
