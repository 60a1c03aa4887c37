// Writes the TLS presentation language with RFC 9420's variable-size vectors (§2.1). Knows nothing of what the bytes mean.

import { fail } from '../errors.ts'

/** Appends one value to the writer. */
export type Encoder<T> = (writer: Writer, value: T) => void

/** The longest vector that a length can name. RFC 9420 §2.1.2. */
export const MAX_VECTOR_LENGTH = 0x3fffffff

/** A growing buffer. */
export class Writer {
  #bytes: Uint8Array
  #length = 0

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
  }

  uint8(value: number): void {
    this.#check(value, 0xff)
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  uint16(value: number): void {
    this.#check(value, 0xffff)
    this.#reserve(2)
    this.#bytes[this.#length++] = value >>> 8
    this.#bytes[this.#length++] = value & 0xff
  }

  uint32(value: number): void {
    this.#check(value, 0xffffffff)
    this.#reserve(4)
    this.#bytes[this.#length++] = value >>> 24
    this.#bytes[this.#length++] = (value >>> 16) & 0xff
    this.#bytes[this.#length++] = (value >>> 8) & 0xff
    this.#bytes[this.#length++] = value & 0xff
  }

  uint64(value: bigint): void {
    if (value < 0n || value > 0xffffffffffffffffn) fail('CODEC_VALUE_RANGE', 'a value does not fit a uint64')
    this.uint32(Number(value >> 32n))
    this.uint32(Number(value & 0xffffffffn))
  }

  fixed(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  varint(value: number): void {
    this.#reserve(4)
    this.#length += putVarint(this.#bytes, this.#length, value)
  }

  /** `opaque<V>`. */
  opaque(bytes: Uint8Array): void {
    this.varint(bytes.length)
    this.fixed(bytes)
  }

  /** `T<V>`. */
  vector<T>(values: Iterable<T>, encode: Encoder<T>): void {
    const start = this.#length
    for (const value of values) encode(this, value)
    const length = this.#length - start
    const prefix = varintLength(length)
    this.#reserve(prefix)
    this.#bytes.copyWithin(start + prefix, start, this.#length)
    putVarint(this.#bytes, start, length)
    this.#length += prefix
  }

  /** `optional<T>`. */
  optional<T>(value: T | undefined, encode: Encoder<T>): void {
    this.uint8(value === undefined ? 0 : 1)
    if (value !== undefined) encode(this, value)
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** Begins anew. What was written may have been secret: it is overwritten. */
  clear(): void {
    this.#bytes.fill(0, 0, this.#length)
    this.#length = 0
  }

  get capacity(): number {
    return this.#bytes.length
  }

  #check(value: number, max: number): void {
    if (!Number.isInteger(value) || value < 0 || value > max) {
      fail('CODEC_VALUE_RANGE', `${value} is not an integer from 0 to ${max}`)
    }
  }

  #reserve(length: number): void {
    const needed = this.#length + length
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}

/**
 * Encodes one value.
 * @throws CoterieError `CODEC_VALUE_RANGE` (caller) where a number or a vector does not fit its field
 */
export function encode<T>(encoder: Encoder<T>, value: T): Uint8Array {
  // A buffer costs more than most of what is written into it. Within one encoding there may be another.
  const writer = spares.pop() ?? new Writer(SPARE_CAPACITY)
  encoder(writer, value)
  const bytes = writer.finish()
  writer.clear()
  if (writer.capacity <= MAX_SPARE_CAPACITY) spares.push(writer)
  return bytes
}

/** `opaque<V>` as an encoder, for vectors of byte strings. */
export const encodeOpaque: Encoder<Uint8Array> = (writer, bytes) => writer.opaque(bytes)

/** `uint16` as an encoder, for vectors of code points. */
export const encodeUint16: Encoder<number> = (writer, value) => writer.uint16(value)

/** As many as encodings were ever within each other. */
const spares: Writer[] = []
const SPARE_CAPACITY = 1024
const MAX_SPARE_CAPACITY = 65_536

function varintLength(value: number): number {
  if (value < 0x40) return 1
  if (value < 0x4000) return 2
  if (value <= MAX_VECTOR_LENGTH) return 4
  return fail('CODEC_VALUE_RANGE', `a vector of ${value} bytes is longer than a length can say`)
}

function putVarint(target: Uint8Array, at: number, value: number): number {
  const length = varintLength(value)
  if (length === 1) target[at] = value
  else if (length === 2) {
    target[at] = 0x40 | (value >>> 8)
    target[at + 1] = value & 0xff
  } else {
    target[at] = 0x80 | (value >>> 24)
    target[at + 1] = (value >>> 16) & 0xff
    target[at + 2] = (value >>> 8) & 0xff
    target[at + 3] = value & 0xff
  }
  return length
}
