// Sets of numbers that are mostly without gaps: which messages of a device have been received.

import type { Decoder } from '../codec/reader.ts'
import type { Encoder } from '../codec/writer.ts'

/** Disjoint, ascending, with gaps between; both ends inclusive. */
export type Ranges = readonly Range[]

interface Range {
  readonly first: bigint
  readonly last: bigint
}

export function contains(ranges: Ranges, value: bigint): boolean {
  return ranges.some(({ first, last }) => first <= value && value <= last)
}

/** With everything from `first` to `last`. */
export function withRange(ranges: Ranges, first: bigint, last: bigint): Ranges {
  const before = ranges.filter((range) => range.last + 1n < first)
  const after = ranges.filter((range) => range.first > last + 1n)
  const touched = ranges.slice(before.length, ranges.length - after.length)
  const [least] = touched
  const most = touched.at(-1)
  return [
    ...before,
    {
      first: least !== undefined && least.first < first ? least.first : first,
      last: most !== undefined && most.last > last ? most.last : last,
    },
    ...after,
  ]
}

/** Whether something is missing between the first and the last. */
export function hasGaps(ranges: Ranges): boolean {
  return ranges.length > 1
}

export function lastOf(ranges: Ranges): bigint {
  return ranges.at(-1)?.last ?? -1n
}

export function union(a: Ranges, b: Ranges): Ranges {
  return b.reduce((ranges, { first, last }) => withRange(ranges, first, last), a)
}

/** What is in `a` and not in `b`. */
export function without(a: Ranges, b: Ranges): Ranges {
  const rest: Range[] = []
  for (const { first, last } of a) {
    let from = first
    for (const other of b) {
      if (other.last < from) continue
      if (other.first > last) break
      if (other.first > from) rest.push({ first: from, last: other.first - 1n })
      from = other.last + 1n
    }
    if (from <= last) rest.push({ first: from, last })
  }
  return rest
}

/** How many numbers there are. */
export function countOf(ranges: Ranges): bigint {
  return ranges.reduce((count, { first, last }) => count + last - first + 1n, 0n)
}

/** One after the other. */
export function* numbersOf(ranges: Ranges): Generator<bigint, void, undefined> {
  for (const { first, last } of ranges) for (let number = first; number <= last; number++) yield number
}

export const encodeRanges: Encoder<Ranges> = (writer, ranges) => {
  writer.vector(ranges, (inner, { first, last }) => {
    inner.uint64(first)
    inner.uint64(last)
  })
}

export const decodeRanges: Decoder<Ranges> = (reader) =>
  reader.vector((inner) => ({ first: inner.uint64(), last: inner.uint64() }))
