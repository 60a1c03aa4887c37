// What clients and relays say to each other, and what is not that.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { concat, toHex } from '../../src/bytes.ts'
import {
  decodeRelayAnswer,
  decodeRelayRequest,
  encodeRelayAnswer,
  encodeRelayRequest,
  relayRequestContent,
  stockKeys,
} from '../../src/wire/relay-messages.ts'
import { relayVectors } from './relay-vectors.ts'
import { bytesOf, wireSuite } from './wire-vectors.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../spec/vectors/wire/relay.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, string>>[]
const requests = vectors.filter(({ request }) => request !== undefined)
const answers = vectors.filter(({ answer }) => answer !== undefined)

test('the vectors are what this library makes', async () => {
  expect((await relayVectors()).vectors).toEqual(vectors)
  expect([requests.length, answers.length]).toEqual([5, 7])
})

test('requests of the vectors are read, say what is signed, and are signed by whom they have to be', async () => {
  const { signature } = wireSuite()
  for (const vector of requests) {
    const message = bytesOf(vector.message)
    const signed = decodeRelayRequest(message)
    const { request } = signed
    expect(request.kind).toBe(vector.request)
    expect(toHex(encodeRelayRequest(signed))).toBe(vector.message)
    const { client = '', relay = '' } = vector
    const content = relayRequestContent(request, { challenge: bytesOf(vector.challenge), client, relay })
    expect(toHex(content)).toBe(vector.signed)
    const stock = await stockKeys(wireSuite(), { seed: bytesOf(vector.inbox_seed), publicKey: new Uint8Array(32) })
    expect(stock.name).toBe(vector.stock_key)
    const own = await signature.importPrivateKey(bytesOf(vector.key_seed))
    const { publicKey } = request.kind === 'take' ? stock.keyPair : own
    await signature.verify(publicKey, content, signed.signature)
  }
})

test('answers of the vectors are read', () => {
  for (const { answer = '', message } of answers) {
    const read = decodeRelayAnswer(bytesOf(message))
    const fields = read.kind === 'taken' ? { ...read, keyPackage: toHex(read.keyPackage) } : read
    expect(fields).toEqual(JSON.parse(answer))
    expect(toHex(encodeRelayAnswer(read))).toBe(message)
  }
})

describe('whatever is cut off, longer, or of another kind is refused', () => {
  test.each(vectors.map(({ request, answer, message }) => [request ?? answer, request, bytesOf(message)] as const))(
    '%s',
    (_, request, message) => {
      const read = request === undefined ? decodeRelayAnswer : decodeRelayRequest
      for (let end = 0; end < message.length; end++) {
        expect(() => read(message.slice(0, end))).toThrow(expect.objectContaining({ code: 'RELAY_MALFORMED' }))
      }
      const longer = concat(message, Uint8Array.of(0))
      const other = concat(Uint8Array.of(77), message.slice(1))
      for (const bad of [longer, other]) {
        expect(() => read(bad)).toThrow(expect.objectContaining({ code: 'RELAY_MALFORMED' }))
      }
    },
  )

  test('yes and no are the only answers to a question', () => {
    for (const bad of [Uint8Array.of(5, 2), Uint8Array.of(3, 2, 0)]) {
      expect(() => decodeRelayAnswer(bad)).toThrow(expect.objectContaining({ code: 'RELAY_MALFORMED' }))
    }
    const pin = { kind: 'pin', topic: new Uint8Array(32), seconds: 1, isMailbox: true } as const
    const message = encodeRelayRequest({ request: pin, signature: new Uint8Array(0) })
    expect(decodeRelayRequest(message).request).toEqual(pin)
    // Kind, topic and seconds come before it.
    expect(() => decodeRelayRequest(message.with(1 + 32 + 4, 2))).toThrow(
      expect.objectContaining({ code: 'RELAY_MALFORMED' }),
    )
  })
})
