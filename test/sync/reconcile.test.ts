// Reconciliation against the plain difference of two sets, against another implementation of its protocol, and against junk.

import fc from 'fast-check'
import { nip77 } from 'nostr-tools'
import { describe, expect, test } from 'vitest'
import { concat, fromHex, toHex } from '../../src/bytes.ts'
import { CoterieError } from '../../src/errors.ts'
import type { ItemSet, SyncItem } from '../../src/sync/items.ts'
import { advance, answer, begin, MAX_MESSAGE_BYTES, MAX_OFFERED, offer } from '../../src/sync/reconcile.ts'
import { difference, item, reconcile, setOf } from './sets.ts'

/** Two sets of items in a range of numbers, whose times may coincide. */
const pairs = fc
  .record({
    size: fc.integer({ min: 0, max: 3_000 }),
    perMinute: fc.integer({ min: 1, max: 500 }),
    onlyLeft: fc.double({ min: 0, max: 1, noNaN: true }),
    onlyRight: fc.double({ min: 0, max: 1, noNaN: true }),
    sparseness: fc.integer({ min: 1, max: 64 }),
    seed: fc.integer(),
  })
  .map(({ size, perMinute, onlyLeft, onlyRight, sparseness, seed }) => {
    const [left, right]: [SyncItem[], SyncItem[]] = [[], []]
    for (let number = 0; number < size; number++) {
      const one = item(number, Math.floor(number / perMinute))
      const chance = ((number * 2_654_435_761 + seed) >>> 0) / 2 ** 32
      const differs = number % sparseness === 0
      if (!differs || chance >= onlyRight) left.push(one)
      if (!differs || chance < 1 - onlyLeft) right.push(one)
    }
    return [setOf(left), setOf(right)] as const
  })

describe('reconciliation', () => {
  test('finds what one side has and the other has not', () => {
    fc.assert(
      fc.property(pairs, ([left, right]) => {
        const { have, need } = reconcile(left, right)
        expect(have).toEqual(difference(left, right))
        expect(need).toEqual(difference(right, left))
      }),
      { numRuns: 150 },
    )
  })

  test('an offer finds what the other side lacks of it, whatever else that has', () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: 0, max: 64 }), ([left, right], count) => {
        const offered = setOf(left.items.slice(0, count))
        const { have } = advance(offered, answer(right, offer(offered)))
        expect(new Set(have.map(({ id }) => toHex(id)))).toEqual(difference(offered, right))
      }),
    )
  })

  test('an offer and its answer grow with what is offered, not with what the other side has', () => {
    const offered = setOf(Array.from({ length: MAX_OFFERED }, (_, i) => item(i * 40)))
    const message = offer(offered)
    const reply = answer(setOf(Array.from({ length: 100_000 }, (_, i) => item(i))), message)
    expect(message.length).toBeLessThan(MAX_OFFERED * 120)
    expect(reply.length).toBeLessThanOrEqual(message.length)
    expect(advance(offered, reply).have).toEqual([])
  })

  test('messages stay below their limit where nothing is alike', () => {
    const left = setOf(Array.from({ length: 30_000 }, (_, i) => item(2 * i, i)))
    const right = setOf(Array.from({ length: 30_000 }, (_, i) => item(2 * i + 1, i)))
    let rounds = 0
    const need = new Set<string>()
    for (let message: Uint8Array | undefined = begin(left); message !== undefined; rounds++) {
      expect(message.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES)
      const reply = answer(right, message)
      expect(reply.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES)
      const step = advance(left, reply)
      for (const id of step.need) need.add(toHex(id))
      message = step.next
    }
    expect(need).toEqual(difference(right, left))
    expect(rounds).toBeLessThan(40)
  })

  test.each([
    [0, 0],
    [1, 0],
    [0, 40],
    [31, 32],
    [2_000, 1_990],
    [5_000, 200],
  ])('another implementation asks with %i items, and gets what it lacks of %i', (theirs, ours) => {
    const asking = Array.from({ length: theirs }, (_, i) => item(i, Math.floor(i / 7)))
    const answering = setOf(Array.from({ length: ours }, (_, i) => item(i * 3, Math.floor((i * 3) / 7))))
    const storage = new nip77.NegentropyStorageVector()
    for (const { timestamp, id } of asking) storage.insert(timestamp, toHex(id))
    storage.seal()
    const negentropy = new nip77.Negentropy(storage, MAX_MESSAGE_BYTES)
    const [have, need] = [new Set<string>(), new Set<string>()]
    for (let message: string | null = negentropy.initiate(); message !== null; ) {
      const reply = answer(answering, fromHex(message) ?? new Uint8Array(0))
      message = negentropy.reconcile(
        toHex(reply),
        (id) => have.add(id),
        (id) => need.add(id),
      )
    }
    expect(have).toEqual(difference(setOf(asking), answering))
    expect(need).toEqual(difference(answering, setOf(asking)))
  })

  test('its first message is the one that another implementation begins with', () => {
    const items = Array.from({ length: 31 }, (_, i) => item(i, 3))
    const storage = new nip77.NegentropyStorageVector()
    for (const { timestamp, id } of items) storage.insert(timestamp, toHex(id))
    storage.seal()
    expect(toHex(begin(setOf(items)))).toBe(new nip77.Negentropy(storage).initiate())
  })
})

describe('junk', () => {
  const set: ItemSet = setOf(Array.from({ length: 100 }, (_, i) => item(i)))

  test.each([
    ['nothing', []],
    ['another version', [0x62]],
    ['a range without an end', [0x61, 1]],
    ['a range without content', [0x61, 1, 0]],
    ['an unknown mode', [0x61, 1, 0, 3]],
    ['a bound with a long id', [0x61, 1, 33, ...new Array<number>(33).fill(1), 0]],
    ['half a fingerprint', [0x61, 0, 0, 1, 1, 2, 3]],
    ['more ids than there are', [0x61, 0, 0, 2, 0xff, 0xff, 0x7f, 1]],
    ['a number without an end', [0x61, ...new Array<number>(9).fill(0xff), 0]],
    ['a range behind the end of all', [0x61, 0, 0, 0, 5, 1, 7, 0]],
    ['ranges that go back', [0x61, 9, 1, 5, 0, 1, 1, 4, 0]],
  ])('%s is refused', (_, bytes) => {
    for (const read of [answer, advance]) {
      expect(() => read(set, Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'SYNC_MALFORMED' }))
    }
  })

  test('too long a message is refused', () => {
    const long = concat(begin(set), new Uint8Array(MAX_MESSAGE_BYTES))
    expect(() => answer(set, long)).toThrow(expect.objectContaining({ code: 'SYNC_MALFORMED' }))
  })

  test('changed bytes lead to an answer or to an error of the peer, soon', () => {
    const messages = [begin(set), answer(set, begin(setOf([item(7), item(200)])))]
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.nat(), fc.nat(255), fc.nat(40), (message, at, value, cut) => {
        const changed = message.slice(0, message.length - cut)
        if (changed.length > 0) changed[at % changed.length] = value
        for (const read of [answer, advance]) {
          try {
            read(set, changed)
          } catch (error) {
            expect(CoterieError.is(error, 'SYNC_MALFORMED')).toBe(true)
          }
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
