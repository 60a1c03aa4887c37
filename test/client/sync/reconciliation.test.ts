// Two holders of frames give each other what the other lacks, and nothing to those who do not hold the topic's key.

import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src/bytes.ts'
import { answerReconciliation, reconcile } from '../../../src/topics/reconciliation.ts'
import type { Frame } from '../../../src/wire/frame.ts'
import { topicFromSeed } from '../../../src/wire/topic.ts'
import { frameOf, holder, idsOf, meet, NOW, streams, topic, wire } from './holder.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

describe('two holders', () => {
  test('give each other what the other lacks, in the order in which it came to them', async () => {
    const both = await framesOf('both', 40)
    const [left, right] = [await framesOf('left', 130), await framesOf('right', 70)]
    const alice = await holder('alice', [...both, ...left])
    const bob = await holder('bob', [...right, ...both])
    const result = await meet(alice, bob)
    expect(result).toMatchObject({ sent: 130, received: 70, hasMore: false })
    expect(idsOf(bob.taken)).toEqual(idsOf(left))
    expect(idsOf(alice.taken)).toEqual(idsOf(right))
    expect(Math.max(...bob.batches)).toBeLessThanOrEqual(64)
    expect(await meet(bob, alice)).toMatchObject({ sent: 0, received: 0, hasMore: false })
  })

  test('with nothing, with the same, and with large frames', async () => {
    const [empty, other] = [await holder('alice'), await holder('bob')]
    expect(await meet(empty, other)).toMatchObject({ sent: 0, received: 0 })
    const large = await frameOf(3_000_000)
    const frames = [await frameOf('before'), large, await frameOf('after'), await frameOf(200_000)]
    const carol = await holder('carol', frames)
    expect(await meet(empty, carol)).toMatchObject({ sent: 0, received: 4 })
    expect(idsOf(empty.taken)).toEqual(idsOf(frames))
    expect(await meet(carol, other)).toMatchObject({ sent: 4, received: 0 })
    expect(await other.archive.get(topic.name, toHex(large.id))).toEqual(large.bytes)
  })

  test('where one only leaves frames, the other gives it none', async () => {
    const welcome = await frameOf('a Welcome')
    const known = await frameOf('left before')
    const sender = await holder('sender', [known, welcome], { takes: false })
    const owner = await holder('owner', [known, ...(await framesOf('of others', 50))])
    expect(await meet(sender, owner)).toMatchObject({ sent: 1, received: 0, hasMore: false })
    expect(idsOf(owner.taken)).toEqual([toHex(welcome.id)])
    const third = await holder('third', [await frameOf('from a third')])
    expect(await meet(third, sender)).toMatchObject({ sent: 0, received: 2 })
    expect(sender.taken).toEqual([])
    expect(await meet(await holder('nobody', [], { takes: false }), owner)).toMatchObject({ sent: 0, received: 0 })
  })

  test('leave out what is older than either keeps, and what claims to be of another day', async () => {
    const old = await frameOf('old', NOW - 8 * DAY_MS)
    const recent = await frameOf('recent', NOW - 2 * DAY_MS)
    const ahead = await frameOf('a little ahead', NOW + HOUR_MS)
    const future = await frameOf('of the future', NOW + 2 * DAY_MS)
    const alice = await holder('alice', [old, recent, ahead, future])
    const bob = await holder('bob')
    const carol = await holder('carol', [], { retention: { keepMs: DAY_MS } })
    await meet(alice, bob)
    expect(idsOf(bob.taken)).toEqual(idsOf([recent, ahead]))
    await meet(carol, alice)
    expect(idsOf(carol.taken)).toEqual(idsOf([ahead]))
  })

  test('what was evicted for want of room is not fetched again', async () => {
    const frames: Frame[] = []
    for (let i = 0; i < 12; i++) frames.push(await frameOf(1_000, NOW - HOUR_MS * (12 - i)))
    const room = 5 * (frames[0]?.bytes.length ?? 0)
    const alice = await holder('alice', frames)
    const bob = await holder('bob', [], { retention: { maxBytes: room } })
    await meet(bob, alice)
    expect(await bob.archive.count(topic.name)).toBe(5)
    expect(await meet(bob, alice)).toMatchObject({ sent: 0, received: 0 })
    expect(await meet(alice, bob)).toMatchObject({ sent: 0, received: 0 })
    const next = await frameOf('next')
    await alice.archive.write([next])
    expect(await meet(alice, bob)).toMatchObject({ sent: 1 })
  })

  test('more than goes into one conversation takes several', async () => {
    const frames = await Promise.all(Array.from({ length: 9 }, () => frameOf(9_000_000)))
    const alice = await holder('alice', frames)
    const bob = await holder('bob')
    const first = await meet(bob, alice)
    expect(first).toMatchObject({ hasMore: true })
    expect(first.received).toBeLessThan(9)
    const second = await meet(alice, bob)
    expect(first.received + second.sent).toBe(9)
    expect(second.hasMore).toBe(false)
    expect(idsOf(bob.taken)).toEqual(idsOf(frames))
  })
})

describe('whoever does not hold the key', () => {
  test('learns nothing, not even whether the topic is known', async () => {
    const stranger = await wire.signature.generateKeyPair()
    const forged = {
      name: topic.name,
      keyPair: { publicKey: topic.keyPair.publicKey, privateKey: stranger.privateKey },
    }
    const known = await holder('known', [await frameOf('secret')])
    const other = await topicFromSeed(wire, new Uint8Array(32).fill(9))
    const unknown = await holder('unknown', [], { topic: other })
    const said: number[][] = []
    for (const answering of [known, unknown]) {
      const lengths: number[] = []
      const [there, back] = streams('mallory', answering.peer)
      const heard = { ...there, receive: () => tap(there.receive(), lengths) }
      const answered = answerReconciliation(answering, back).catch((error: Error) => {
        back.abort(error)
        throw error
      })
      const mallory = await holder('mallory')
      await Promise.all([
        expect(reconcile(mallory, heard, forged)).rejects.toMatchObject({ code: 'TRANSPORT_STREAM_FAILED' }),
        expect(answered).rejects.toMatchObject({ code: 'SYNC_PROOF' }),
      ])
      said.push(lengths)
    }
    expect(said).toEqual([[32], [32]])
  })

  test('does not get to answer either', async () => {
    const stranger = await topicFromSeed(wire, new Uint8Array(32).fill(8))
    const liar = await holder('liar')
    const pretending = { ...liar, topicKeys: () => ({ ...stranger, name: topic.name }) }
    const alice = await holder('alice', [await frameOf('secret')])
    const [there, back] = streams('alice', 'liar')
    const answered = answerReconciliation(pretending, back)
    await Promise.all([
      expect(reconcile(alice, there, topic)).rejects.toMatchObject({ code: 'SYNC_PROOF' }),
      expect(answered).rejects.toMatchObject({ code: 'TRANSPORT_STREAM_FAILED' }),
    ])
  })
})

async function framesOf(what: string, count: number): Promise<Frame[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => frameOf(`${what} ${i}`, NOW - (i % 7) * HOUR_MS)))
}

async function tap(message: Promise<Uint8Array | undefined>, lengths: number[]): Promise<Uint8Array | undefined> {
  const received = await message
  if (received !== undefined) lengths.push(received.length)
  return received
}
