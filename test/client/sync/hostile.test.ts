// Peers that hold the topic's key and mean harm: at every step of a conversation, as the one who asks and the one who answers.

import { describe, expect, test } from 'vitest'
import { concat, toHex } from '../../../src/bytes.ts'
import { encode } from '../../../src/codec/writer.ts'
import { CoterieError } from '../../../src/errors.ts'
import { begin } from '../../../src/sync/reconcile.ts'
import { answerReconciliation, RECONCILE_PROTOCOL, reconcile } from '../../../src/topics/reconciliation.ts'
import { TimedStream } from '../../../src/topics/timed-stream.ts'
import { proveAnswering, proveAsking } from '../../../src/topics/topic-proof.ts'
import type { MessageStream } from '../../../src/transport/transport.ts'
import { type Frame, MAX_LARGE_FRAME_BYTES } from '../../../src/wire/frame.ts'
import { frameOf, type Holder, holder, NOW, streams, topic, wire } from './holder.ts'

const STEP_MS = 300

/** What becomes of a message: others in its place. */
const CHANGES: Readonly<Record<string, (message: Uint8Array) => readonly Uint8Array[]>> = {
  nothing: () => [],
  'an empty message': () => [new Uint8Array(0)],
  'half of it': (message) => [message.slice(0, message.length >> 1)],
  'the same twice': (message) => [message, message],
  'more behind it': (message) => [concat(message, Uint8Array.of(1, 2, 3))],
  'another first byte': (message) => [message.map((byte, i) => (i === 0 ? byte ^ 0x5a : byte))],
  'another last byte': (message) => [message.map((byte, i) => (i === message.length - 1 ? byte ^ 0x5a : byte))],
  'only ones': (message) => [message.slice().fill(0xff)],
  'much of nothing': () => [new Uint8Array(1_000_000)],
}

/** More than an honest side sends here. */
const STEPS = 8

describe.each(Object.entries(CHANGES))('%s instead of a message', (_, change) => {
  test.each(Array.from({ length: STEPS }, (__, step) => step))('after %i messages of one who answers', async (step) => {
    const victim = await crowd('victim', 'their own')
    const answerer = await crowd('mallory', 'of others')
    const [there, back] = streams('victim', 'mallory')
    const answered = answerReconciliation(answerer, changed(back, step, change))
    answered.then(() => back.close()).catch((error: Error) => back.abort(error))
    await expectHarmless(victim, () => reconcile(victim, there, topic))
  })

  test.each(Array.from({ length: STEPS }, (__, step) => step))('after %i messages of one who asks', async (step) => {
    const victim = await crowd('victim', 'their own')
    const asker = await crowd('mallory', 'of others')
    const [there, back] = streams('mallory', 'victim')
    reconcile(asker, changed(there, step, change), topic).catch(() => undefined)
    await expectHarmless(victim, async () => {
      try {
        await answerReconciliation(victim, back)
        await back.close()
      } catch (error) {
        back.abort(error as Error)
        throw error
      }
    })
  })
})

describe('one who answers', () => {
  test.each<[string, string, (stream: TimedStream) => Promise<void>]>([
    ['says nothing', 'SYNC_SILENT', () => new Promise(() => undefined)],
    ['never agrees', 'SYNC_LIMIT', (stream) => forever(() => answerWith(stream, disagreement()))],
    ['is of another version', 'SYNC_MALFORMED', (stream) => answerWith(stream, Uint8Array.of(0x62))],
    ['gives what was not asked for', 'SYNC_FRAME', async (stream) => giving(stream, [await frameOf('unasked')])],
    ['gives more than there was', 'SYNC_LIMIT', async (stream) => giving(stream, await many(20), true)],
    ['gives a frame without signature', 'FRAME_SIGNATURE', async (stream) => giving(stream, [await unsigned()])],
    ['gives batches of nothing', 'SYNC_MALFORMED', (stream) => plainly(stream, Uint8Array.of(1))],
    ['gives a frame without end', 'SYNC_LIMIT', (stream) => plainly(stream, largeOf(MAX_LARGE_FRAME_BYTES + 1))],
    [
      'gives pieces that do not fit',
      'SYNC_MALFORMED',
      (stream) => plainly(stream, largeOf(1_000), new Uint8Array(1_001)),
    ],
    ['gives empty pieces', 'SYNC_MALFORMED', (stream) => plainly(stream, largeOf(1_000), new Uint8Array(0))],
  ])('and %s is left', async (_, code, act) => {
    const victim = await holder('victim', [await frameOf('own')], { stepMs: STEP_MS })
    const mallory = await holder('mallory')
    const [there, back] = streams('victim', 'mallory')
    const stream = new TimedStream(back)
    const acting = (async () => {
      await proveAnswering(mallory, stream, RECONCILE_PROTOCOL)
      await stream.receive()
      await stream.send(terms())
      await act(stream)
    })()
    acting.catch(() => undefined)
    await expect(reconcile(victim, there, topic)).rejects.toMatchObject({ code, origin: 'peer' })
    expect(victim.taken).toEqual([])
  })
})

