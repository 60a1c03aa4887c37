// The bytes of a reconciliation's messages: version 1 of the negentropy protocol (spec/reconciliation.md).

import { EMPTY } from '../bytes.ts'
import type { Reader } from '../codec/reader.ts'
import { Writer } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import type { SyncItem } from './items.ts'
import { readVarint, writeVarint } from './varint.ts'

/** The first byte of each message. */
export const PROTOCOL_VERSION = 0x61

/** What a message says of a range: nothing more to do, what it sums up to, or all ids in it. */
export const RangeMode = { skip: 0, fingerprint: 1, ids: 2 } as const

/** Where a range ends, exclusive: what sorts before it is inside. The id may be cut short. */
export type Bound = SyncItem

/** Before everything. */
export const START: Bound = { timestamp: 0, id: EMPTY }

/** Behind everything. */
export const END: Bound = { timestamp: Number.POSITIVE_INFINITY, id: EMPTY }

/** The shortest bound that has `before` inside and `next` outside. */
export function boundBetween(before: SyncItem, next: SyncItem): Bound {
  if (before.timestamp !== next.timestamp) return { timestamp: next.timestamp, id: EMPTY }
  let shared = 0
  while (shared < next.id.length && before.id[shared] === next.id[shared]) shared++
  return { timestamp: next.timestamp, id: next.id.subarray(0, shared + 1) }
}

/** Writes the ranges of a message one after another. What is skipped costs nothing unless something follows. */
export class RangeWriter {
  readonly #writer = new Writer(1_024)
  readonly #maxBytes: number
  #bytes = 1
  #last = 0
  #skipped: Bound | undefined

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#writer.uint8(PROTOCOL_VERSION)
  }

  /** Whether a range of so many bytes, bound and mode not counted, leaves room for the range that ends a full message. */
  fits(bytes: number): boolean {
    return this.#bytes + bytes + RESERVED_BYTES <= this.#maxBytes
  }

  get isEmpty(): boolean {
    return this.#bytes === 1
  }

  skip(bound: Bound): void {
    this.#skipped = bound
  }

  fingerprint(bound: Bound, value: Uint8Array): void {
    this.#begin(bound, RangeMode.fingerprint)
    this.#fixed(value)
  }

  ids(bound: Bound, ids: readonly Uint8Array[]): void {
    this.#begin(bound, RangeMode.ids)
    this.#varint(ids.length)
    for (const id of ids) this.#fixed(id)
  }

  finish(): Uint8Array {
    return this.#writer.finish()
  }

  #begin(bound: Bound, mode: number): void {
    const skipped = this.#skipped
    this.#skipped = undefined
    if (skipped !== undefined) this.#begin(skipped, RangeMode.skip)
    // Times are written as what they exceed the one before by, plus one; zero is the end.
    if (bound.timestamp === END.timestamp) this.#varint(0)
    else this.#varint(bound.timestamp - this.#last + 1)
    this.#last = bound.timestamp
    this.#varint(bound.id.length)
    this.#fixed(bound.id)
    this.#varint(mode)
  }

  #varint(value: number): void {
    this.#bytes += writeVarint(this.#writer, value)
  }

  #fixed(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    this.#writer.fixed(bytes)
  }
}

/** Reads the bound of the range that follows the one that ended at `previous`. @throws CoterieError `SYNC_MALFORMED` */
export function readBound(reader: Reader, previous: Bound): Bound {
  if (previous.timestamp === END.timestamp) fail('SYNC_MALFORMED', 'a range behind the end')
  const offset = readVarint(reader)
  const length = readVarint(reader)
  if (length > MAX_BOUND_ID_BYTES) fail('SYNC_MALFORMED', `a bound with an id of ${length} bytes`)
  return { timestamp: offset === 0 ? END.timestamp : previous.timestamp + offset - 1, id: reader.fixed(length) }
}

const MAX_BOUND_ID_BYTES = 32
/** A skipped range, the bound and mode of the range itself, and a fingerprint of all the rest. */
const RESERVED_BYTES = 128
