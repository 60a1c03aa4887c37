// The persistent multiset of keys behind the uniqueness checks (RFC 9420 §7.3, §12.4.2).
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/bytes.ts'
import { KeyIndex } from '../../../src/tree/key-index.ts'
import { seededRandom } from '../../support/random.ts'

const key = (...values: number[]) => new Uint8Array(values)

describe('a key index', () => {
  it('holds what was put in', () => {
    const index = KeyIndex.empty.plus(key(1, 2)).plus(key(3, 2))
    expect([key(1, 2), key(3, 2), key(2, 2), key(2), key()].map((k) => index.has(k))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('never changes: each version stays what it was', () => {
    const one = KeyIndex.empty.plus(key(1))
    const two = one.plus(key(2))
    const gone = two.minus(key(1))
    expect([KeyIndex.empty.has(key(1)), one.has(key(2)), two.has(key(1)), gone.has(key(1))]).toEqual([
      false,
      false,
      true,
      false,
    ])
  })

  it('counts occurrences, and how many keys occur more than once', () => {
    let index = KeyIndex.empty.plus(key(7)).plus(key(7))
    expect(index.duplicates).toBe(1)
    index = index.plus(key(7)).plus(key(8)).plus(key(8))
    expect(index.duplicates).toBe(2)
    index = index.minus(key(7))
    expect(index.duplicates).toBe(2)
    index = index.minus(key(7))
    expect([index.duplicates, index.has(key(7))]).toEqual([1, true])
    index = index.minus(key(7))
    expect(index.has(key(7))).toBe(false)
    expect(index.duplicates).toBe(1)
  })

  it('stays the same when something is taken out that is not in', () => {
    const index = KeyIndex.empty.plus(key(1, 2, 3))
    for (const absent of [key(2, 3), key(9, 2, 3), key(), key(0, 1, 2, 3)]) expect(index.minus(absent)).toBe(index)
    expect(KeyIndex.empty.minus(key(1))).toBe(KeyIndex.empty)
  })

  it('tells keys apart of which one ends with the other', () => {
    const family = [key(), key(3), key(2, 3), key(1, 2, 3), key(0, 1, 2, 3)]
    let index = family.reduce((all, one) => all.plus(one), KeyIndex.empty)
    for (const [i, one] of family.entries()) {
      index = index.minus(one)
      expect(family.map((other) => index.has(other))).toEqual(family.map((_, j) => j > i))
    }
  })

  it('agrees with a plain count over random insertions and removals', () => {
    const random = seededRandom(1)
    const model = new Map<string, number>()
    let index = KeyIndex.empty
    for (let step = 0; step < 4000; step++) {
      // Few different bytes, so that keys share long ends and occur several times.
      const one = Uint8Array.from({ length: 4 }, () => random(3))
      const name = toHex(one)
      const count = model.get(name) ?? 0
      if (random(2) === 0) {
        index = index.plus(one)
        model.set(name, count + 1)
      } else {
        index = index.minus(one)
        model.set(name, Math.max(0, count - 1))
      }
      expect(index.has(one)).toBe((model.get(name) ?? 0) > 0)
      expect(index.duplicates).toBe([...model.values()].filter((n) => n > 1).length)
    }
  })

  it('takes long keys that differ at their beginnings only', () => {
    const long = (first: number, length: number) => Uint8Array.from({ length }, (_, i) => (i === 0 ? first : 7))
    const keys = [1, 2, 0x12, 0x22].flatMap((first) => [long(first, 100_000), long(first, 99_000)])
    const index = keys.reduce((all, one) => all.plus(one), KeyIndex.empty)
    expect(keys.every((one) => index.has(one))).toBe(true)
    expect(index.has(long(3, 100_000))).toBe(false)
    expect([index.duplicates, index.plus(long(2, 99_000)).duplicates]).toEqual([0, 1])
    const rest = keys.slice(1).reduce((all, one) => all.minus(one), index)
    expect(keys.map((one) => rest.has(one))).toEqual([true, ...keys.slice(1).map(() => false)])
  })
})
