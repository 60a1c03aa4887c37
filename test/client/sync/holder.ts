// Somebody who holds frames of a topic and reconciles them, without a group above: for tests of what lies between.

import { MemoryLevel } from 'memory-level'
import { toHex, utf8 } from '../../../src/bytes.ts'
import type { CipherSuite } from '../../../src/crypto/labels.ts'
import { nodeProvider } from '../../../src/crypto/providers/node/provider.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import { openLevelStore } from '../../../src/storage/level/level-store.ts'
import type { Store } from '../../../src/storage/store.ts'
import { DEFAULT_RETENTION, FrameArchive } from '../../../src/topics/frame-archive.ts'
import type { FetchHost } from '../../../src/topics/frame-fetch.ts'
import type { Retention } from '../../../src/topics/frame-index.ts'
import { answerReconciliation, type ReconciliationHost, reconcile } from '../../../src/topics/reconciliation.ts'
import { createStreamPair } from '../../../src/transport/memory/stream-pair.ts'
import type { MessageStream } from '../../../src/transport/transport.ts'
import { type Frame, parseFrame, sealFrame } from '../../../src/wire/frame.ts'
import { type TopicKeys, topicFromSeed } from '../../../src/wire/topic.ts'

export const NOW = 1_790_000_000_000
export const wire: CipherSuite = suiteOfWire()
export const topic: TopicKeys = await topicFromSeed(wire, new Uint8Array(32).fill(1))

/** A frame of the topic. @param payload - a text, or how many bytes */
export async function frameOf(payload: string | number, nowMs = NOW, on: TopicKeys = topic): Promise<Frame> {
  const bytes = typeof payload === 'string' ? utf8(payload) : new Uint8Array(payload).fill(7)
  return parseFrame(wire, on.name, await sealFrame(wire, on, new Secret(new Uint8Array(32)), bytes, nowMs))
}

export function memoryStore(): Promise<Store> {
  const database = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
  return openLevelStore(database, { unlock: { key: new Uint8Array(32) }, randomBytes: wire.randomBytes })
}

/** One who holds frames. */
export interface Holder extends ReconciliationHost, FetchHost {
  readonly archive: FrameArchive
  /** What was taken in, in this order. */
  readonly taken: Frame[]
  /** Frames at once. */
  readonly batches: number[]
}

export interface HolderOptions {
  readonly takes?: boolean
  readonly retention?: Partial<Retention>
  readonly clock?: () => number
  readonly store?: Store
  readonly stepMs?: number
  /** A topic that it has the keys of instead. */
  readonly topic?: TopicKeys
}

export async function holder(
  peer: string,
  frames: readonly Frame[] = [],
  options: HolderOptions = {},
): Promise<Holder> {
  const { takes = true, clock = () => NOW, store = await memoryStore(), stepMs = 2_000, topic: own = topic } = options
  const archive = new FrameArchive(store, clock, { ...DEFAULT_RETENTION, ...options.retention })
  await archive.write(frames)
  const taken: Frame[] = []
  const batches: number[] = []
  return {
    wire,
    peer,
    archive,
    taken,
    batches,
    topicKeys: (name) => (name === own.name ? own : undefined),
    takes: () => takes,
    limits: { stepMs, totalMs: 60_000 },
    take: async (_, batch) => {
      await archive.write(batch)
      taken.push(...batch)
      batches.push(batch.length)
    },
  }
}

/** What passes between two who reconcile. */
export interface Traffic {
  bytes: number
  messages: number
}

/** Both ends of a conversation between two peers, counting what passes. */
export function streams(
  asking: string,
  answering: string,
  traffic: Traffic = { bytes: 0, messages: 0 },
): [MessageStream, MessageStream] {
  const { opener, answerer } = createStreamPair(asking, answering)
  const counted = (stream: MessageStream): MessageStream => ({
    ...stream,
    send: (message) => {
      traffic.bytes += message.length
      traffic.messages++
      return stream.send(message)
    },
  })
  return [counted(opener), counted(answerer)]
}

/** A whole conversation. */
export async function meet(asking: Holder, answering: Holder, traffic?: Traffic): ReturnType<typeof reconcile> {
  const [there, back] = streams(asking.peer, answering.peer, traffic)
  const answered = answerReconciliation(answering, back).then(() => back.close())
  const [result] = await Promise.all([reconcile(asking, there, topic), answered])
  return result
}

export function idsOf(frames: readonly Frame[]): string[] {
  return frames.map(({ id }) => toHex(id))
}

function suiteOfWire(): CipherSuite {
  const suite = nodeProvider.suite(3)
  if (suite === undefined) throw new Error('the provider lacks the wire suite')
  return suite
}