describe('one who asks', () => {
  test.each<[string, string, (stream: TimedStream) => Promise<void>]>([
    ['says nothing', 'SYNC_SILENT', () => new Promise(() => undefined)],
    ['never stops asking', 'SYNC_LIMIT', (stream) => forever(() => ask(stream))],
    ['announces too many', 'SYNC_LIMIT', (stream) => stream.send(plan(1_000_000))],
    ['wants halves of frames', 'SYNC_MALFORMED', (stream) => stream.send(concat(plan(0), new Uint8Array(16)))],
    ['gives more than it announced', 'SYNC_LIMIT', async (stream) => announcing(stream, 3, await many(4))],
    [
      'gives what is too old',
      'SYNC_FRAME',
      async (stream) => announcing(stream, 1, [await frameOf('old', NOW - 30 * 86_400_000)]),
    ],
    ['gives a frame without signature', 'FRAME_SIGNATURE', async (stream) => announcing(stream, 1, [await unsigned()])],
  ])('and %s is left', async (_, code, act) => {
    const victim = await holder('victim', [await frameOf('own')], { stepMs: STEP_MS })
    const mallory = await holder('mallory')
    const [there, back] = streams('mallory', 'victim')
    const stream = new TimedStream(there)
    const acting = (async () => {
      await proveAsking(mallory, stream, RECONCILE_PROTOCOL, topic)
      await stream.send(terms())
      await stream.receive()
      await act(stream)
    })()
    acting.catch(() => undefined)
    const answered = answerReconciliation(victim, back).finally(() => back.abort(new Error('over')))
    await expect(answered).rejects.toMatchObject({ code, origin: 'peer' })
    expect(victim.taken).toEqual([])
  })
})

/** Somebody with some frames that all have, and some of their own. */
async function crowd(peer: string, what: string): Promise<Holder> {
  const frames = [...SHARED, ...(await Promise.all(Array.from({ length: 40 }, (_, i) => frameOf(`${what} ${i}`))))]
  return holder(peer, frames, { stepMs: STEP_MS })
}

const SHARED: readonly Frame[] = await Promise.all(Array.from({ length: 30 }, (_, i) => frameOf(`shared ${i}`)))

/** It ends, well or with an error of the library's, and nothing but frames of the topic was taken in. */
async function expectHarmless(victim: Holder, conversation: () => Promise<unknown>): Promise<void> {
  const error = await conversation().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error !== undefined) {
    expect(CoterieError.is(error), String(error)).toBe(true)
    expect(error).toMatchObject({ origin: expect.stringMatching(/^(peer|environment)$/) })
  }
  for (const { bytes, id } of victim.taken) expect(toHex(wire.hash.digest(bytes))).toBe(toHex(id))
  expect(await victim.archive.count(topic.name)).toBe(70 + victim.taken.length)
}

function changed(
  stream: MessageStream,
  step: number,
  change: (message: Uint8Array) => readonly Uint8Array[],
): MessageStream {
  let sent = 0
  return {
    ...stream,
    send: async (message) => {
      if (sent++ !== step) return stream.send(message)
      for (const other of change(message)) await stream.send(other)
    },
  }
}

async function forever(step: () => Promise<void>): Promise<void> {
  for (;;) await step()
}

function terms(): Uint8Array {
  return encode((writer) => {
    writer.uint32(0)
    writer.uint32(0xffffffff)
    writer.uint8(1)
  }, undefined)
}

function plan(gives: number): Uint8Array {
  return encode((writer) => {
    writer.uint8(2)
    writer.uint32(gives)
  }, undefined)
}

/** A range from the beginning to the end with a fingerprint that nothing has. */
function disagreement(): Uint8Array {
  return concat(Uint8Array.of(0x61, 0, 0, 1), new Uint8Array(16).fill(0xee))
}

async function answerWith(stream: TimedStream, message: Uint8Array): Promise<void> {
  await stream.receive()
  await stream.send(message)
}

async function ask(stream: TimedStream): Promise<void> {
  await stream.send(concat(Uint8Array.of(1), begin({ items: [], hash: (data) => wire.hash.digest(data) })))
  await stream.receive()
}

function batchOf(frames: readonly Frame[]): Uint8Array {
  return encode((writer) => {
    writer.uint8(1)
    for (const { bytes } of frames) writer.opaque(bytes)
  }, undefined)
}

function largeOf(length: number): Uint8Array {
  return encode((writer) => {
    writer.uint8(2)
    writer.uint32(length)
  }, undefined)
}

/** Answers a round with ids, and gives frames. @param isOver - whether only one of them was named */
async function giving(stream: TimedStream, frames: readonly Frame[], isOver = false): Promise<void> {
  const named = isOver ? frames.slice(0, 1).map(({ id }) => id) : [new Uint8Array(32).fill(1)]
  await plainly(stream, { named }, batchOf(frames))
}

/** Answers a round, then says what it likes. */
async function plainly(
  stream: TimedStream,
  first: Uint8Array | { readonly named: readonly Uint8Array[] },
  ...more: readonly Uint8Array[]
): Promise<void> {
  const named = first instanceof Uint8Array ? [new Uint8Array(32).fill(1)] : first.named
  await answerWith(stream, concat(Uint8Array.of(0x61, 0, 0, 2, named.length), ...named))
  await stream.receive()
  for (const message of first instanceof Uint8Array ? [first, ...more] : more) await stream.send(message)
}

async function announcing(stream: TimedStream, gives: number, frames: readonly Frame[]): Promise<void> {
  await stream.send(plan(gives))
  await stream.send(batchOf(frames))
}

function many(count: number): Promise<Frame[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => frameOf(`many ${i}`)))
}

async function unsigned(): Promise<Frame> {
  const frame = await frameOf('unsigned')
  return { ...frame, bytes: frame.bytes.map((byte, i) => (i === frame.bytes.length - 1 ? byte ^ 1 : byte)) }
}
