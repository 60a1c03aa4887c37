// What members tell each other to hold for inboxes: against its vectors, both ways, and with everything that can be wrong with it.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { concat, toHex } from '../../src/bytes.ts'
import { heldMail } from '../../src/client/held-mail.ts'
import { CoterieError } from '../../src/errors.ts'
import type { Mail } from '../../src/session/effects.ts'
import { decodeMail, encodeMail } from '../../src/session/mail.ts'
import { decodePayload, PayloadKind } from '../../src/session/payload.ts'
import { inboxChannel } from '../../src/wire/inbox.ts'
import { mailVectors } from './mail-vectors.ts'
import { bytesOf, wireSuite } from './wire-vectors.ts'

const file = new URL('../../spec/vectors/wire/mail.json', import.meta.url)
const vectors: Awaited<ReturnType<typeof mailVectors>>['vectors'] = JSON.parse(readFileSync(file, 'utf8'))
const suite = wireSuite()
const MALFORMED = expect.objectContaining({ code: 'FRAME_MALFORMED' })

test('the vectors are what this library makes', async () => {
  expect((await mailVectors()).vectors).toEqual(vectors)
})

test('vectors are read, and lead to the topic of their inbox', async () => {
  for (const vector of vectors) {
    const { kind, body } = decodePayload(bytesOf(vector.payload))
    expect(kind).toBe(PayloadKind.mail)
    const mail = decodeMail(body)
    expect(toHex(mail.topicSeed)).toBe(vector.topic_seed)
    expect(mail.frames.map(toHex)).toEqual(vector.frames)
    const inbox = { seed: bytesOf(vector.inbox_seed), publicKey: new Uint8Array(32) }
    const { topic } = await inboxChannel(suite, inbox)
    expect([topic.name, toHex(topic.keyPair.privateKey.bytes)]).toEqual([vector.topic, vector.topic_seed])
    const held = await hold(mail)
    if (mail.frames.length === 0) expect(held).toEqual([])
    else expect(held.map(({ topicKeys }) => topicKeys.name)).toEqual([vector.topic])
    expect(held.flatMap(({ frames }) => frames.map(({ bytes }) => toHex(bytes)))).toEqual(vector.frames)
  }
})

test('with any byte changed nothing is held that was not left', async () => {
  const { payload, frames, topic } = vectors[1] ?? {}
  const body = bytesOf(payload).slice(1)
  for (let at = 0; at < body.length; at += 5) {
    let mail: Mail
    try {
      mail = decodeMail(body.with(at, (body[at] ?? 0) ^ 1))
    } catch (error) {
      expect(CoterieError.is(error, 'FRAME_MALFORMED')).toBe(true)
      continue
    }
    for (const held of await hold(mail)) {
      expect([held.topicKeys.name, held.frames.map(({ bytes }) => toHex(bytes))]).toEqual([topic, frames])
    }
  }
})

test('what is cut short, goes on, or is more than 65,536 bytes is refused', () => {
  const topicSeed = new Uint8Array(32).fill(1)
  const body = encodeMail({ topicSeed, frames: [new Uint8Array(500)] })
  for (const length of [0, 1, 31, 32, 33, 40, body.length - 1]) {
    expect(() => decodeMail(body.slice(0, length))).toThrow(MALFORMED)
  }
  expect(() => decodeMail(concat(body, Uint8Array.of(0)))).toThrow(MALFORMED)
  const most = { topicSeed, frames: [new Uint8Array(65_000), new Uint8Array(536)] }
  expect(decodeMail(encodeMail(most))).toEqual(most)
  const more = { topicSeed, frames: [new Uint8Array(65_000), new Uint8Array(537)] }
  expect(() => decodeMail(encodeMail(more))).toThrow(MALFORMED)
})

/** With nothing there before. */
function hold(mail: Mail): ReturnType<typeof heldMail> {
  const archive = { bytes: async () => 0, count: async () => 0 }
  return heldMail({ wire: suite, archive, mayHold: async () => true }, [mail])
}
