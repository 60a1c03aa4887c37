// The order in which messages are shown, whatever their clocks: equal ones, and those beyond every bucket.

import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes.ts'
import { MessageLog, messageLogOf } from '../../src/client/message-log.ts'
import { encodeBody } from '../../src/content/message-body.ts'
import { compareMessages } from '../../src/content/message-content.ts'
import { encodeStoredMessage, type StoredMessage } from '../../src/session/message-record.ts'
import { openStore } from '../../src/storage/level/open-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { seededRandom } from '../support/random.ts'
import { all } from './cast.ts'

describe('the log', () => {
  test.each([1, 2, 3])('shows messages by clock, then by id (seed %i)', async (seed) => {
    const { log, store, messages } = await filled(seed, 300)
    const expected = [...messages].sort(compareMessages).map(({ id }) => toHex(id))
    expect((await all(log.history({}, messages.length))).map(({ id }) => id)).toEqual(expected)
    for (const limit of [1, 7, 64, 65, 299, 1_000]) {
      expect((await all(log.history({ limit }, messages.length))).map(({ id }) => id)).toEqual(expected.slice(-limit))
    }
    for (const at of [0, 1, 100, 299]) {
      const before = messages.find(({ id }) => toHex(id) === expected[at])?.place ?? -1
      const page = await all(log.history({ before, limit: 10 }, messages.length))
      expect(page.map(({ id }) => id)).toEqual(expected.slice(Math.max(0, at - 10), at))
    }
    const late = messages.filter(({ place }) => place > 200).sort(compareMessages)
    expect((await all(log.history({ after: 200 }, messages.length))).map(({ id }) => id)).toEqual(
      late.map(({ id }) => toHex(id)),
    )
    const early = [...messages].filter(({ place }) => place < 100).sort(compareMessages)
    expect((await all(log.history({}, 100))).map(({ id }) => id)).toEqual(early.map(({ id }) => toHex(id)))
    await store.close()
  })

  test('finds each by its id, and gives what came in its order', async () => {
    const { log, store, messages } = await filled(4, 100)
    for (const { id, place } of messages) expect((await log.find(toHex(id)))?.cursor).toBe(place)
    const { messages: page, next } = await log.arrived(30)
    expect(page.map(({ cursor }) => cursor)).toEqual(Array.from({ length: 64 }, (_, i) => 30 + i))
    expect(next).toBe(94)
    expect(await log.end()).toBe(100)
    await store.close()
  })
})

/** A log with few clocks, so that many messages share one. */
async function filled(
  seed: number,
  count: number,
): Promise<{ log: MessageLog; store: Store; messages: StoredMessage[] }> {
  const random = seededRandom(seed)
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => random(256))
  const store = await openStore({ storage: 'memory' }, bytes, [])
  const log = new MessageLog(store, 'group')
  const messages = Array.from({ length: count }, (_, place): StoredMessage => {
    const clock = BigInt(random(40))
    const lamport = random(10) === 0 ? 2n ** 64n - 1n - clock : clock
    const body = encodeBody({ kind: 'text', text: String(place) })
    const content = { seq: BigInt(place), previous: new Uint8Array(0), lamport, sentAtMs: 0, body }
    return { id: bytes(32), content, sender: 'did:key:z', senderName: 'a', deviceKey: bytes(32), place }
  })
  for (let from = 0; from < count; ) {
    const batch = messages.slice(from, from + 1 + random(5))
    const indexes = await log.indexesFor(batch)
    await store.write((changes) => {
      for (const message of batch) changes.putAt(messageLogOf('group'), message.place, encodeStoredMessage(message))
      indexes(changes)
    })
    from += batch.length
  }
  return { log, store, messages }
}
