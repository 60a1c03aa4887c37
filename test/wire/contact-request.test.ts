// Contact requests against their vectors, both ways, and with every byte changed.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/bytes.ts'
import { CoterieError } from '../../src/errors.ts'
import { readContactRequest } from '../../src/wire/contact-request.ts'
import { contactRequestVectors } from './contact-request-vectors.ts'
import { wireSuite } from './wire-vectors.ts'

const file = new URL('../../spec/vectors/wire/contact-request.json', import.meta.url)
const vectors: Awaited<ReturnType<typeof contactRequestVectors>>['vectors'] = JSON.parse(readFileSync(file, 'utf8'))
const bytes = (value: unknown): Uint8Array => fromHex(String(value)) ?? new Uint8Array(0)

test('the vectors are what this library makes', async () => {
  expect((await contactRequestVectors()).vectors).toEqual(vectors)
})

test('requests are read, and each changed byte is noticed', async () => {
  for (const vector of vectors) {
    const inbox = { seed: bytes(vector.inbox_seed), publicKey: bytes(vector.inbox_public_key) }
    const body = bytes(vector.body)
    const read = await readContactRequest(wireSuite(), inbox, body)
    expect([toHex(read.card), read.note, read.sentAtMs]).toEqual([vector.card, vector.note, vector.sent_at_ms])
    for (let at = 0; at < body.length; at++) {
      const changed = readContactRequest(wireSuite(), inbox, body.with(at, (body[at] ?? 0) ^ 1))
      const error = await changed.catch((cause: unknown) => cause)
      expect(CoterieError.is(error) && error.origin).toBe('peer')
    }
  }
}, 120_000)
