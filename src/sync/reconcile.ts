// Range-based set reconciliation without I/O: version 1 of the negentropy protocol (spec/reconciliation.md). Two sides compare
// fingerprints of ranges and split those that differ, until ranges are small enough to name their ids; what they say grows with
// the difference. Only the asking side learns it.
//
// Written here because no package fits: `nostr-tools` has the asking side only, exports it with a whole Nostr client, pins other
// releases of @noble to the patch, and its parser accepts what never ends; `@nostr-dev-kit/sync` is that inside a Nostr client.
// The first of them answers for the bytes in a test.

import { toHex } from '../bytes.ts'
import { Reader } from '../codec/reader.ts'
import { CoterieError, fail } from '../errors.ts'
import {
  compareItems,
  FINGERPRINT_BYTES,
  fingerprint,
  ID_BYTES,
  type ItemSet,
  lowerBound,
  type SyncItem,
} from './items.ts'
import { type Bound, boundBetween, END, PROTOCOL_VERSION, RangeMode, RangeWriter, readBound, START } from './ranges.ts'
import { readVarint } from './varint.ts'

/** What the asking side learns from an answer. */
export interface Advance<T extends SyncItem> {
  /** What to ask next; undefined where everything is known. */
  readonly next: Uint8Array | undefined
  /** Items that only the asking side has. */
  readonly have: readonly T[]
  /** Ids that only the answering side has. */
  readonly need: readonly Uint8Array[]
}

/** The asking side's first message. */
export function begin(set: ItemSet): Uint8Array {
  const writer = new RangeWriter(MAX_MESSAGE_BYTES)
  split(set, writer, 0, set.items.length, END)
  return writer.finish()
}

/**
 * The asking side's only message, where it wants nothing but to know which of its items the other lacks: what else the other
 * has does not matter. The answer's `have` says it.
 * @param set - at most `MAX_OFFERED` items
 */
export function offer(set: ItemSet): Uint8Array {
  const writer = new RangeWriter(MAX_MESSAGE_BYTES)
  for (const item of set.items) {
    writer.skip(item)
    writer.ids(successorOf(item), [item.id])
  }
  return writer.finish()
}

/** The answering side's answer. @throws CoterieError `SYNC_MALFORMED` (peer) */
export function answer(set: ItemSet, message: Uint8Array): Uint8Array {
  return walk(set, message, (writer, range) => {
    const { lower, upper, bound } = range
    if (range.ids === undefined) return compare(set, writer, range)
    // One id is said to weigh what it weighs: the last range may end early.
    const ids: Uint8Array[] = []
    for (let at = lower; at < upper; at++) {
      const item = set.items[at]
      if (item === undefined) break
      if (!writer.fits((ids.length + 1) * ID_BYTES)) {
        if (ids.length > 0) writer.ids({ timestamp: item.timestamp, id: item.id }, ids)
        return at
      }
      ids.push(item.id)
    }
    if (!writer.fits(ids.length * ID_BYTES)) return lower
    writer.ids(bound, ids)
    return undefined
  }).finish()
}

/** The asking side's next step. @throws CoterieError `SYNC_MALFORMED` (peer) */
export function advance<T extends SyncItem>(set: ItemSet<T>, message: Uint8Array): Advance<T> {
  const have: T[] = []
  const need: Uint8Array[] = []
  const writer = walk(set, message, (out, range) => {
    if (range.ids === undefined) return compare(set, out, range)
    const theirs = new Map(range.ids.map((id) => [toHex(id), id]))
    for (const item of set.items.slice(range.lower, range.upper)) if (!theirs.delete(toHex(item.id))) have.push(item)
    need.push(...theirs.values())
    out.skip(range.bound)
    return undefined
  })
  return { next: writer.isEmpty ? undefined : writer.finish(), have, need }
}

/** A range of the other side's message, and the own items that lie in it. */
interface Range {
  readonly lower: number
  readonly upper: number
  readonly bound: Bound
  /** Where the other side gave a fingerprint. */
  readonly fingerprint: Uint8Array | undefined
  /** Where it gave all ids. */
  readonly ids: readonly Uint8Array[] | undefined
}

/** Writes what is to be said of a range; where the message is full, returns the place of the first item that it leaves out. */
type Treat = (writer: RangeWriter, range: Range) => number | undefined

