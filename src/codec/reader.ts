// Reads the TLS presentation language with RFC 9420's variable-size vectors (§2.1), strictly and without aliasing the input.
// Knows nothing of what the bytes mean.

import { fail } from '../errors.ts'

/** Decodes one value at the reader's position and moves behind it. */
export type Decoder<T> = (reader: Reader) => T

/** A cursor over bytes that came from anyone. Every read is bounds-checked before anything is allocated. */
export class Reader {
  readonly #bytes: Uint8Array
  #position: number
  readonly #end: number

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    // The `slice` of a subclass may be a view: Node.js's Buffer has such a one.
    this.#bytes =
      bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#position = start
    this.#end = end
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#end - this.#position
  }

  uint8(): number {
    return this.#bytes[this.#take(1)] as number
  }

  uint16(): number {
    const at = this.#take(2)
    return (this.#at(at) << 8) | this.#at(at + 1)
  }

  uint32(): number {
    const at = this.#take(4)
    return ((this.#at(at) << 24) | (this.#at(at + 1) << 16) | (this.#at(at + 2) << 8) | this.#at(at + 3)) >>> 0
  }

  uint64(): bigint {
    const high = this.uint32()
    return (BigInt(high) << 32n) | BigInt(this.uint32())
  }

  /** A copy of the next `length` bytes. */
  fixed(length: number): Uint8Array {
    const at = this.#take(length)
    return this.#bytes.slice(at, at + length)
  }

  /** A variable-size vector's length. RFC 9420 §2.1.2: minimal encodings only, the prefix `11` is invalid. */
  varint(): number {
    const first = this.uint8()
    const prefix = first >>> 6
    if (prefix === 0) return first
    if (prefix === 1) {
      const value = ((first & 0x3f) << 8) | this.uint8()
      if (value < 0x40) fail('CODEC_VARINT_NOT_MINIMAL', 'a vector length uses two bytes where one suffices')
      return value
    }
    if (prefix === 2) {
      const at = this.#take(3)
      const value = ((first & 0x3f) << 24) | (this.#at(at) << 16) | (this.#at(at + 1) << 8) | this.#at(at + 2)
      if (value < 0x4000) fail('CODEC_VARINT_NOT_MINIMAL', 'a vector length uses four bytes where two suffice')
      return value
    }
    return fail('CODEC_VARINT_PREFIX', 'a vector length begins with the invalid prefix 11')
  }

  /** `opaque<V>`: a copy of its bytes. */
  opaque(): Uint8Array {
    return this.fixed(this.varint())
  }

  /** `T<V>`: elements until the vector's bytes are used up. */
  vector<T>(decode: Decoder<T>): T[] {
    const inner = this.#slice(this.varint())
    const elements: T[] = []
    while (inner.remaining > 0) elements.push(decode(inner))
    return elements
  }

  /** `optional<T>`. RFC 9420 §2.1.1: the presence octet is 0 or 1, nothing else. */
  optional<T>(decode: Decoder<T>): T | undefined {
    const presence = this.uint8()
    if (presence === 0) return undefined
    if (presence !== 1) fail('CODEC_OPTIONAL_OCTET', `an optional's presence octet is ${presence}`)
    return decode(this)
  }

  /** Everything that is left, copied. */
  rest(): Uint8Array {
    return this.fixed(this.remaining)
  }

  /** Refuses bytes behind the last field. */
  finish(): void {
    if (this.remaining > 0) fail('CODEC_TRAILING_BYTES', `${this.remaining} bytes follow the last field`)
  }

  #slice(length: number): Reader {
    const at = this.#take(length)
    return new Reader(this.#bytes, at, at + length)
  }

  #at(index: number): number {
    return this.#bytes[index] as number
  }

  #take(length: number): number {
    if (length > this.remaining) fail('CODEC_TRUNCATED', `${length} bytes are needed, ${this.remaining} are left`)
    const at = this.#position
    this.#position += length
    return at
  }
}

/**
 * Decodes exactly one value from `bytes`. The result shares no memory with the input.
 * @throws CoterieError `CODEC_*` (peer): truncated, trailing bytes, a length or presence octet out of form
 */
export function decode<T>(decoder: Decoder<T>, bytes: Uint8Array): T {
  const reader = new Reader(bytes)
  const value = decoder(reader)
  reader.finish()
  return value
}
