// Vectors of reconciliation (spec/reconciliation.md): messages about sets, and conversations from the first byte to the last.
// `node test/wire/reconciliation-vectors.ts` writes spec/vectors/wire/.

import { writeFileSync } from 'node:fs'
import { toHex, utf8 } from '../../src/bytes.ts'
import { Secret } from '../../src/crypto/secret.ts'
import type { SyncItem } from '../../src/sync/items.ts'
import { advance, answer, begin } from '../../src/sync/reconcile.ts'
import { answerFetch, fetchFrame } from '../../src/topics/frame-fetch.ts'
import { answerReconciliation, reconcile } from '../../src/topics/reconciliation.ts'
import type { MessageStream } from '../../src/transport/transport.ts'
import { type Frame, parseFrame, sealFrame } from '../../src/wire/frame.ts'
import { type Holder, holder, NOW, streams, topic, wire } from '../client/sync/holder.ts'
import { item, setOf } from '../sync/sets.ts'
import { countingSuite, type WireVectorFile } from './wire-vectors.ts'

type Vector = WireVectorFile['vectors'][number]

/** The two sides of each conversation, by transport name. */
export const ASKING = 'asking peer'
export const ANSWERING = 'answering peer'

export async function reconciliationVectors(): Promise<WireVectorFile[]> {
  const frames = await framesOf(48)
  const [shared, left, right] = [frames.slice(0, 40), frames.slice(40, 43), frames.slice(43)]
  return [
    { name: 'ranges', vectors: [rangeVector(0, 0), rangeVector(3, 5), rangeVector(70, 64), rangeVector(400, 401)] },
    {
      name: 'reconciliation',
      vectors: [
        await conversation([], right),
        await conversation([...shared, ...left], [...right, ...shared]),
        await conversation(shared, shared),
        await conversation(left, [...shared, ...left.slice(1)], false),
      ],
    },
    { name: 'frame-fetch', vectors: [await fetching(right, 0), await fetching(left, 40)] },
  ]
}

/** Somebody whose challenges count up, from another number on each side. */
export async function countingHolder(peer: string, frames: readonly Frame[], takes = true): Promise<Holder> {
  const suite = countingSuite()
  if (peer === ANSWERING) suite.randomBytes(CHALLENGE_BYTES)
  return { ...(await holder(peer, frames, { takes })), wire: suite }
}

/** The frames of a vector's field. */
export function framesIn(field: unknown): Frame[] {
  if (!Array.isArray(field)) throw new Error('this field is not a list')
  return field.map((hex) => parseFrame(wire, topic.name, Buffer.from(String(hex), 'hex')))
}

/** The items of a vector's field. */
export function itemsIn(field: unknown): SyncItem[] {
  if (!Array.isArray(field)) throw new Error('this field is not a list')
  return field.map((text) => {
    const [timestamp = '', id = ''] = String(text).split(':')
    return { timestamp: Number(timestamp), id: new Uint8Array(Buffer.from(id, 'hex')) }
  })
}

function rangeVector(ours: number, theirs: number): Vector {
  const asking = setOf(Array.from({ length: ours }, (_, i) => item(i, Math.floor(i / 9))))
  const answering = setOf(
    Array.from({ length: theirs }, (_, i) => item(i % 31 === 7 ? i + 1_000 : i, Math.floor(i / 9))),
  )
  const said = { messages: [''], answers: [''], have: [''], need: [''] }
  for (const list of Object.values(said)) list.length = 0
  for (let message: Uint8Array | undefined = begin(asking); message !== undefined; ) {
    const reply = answer(answering, message)
    const step = advance(asking, reply)
    said.messages.push(toHex(message))
    said.answers.push(toHex(reply))
    said.have.push(...step.have.map(({ id }) => toHex(id)))
    said.need.push(...step.need.map(toHex))
    message = step.next
  }
  return { asking_items: asking.items.map(written), answering_items: answering.items.map(written), ...said }
}

async function conversation(asking: readonly Frame[], answering: readonly Frame[], takes = true): Promise<Vector> {
  const [one, other] = [await countingHolder(ASKING, asking, takes), await countingHolder(ANSWERING, answering)]
  const { there, back, said } = recorded()
  await Promise.all([reconcile(one, there, topic), answerReconciliation(other, back).then(() => back.close())])
  return {
    ...COMMON,
    asking_takes_frames: takes ? 1 : 0,
    asking_frames: asking.map(({ bytes }) => toHex(bytes)),
    answering_frames: answering.map(({ bytes }) => toHex(bytes)),
    ...said,
    asking_gets: one.taken.map(({ id }) => toHex(id)),
    answering_gets: other.taken.map(({ id }) => toHex(id)),
  }
}

async function fetching(frames: readonly Frame[], wanted: number): Promise<Vector> {
  const [frame] = wanted === 0 ? frames : await framesOf(1)
  if (frame === undefined) throw new Error('there is no frame')
  const [one, other] = [await countingHolder(ASKING, []), await countingHolder(ANSWERING, frames)]
  const { there, back, said } = recorded()
  const pointer = { topic: topic.name, id: frame.id, length: frame.bytes.length }
  await Promise.all([fetchFrame(one, there, topic, pointer), answerFetch(other, back).then(() => back.close())])
  return {
    ...COMMON,
    answering_frames: frames.map(({ bytes }) => toHex(bytes)),
    id: toHex(frame.id),
    length: frame.bytes.length,
    ...said,
  }
}

/** Two ends that remember what was sent on them. */
function recorded(): {
  there: MessageStream
  back: MessageStream
  said: { asking_sends: string[]; answering_sends: string[] }
} {
  const said: { asking_sends: string[]; answering_sends: string[] } = { asking_sends: [], answering_sends: [] }
  const [there, back] = streams(ASKING, ANSWERING)
  const noting = (stream: MessageStream, list: string[]): MessageStream => ({
    ...stream,
    send: (message) => {
      list.push(toHex(message))
      return stream.send(message)
    },
  })
  return { there: noting(there, said.asking_sends), back: noting(back, said.answering_sends), said }
}

async function framesOf(count: number): Promise<Frame[]> {
  const suite = countingSuite()
  const frames: Frame[] = []
  for (let i = 0; i < count; i++) {
    const key = new Secret(new Uint8Array(32).fill(7))
    const bytes = await sealFrame(suite, topic, key, utf8(`frame ${i}`), NOW + (i % 3) * 600_000)
    frames.push(parseFrame(wire, topic.name, bytes))
  }
  return frames
}

function written({ timestamp, id }: SyncItem): string {
  return `${timestamp}:${toHex(id)}`
}

const CHALLENGE_BYTES = 32
const COMMON = {
  topic_seed: toHex(new Uint8Array(32).fill(1)),
  topic: topic.name,
  asking_peer: ASKING,
  answering_peer: ANSWERING,
  now_ms: NOW,
} as const

if (import.meta.main) {
  for (const { name, vectors } of await reconciliationVectors()) {
    const path = new URL(`../../spec/vectors/wire/${name}.json`, import.meta.url)
    writeFileSync(path, `${JSON.stringify(vectors, undefined, 2)}\n`)
  }
}