function walk(set: ItemSet, message: Uint8Array, treat: Treat): RangeWriter {
  if (message.length > MAX_MESSAGE_BYTES) fail('SYNC_MALFORMED', `a reconciliation message of ${message.length} bytes`)
  const reader = new Reader(message)
  const writer = new RangeWriter(MAX_MESSAGE_BYTES)
  try {
    if (reader.uint8() !== PROTOCOL_VERSION) fail('SYNC_MALFORMED', 'an unknown version of reconciliation')
    let previous = START
    let lower = 0
    while (reader.remaining > 0) {
      const bound = readBound(reader, previous)
      if (compareItems(bound, previous) < 0) fail('SYNC_MALFORMED', 'ranges that do not ascend')
      const upper = lowerBound(set.items, bound, lower)
      const range = { lower, upper, bound, ...readContent(reader) }
      const isSkipped = range.fingerprint === undefined && range.ids === undefined
      if (isSkipped) writer.skip(bound)
      const rest = isSkipped ? undefined : treat(writer, range)
      if (rest !== undefined) {
        writer.fingerprint(END, fingerprint(set, rest, set.items.length))
        return writer
      }
      lower = upper
      previous = bound
    }
  } catch (cause) {
    if (!CoterieError.is(cause) || cause.code === 'SYNC_MALFORMED') throw cause
    return fail('SYNC_MALFORMED', 'a reconciliation message that cannot be parsed', { cause })
  }
  return writer
}

function readContent(reader: Reader): Pick<Range, 'fingerprint' | 'ids'> {
  const mode = readVarint(reader)
  if (mode === RangeMode.skip) return { fingerprint: undefined, ids: undefined }
  if (mode === RangeMode.fingerprint) return { fingerprint: reader.fixed(FINGERPRINT_BYTES), ids: undefined }
  if (mode !== RangeMode.ids) return fail('SYNC_MALFORMED', `an unknown mode ${mode} of a range`)
  const count = readVarint(reader)
  if (count * ID_BYTES > reader.remaining) fail('SYNC_MALFORMED', `a list of ${count} ids that are not there`)
  return { fingerprint: undefined, ids: Array.from({ length: count }, () => reader.fixed(ID_BYTES)) }
}

/** Skips a range that is alike on both sides, and splits another. */
function compare(set: ItemSet, writer: RangeWriter, { lower, upper, bound, ...range }: Range): number | undefined {
  const own = fingerprint(set, lower, upper)
  if (range.fingerprint?.every((byte, i) => byte === own[i])) {
    writer.skip(bound)
    return undefined
  }
  return split(set, writer, lower, upper, bound)
}

/** Says of a range what its parts sum up to, or all its ids where they are few. */
function split(set: ItemSet, writer: RangeWriter, lower: number, upper: number, bound: Bound): number | undefined {
  const { items } = set
  const count = upper - lower
  if (count < 2 * BUCKETS) {
    if (!writer.fits(count * ID_BYTES)) return lower
    writer.ids(
      bound,
      items.slice(lower, upper).map(({ id }) => id),
    )
    return undefined
  }
  let from = lower
  for (let bucket = 1; bucket <= BUCKETS; bucket++) {
    if (!writer.fits(FINGERPRINT_BYTES)) return from
    const to = lower + Math.ceil((count * bucket) / BUCKETS)
    const [before, next] = [items[to - 1], items[to]]
    const isLast = to === upper || before === undefined || next === undefined
    writer.fingerprint(isLast ? bound : boundBetween(before, next), fingerprint(set, from, to))
    from = to
  }
  return undefined
}

/** The bound that lets this item in and nothing after it. */
function successorOf({ timestamp, id }: SyncItem): Bound {
  const next = id.slice()
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = ((next[i] as number) + 1) & 0xff
    if (next[i] !== 0) return { timestamp, id: next }
  }
  return { timestamp: timestamp + 1, id: new Uint8Array(0) }
}

/** The longest message, in bytes: what does not fit is said in the next round. */
export const MAX_MESSAGE_BYTES = 262_144

/** How many items one offer can hold. */
export const MAX_OFFERED = 2_048

const BUCKETS = 16
