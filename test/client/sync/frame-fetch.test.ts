// Large frames are fetched by their hash from whoever has them, and from nobody who lies.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { toHex } from '../../../src/bytes.ts'
import { FrameFetcher } from '../../../src/client/sync/frame-fetcher.ts'
import { encode } from '../../../src/codec/writer.ts'
import { answerFetch, FETCH_PROTOCOL, type FramePointer, fetchFrame } from '../../../src/topics/frame-fetch.ts'
import { TimedStream } from '../../../src/topics/timed-stream.ts'
import { proveAnswering } from '../../../src/topics/topic-proof.ts'
import type { Frame } from '../../../src/wire/frame.ts'
import { frameOf, type Holder, holder, streams, topic, wire } from './holder.ts'

function pointerTo(frame: Frame): FramePointer {
  return { topic: topic.name, id: frame.id, length: frame.bytes.length }
}

describe('a large frame', () => {
  test.each([300_000, 1_000_000, 5_000_000])('of %i bytes is fetched', async (length) => {
    const frame = await frameOf(length)
    const bob = await holder('bob', [frame])
    const alice = await holder('alice')
    expect((await fetched(alice, bob, pointerTo(frame)))?.bytes).toEqual(frame.bytes)
  })

  test('that is not there is said not to be', async () => {
    const [alice, bob] = [await holder('alice'), await holder('bob')]
    expect(await fetched(alice, bob, pointerTo(await frameOf(300_000)))).toBeUndefined()
  })

  test('is not given to those who do not hold the key', async () => {
    const frame = await frameOf(300_000)
    const bob = await holder('bob', [frame])
    const { privateKey } = await wire.signature.generateKeyPair()
    const [there, back] = streams('mallory', 'bob')
    const answered = answerFetch(bob, back).catch((error: Error) => {
      back.abort(error)
      throw error
    })
    const forged = { ...topic, keyPair: { ...topic.keyPair, privateKey } }
    await Promise.all([
      expect(fetchFrame(await holder('mallory'), there, forged, pointerTo(frame))).rejects.toThrow(),
      expect(answered).rejects.toMatchObject({ code: 'SYNC_PROOF' }),
    ])
  })

  test.each<[string, string, (stream: TimedStream, frame: Frame) => Promise<void>]>([
    ['says nothing', 'SYNC_SILENT', () => new Promise(() => undefined)],
    ['announces another length', 'SYNC_FRAME', (stream) => announce(stream, 1_000)],
    [
      'gives other bytes',
      'SYNC_FRAME',
      async (stream, { bytes }) => {
        await announce(stream, bytes.length)
        await stream.send(bytes.map((byte) => byte ^ 1))
      },
    ],
    [
      'gives more than it announced',
      'SYNC_MALFORMED',
      async (stream, { bytes }) => {
        await announce(stream, bytes.length)
        await stream.send(new Uint8Array(bytes.length + 1))
      },
    ],
    [
      'gives nothing in many pieces',
      'SYNC_MALFORMED',
      async (stream, { bytes }) => {
        await announce(stream, bytes.length)
        await stream.send(new Uint8Array(0))
      },
    ],
    ['answers with something else', 'SYNC_MALFORMED', (stream) => stream.send(new Uint8Array(9))],
  ])('is not had from one who %s', async (_, code, act) => {
    const frame = await frameOf(300_000)
    const alice = await holder('alice', [], { stepMs: 300 })
    const mallory = await holder('mallory')
    const [there, back] = streams('alice', 'mallory')
    const stream = new TimedStream(back)
    const acting = proveAnswering(mallory, stream, FETCH_PROTOCOL)
      .then(() => stream.receive())
      .then(() => act(stream, frame))
    acting.catch(() => undefined)
    await expect(fetchFrame(alice, there, topic, pointerTo(frame))).rejects.toMatchObject({ code, origin: 'peer' })
  })

  test('with the right hash but without the signature of the topic is refused', async () => {
    const frame = await frameOf(300_000)
    const bytes = frame.bytes.map((byte, i) => (i === 300_000 ? byte ^ 1 : byte))
    const unsigned = { ...frame, bytes, id: wire.hash.digest(bytes) }
    const [alice, bob] = [await holder('alice'), await holder('bob', [unsigned])]
    await expect(fetched(alice, bob, pointerTo(unsigned))).rejects.toMatchObject({ code: 'FRAME_SIGNATURE' })
  })
})

