// Ways to damage bytes: flipped bits, cuts, insertions, splices, and lengths that lie.
import fc, { type Arbitrary } from 'fast-check'
import { concat } from '../../src/bytes.ts'

/** One change. Places are fractions of the length, so that they fit whatever the changes before left. */
export type Mutation =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'set'; readonly at: number; readonly value: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'remove'; readonly at: number; readonly count: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'repeat'; readonly at: number; readonly count: number }
  | { readonly kind: 'length'; readonly at: number; readonly length: Uint8Array; readonly over: number }
  | { readonly kind: 'nudge'; readonly at: number; readonly by: number }
  | { readonly kind: 'splice'; readonly at: number; readonly from: number; readonly to: number }

/** Encoded lengths: the boundaries, the longest, and ones that are not allowed. */
const LENGTHS = ['00', '01', '3f', '4040', '403f', '7fff', '80004000', '80000001', 'bfffffff', 'c0000000', 'ffffffff']

const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const byte = fc.integer({ min: 0, max: 255 })
const count = fc.integer({ min: 1, max: 12 })

const mutation: Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at, bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('set' as const), at, value: byte }),
  fc.record({ kind: fc.constant('cut' as const), at }),
  fc.record({ kind: fc.constant('remove' as const), at, count }),
  fc.record({ kind: fc.constant('insert' as const), at, bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at, count }),
  fc.record({
    kind: fc.constant('length' as const),
    at,
    length: fc.constantFrom(...LENGTHS).map((hex) => Uint8Array.from(Buffer.from(hex, 'hex'))),
    over: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({ kind: fc.constant('nudge' as const), at, by: fc.constantFrom(-2, -1, 1, 2) }),
  fc.record({ kind: fc.constant('splice' as const), at, from: at, to: at }),
)

/** Mostly few changes: they get furthest. */
export const mutations: Arbitrary<readonly Mutation[]> = fc.oneof(
  { weight: 6, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 1 }) },
  { weight: 3, arbitrary: fc.array(mutation, { minLength: 2, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(mutation, { minLength: 4, maxLength: 12 }) },
)

/** @param other - where splices take from */
export function mutate(bytes: Uint8Array, changes: readonly Mutation[], other: Uint8Array): Uint8Array {
  return changes.reduce((damaged, change) => applied(damaged, change, other), bytes)
}

function applied(bytes: Uint8Array, change: Mutation, other: Uint8Array): Uint8Array {
  const place = Math.floor(change.at * bytes.length)
  const value = bytes[place] ?? 0
  const replaced = (count: number, by: Uint8Array): Uint8Array =>
    concat(bytes.subarray(0, place), by, bytes.subarray(Math.min(bytes.length, place + count)))
  switch (change.kind) {
    case 'flip':
      return replaced(1, Uint8Array.of(value ^ (1 << change.bit)))
    case 'set':
      return replaced(1, Uint8Array.of(change.value))
    case 'nudge':
      return replaced(1, Uint8Array.of((value + change.by) & 0xff))
    case 'cut':
      return bytes.slice(0, place)
    case 'remove':
      return replaced(change.count, new Uint8Array(0))
    case 'insert':
      return replaced(0, change.bytes)
    case 'repeat':
      return replaced(0, bytes.subarray(place, place + change.count))
    case 'length':
      return replaced(change.over, change.length)
    case 'splice': {
      const [from, to] = [change.from, change.to].map((part) => Math.floor(part * other.length)).sort((a, b) => a - b)
      return replaced(0, other.subarray(from, to))
    }
  }
}
