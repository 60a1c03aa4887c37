// Reconciliation and fetching against their vectors, as the one who asks and as the one who answers.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes.ts'
import { advance, answer, begin } from '../../src/sync/reconcile.ts'
import { answerFetch, fetchFrame } from '../../src/topics/frame-fetch.ts'
import { answerReconciliation, reconcile } from '../../src/topics/reconciliation.ts'
import type { MessageStream } from '../../src/transport/transport.ts'
import { idsOf, topic } from '../client/sync/holder.ts'
import { setOf } from '../sync/sets.ts'
import {
  ANSWERING,
  ASKING,
  countingHolder,
  framesIn,
  itemsIn,
  reconciliationVectors,
} from './reconciliation-vectors.ts'
import { bytesOf } from './wire-vectors.ts'

type Vector = Readonly<Record<string, unknown>>

test('the vectors are what this library makes', async () => {
  for (const { name, vectors } of await reconciliationVectors()) expect(vectors).toEqual(load(name))
})

test.each(load('ranges'))('messages about sets, vector %#', (vector) => {
  const [asking, answering] = [setOf(itemsIn(vector.asking_items)), setOf(itemsIn(vector.answering_items))]
  const [messages, answers] = [listOf(vector.messages), listOf(vector.answers)]
  const [have, need]: [string[], string[]] = [[], []]
  expect(toHex(begin(asking))).toBe(messages[0])
  for (const [i, message] of messages.entries()) {
    expect(toHex(answer(answering, bytesOf(message)))).toBe(answers[i])
    const step = advance(asking, bytesOf(answers[i]))
    expect(step.next && toHex(step.next)).toBe(messages[i + 1])
    have.push(...step.have.map(({ id }) => toHex(id)))
    need.push(...step.need.map(toHex))
  }
  expect({ have, need }).toEqual({ have: vector.have, need: vector.need })
})

describe('a conversation', () => {
  test.each(load('reconciliation'))('asked by this library, vector %#', async (vector) => {
    const asking = await countingHolder(ASKING, framesIn(vector.asking_frames), vector.asking_takes_frames === 1)
    const stream = scripted(ANSWERING, listOf(vector.answering_sends))
    await reconcile(asking, stream, topic)
    expect(stream.sent).toEqual(vector.asking_sends)
    expect(idsOf(asking.taken)).toEqual(vector.asking_gets)
  })

  test.each(load('reconciliation'))('answered by this library, vector %#', async (vector) => {
    const answering = await countingHolder(ANSWERING, framesIn(vector.answering_frames))
    const stream = scripted(ASKING, listOf(vector.asking_sends))
    await answerReconciliation(answering, stream)
    expect(stream.sent).toEqual(vector.answering_sends)
    expect(idsOf(answering.taken)).toEqual(vector.answering_gets)
  })

  test.each(load('frame-fetch'))('about one frame, vector %#', async (vector) => {
    const [asking, answering] = [
      await countingHolder(ASKING, []),
      await countingHolder(ANSWERING, framesIn(vector.answering_frames)),
    ]
    const asked = scripted(ANSWERING, listOf(vector.answering_sends))
    const pointer = { topic: topic.name, id: bytesOf(vector.id), length: Number(vector.length) }
    const frame = await fetchFrame(asking, asked, topic, pointer)
    const isThere = idsOf(framesIn(vector.answering_frames)).includes(String(vector.id))
    expect(frame && toHex(frame.id)).toBe(isThere ? vector.id : undefined)
    expect(asked.sent).toEqual(vector.asking_sends)
    const answered = scripted(ASKING, listOf(vector.asking_sends))
    await answerFetch(answering, answered)
    expect(answered.sent).toEqual(vector.answering_sends)
  })
})

/** A peer that says what it says, whatever it hears. */
function scripted(peer: string, says: readonly string[]): MessageStream & { readonly sent: string[] } {
  const sent: string[] = []
  const left = says.map(bytesOf)
  return {
    peer,
    sent,
    send: async (message) => {
      sent.push(toHex(message))
    },
    receive: async () => left.shift(),
    close: async () => undefined,
    abort: () => undefined,
  }
}

function load(name: string): Vector[] {
  return JSON.parse(readFileSync(new URL(`../../spec/vectors/wire/${name}.json`, import.meta.url), 'utf8'))
}

function listOf(field: unknown): string[] {
  if (!Array.isArray(field)) throw new Error('this field is not a list')
  return field.map(String)
}
