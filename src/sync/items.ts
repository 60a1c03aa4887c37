// What is reconciled: ids in the order of time, and the fingerprint of a run of them (spec/reconciliation.md).

import { compareBytes, concat } from '../bytes.ts'
import { Writer } from '../codec/writer.ts'
import { writeVarint } from './varint.ts'

/** One element of a set. */
export interface SyncItem {
  /** A non-negative integer; here, minutes. */
  readonly timestamp: number
  /** 32 bytes. */
  readonly id: Uint8Array
}

/** A set as it is for the length of a reconciliation. */
export interface ItemSet<T extends SyncItem = SyncItem> {
  /** By `compareItems`, each once. */
  readonly items: readonly T[]
  readonly hash: (data: Uint8Array) => Uint8Array
}

/** By time, then by id. An id that begins another comes first, so that a bound may hold the beginning of an id. */
export function compareItems(a: SyncItem, b: SyncItem): number {
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1
  return compareBytes(a.id, b.id)
}

/** The place of the first item that is not before `bound`. */
export function lowerBound(items: readonly SyncItem[], bound: SyncItem, from = 0): number {
  let low = from
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = items[middle]
    if (item !== undefined && compareItems(item, bound) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** 16 bytes of the hash of the sum of the ids, as little-endian numbers modulo 2^256, and of their count. */
export function fingerprint({ items, hash }: ItemSet, from: number, to: number): Uint8Array {
  // Column by column, carrying at the end: a column of 2^45 bytes would still be exact.
  const columns = new Float64Array(ID_BYTES)
  for (let at = from; at < to; at++) {
    const id = items[at]?.id
    if (id !== undefined) for (let i = 0; i < ID_BYTES; i++) columns[i] = (columns[i] as number) + (id[i] as number)
  }
  const sum = new Uint8Array(ID_BYTES)
  let carry = 0
  for (const [i, column] of columns.entries()) {
    const total = column + carry
    sum[i] = total % 256
    carry = Math.floor(total / 256)
  }
  const count = new Writer(8)
  writeVarint(count, to - from)
  return hash(concat(sum, count.finish())).slice(0, FINGERPRINT_BYTES)
}

/** The bytes of an id. */
export const ID_BYTES = 32

/** The bytes of a fingerprint. */
export const FINGERPRINT_BYTES = 16