describe('the fetcher', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  test('asks the one who pointed first, then the others, and stops where it has the frame', async () => {
    const scene = await Scene.of(['bob', 'carol', 'dave'])
    scene.has.add('dave')
    scene.fetcher.want(scene.pointer, 'carol')
    await vi.advanceTimersByTimeAsync(0)
    expect(scene.asked).toEqual(['carol', 'bob', 'dave'])
    expect(scene.taken).toEqual([toHex(scene.pointer.id)])
    await vi.advanceTimersByTimeAsync(10_000_000)
    expect(scene.asked).toHaveLength(3)
  })

  test('asks the one who pointed also where that does not hear the topic, unless it has gone', async () => {
    const scene = await Scene.of(['bob'])
    scene.fetcher.want(scene.pointer, 'sender')
    scene.fetcher.want({ ...scene.pointer, id: new Uint8Array(32) }, 'gone')
    await vi.advanceTimersByTimeAsync(0)
    expect(scene.asked.toSorted()).toEqual(['bob', 'bob', 'sender'])
  })

  test('tries again with growing pauses, at once where somebody comes, and gives up in the end', async () => {
    const scene = await Scene.of([])
    scene.fetcher.want(scene.pointer)
    await vi.advanceTimersByTimeAsync(0)
    scene.peers.push('bob')
    await vi.advanceTimersByTimeAsync(1_999)
    expect(scene.asked).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(scene.asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(3_999)
    expect(scene.asked).toHaveLength(1)
    scene.fetcher.heard(topic.name)
    await vi.advanceTimersByTimeAsync(0)
    expect(scene.asked).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(100_000_000)
    expect(scene.asked).toHaveLength(17)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('wants each frame once, nothing that makes no sense, and nothing that is there', async () => {
    const scene = await Scene.of(['bob'])
    for (let i = 0; i < 3; i++) scene.fetcher.want(scene.pointer)
    for (const length of [0, 16_777_217]) scene.fetcher.want({ ...scene.pointer, id: new Uint8Array(32), length })
    scene.fetcher.want({ ...scene.pointer, id: new Uint8Array(31) })
    await vi.advanceTimersByTimeAsync(0)
    expect(scene.asked).toEqual(['bob'])
    scene.isHere = true
    await vi.advanceTimersByTimeAsync(100_000)
    expect(scene.asked).toEqual(['bob'])
  })

  test('goes on where one fails, and ends when it is stopped', async () => {
    const scene = await Scene.of(['bob', 'carol'])
    scene.failing.add('bob')
    scene.has.add('carol')
    scene.fetcher.want(scene.pointer)
    await vi.advanceTimersByTimeAsync(0)
    expect(scene.failures).toHaveLength(1)
    expect(scene.taken).toHaveLength(1)
    scene.fetcher.want({ ...scene.pointer, id: new Uint8Array(32).fill(3) })
    await scene.fetcher.stop()
    await vi.advanceTimersByTimeAsync(100_000)
    expect(scene.asked).toHaveLength(2)
  })

  test('gives up what one topic has too many of, and not the only one of another', async () => {
    const scene = await Scene.of([])
    scene.fetcher.want(scene.pointer)
    const flooded = 'f'.repeat(64)
    const other = (i: number): FramePointer => ({
      topic: flooded,
      id: wire.hash.digest(Uint8Array.of(i, i >> 8)),
      length: 300_000,
    })
    for (let i = 0; i < 255; i++) scene.fetcher.want(other(i))
    // All have been tried, and those that are wanted from now on have not.
    await vi.advanceTimersByTimeAsync(5_000)
    for (let i = 255; i < 600; i++) scene.fetcher.want(other(i))
    scene.peers.push('bob')
    scene.has.add('bob')
    await vi.advanceTimersByTimeAsync(100_000)
    expect(scene.askedFor).toContain(toHex(scene.pointer.id))
    expect(scene.askedFor).toContain(toHex(other(599).id))
    expect(scene.askedFor.size).toBe(256)
  })

  test('fetches two at once, and no more than 256 in all', async () => {
    const scene = await Scene.of(['bob'])
    scene.isSlow = true
    for (let i = 0; i < 300; i++)
      scene.fetcher.want({ ...scene.pointer, id: wire.hash.digest(Uint8Array.of(i, i >> 8)) })
    await vi.advanceTimersByTimeAsync(0)
    expect(scene.asked).toHaveLength(2)
    scene.isSlow = false
    scene.has.add('bob')
    for (const release of scene.held.splice(0)) release()
    await vi.advanceTimersByTimeAsync(0)
    expect(scene.asked).toHaveLength(256)
  })
})

/** A fetcher with peers that do what they are told. */
class Scene {
  readonly asked: string[] = []
  readonly askedFor = new Set<string>()
  readonly taken: string[] = []
  readonly failures: unknown[] = []
  readonly has = new Set<string>()
  readonly failing = new Set<string>()
  readonly held: (() => void)[] = []
  isHere = false
  isSlow = false
  readonly peers: string[]
  readonly pointer: FramePointer
  readonly fetcher: FrameFetcher

  constructor(peers: string[], frame: Frame) {
    this.peers = peers
    this.pointer = pointerTo(frame)
    this.fetcher = new FrameFetcher({
      has: async () => this.isHere,
      peers: () => this.peers,
      isConnected: (peer) => peer !== 'gone',
      fetch: async (peer, { id }) => {
        this.asked.push(peer)
        this.askedFor.add(toHex(id))
        if (this.isSlow) await new Promise<void>((resolve) => this.held.push(resolve))
        if (this.failing.has(peer)) throw new Error('no')
        return this.has.has(peer) ? frame : undefined
      },
      take: async (_, frames) => {
        this.taken.push(...frames.map(({ id }) => toHex(id)))
      },
      onFailure: (error) => this.failures.push(error),
    })
  }

  static async of(peers: string[]): Promise<Scene> {
    return new Scene(peers, await frameOf(300_000))
  }
}

async function fetched(asking: Holder, answering: Holder, pointer: FramePointer): Promise<Frame | undefined> {
  const [there, back] = streams(asking.peer, answering.peer)
  const answered = answerFetch(answering, back).then(() => back.close())
  const [frame] = await Promise.all([fetchFrame(asking, there, topic, pointer), answered])
  return frame
}

function announce(stream: TimedStream, length: number): Promise<void> {
  return stream.send(encode((writer) => writer.uint32(length), undefined))
}
