// Writing the TLS presentation language (RFC 9420 §2.1): ranges, minimal lengths, growth.
import { describe, expect, it } from 'vitest'
import { decode } from '../../../src/codec/reader.ts'
import { encode, encodeOpaque, encodeUint16, MAX_VECTOR_LENGTH, Writer } from '../../../src/codec/writer.ts'
import { codeOf } from '../../support/errors.ts'

const bytes = (...values: number[]) => new Uint8Array(values)
const written = (write: (writer: Writer) => void) => encode(write, undefined)

describe('fixed-size numbers', () => {
  it('are big-endian', () => {
    const encoded = written((writer) => {
      writer.uint8(0xff)
      writer.uint16(0x8001)
      writer.uint32(0xfffffffe)
      writer.uint64(0x8000000000000001n)
    })
    expect(encoded).toEqual(bytes(0xff, 0x80, 1, 0xff, 0xff, 0xff, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 1))
  })

  it.each([
    ['uint8', 0x100],
    ['uint16', 0x1_0000],
    ['uint32', 0x1_0000_0000],
    ['uint8', -1],
    ['uint16', 1.5],
    ['uint32', Number.NaN],
  ] as const)('refuse to be written as %s: %d', (size, value) => {
    expect(codeOf(() => written((writer) => writer[size](value)))).toBe('CODEC_VALUE_RANGE')
  })

  it.each([-1n, 0x1_0000_0000_0000_0000n])('refuse to be written as uint64: %d', (value) => {
    expect(codeOf(() => written((writer) => writer.uint64(value)))).toBe('CODEC_VALUE_RANGE')
  })
})

describe('varint (RFC 9420 §2.1.2)', () => {
  it.each([
    [0, 1],
    [0x3f, 1],
    [0x40, 2],
    [0x3fff, 2],
    [0x4000, 4],
    [MAX_VECTOR_LENGTH, 4],
  ])('%i takes %i bytes and reads back', (value, length) => {
    const encoded = written((writer) => writer.varint(value))
    expect(encoded).toHaveLength(length)
    expect(decode((reader) => reader.varint(), encoded)).toBe(value)
  })

  it('refuses a length that cannot be said', () => {
    expect(codeOf(() => written((writer) => writer.varint(MAX_VECTOR_LENGTH + 1)))).toBe('CODEC_VALUE_RANGE')
  })
})

describe('vectors', () => {
  it.each([0, 1, 0x3f, 0x40, 0x3fff, 0x4000, 100_000])('of %i bytes read back', (length) => {
    const value = Uint8Array.from({ length }, (_, i) => i)
    expect(decode((reader) => reader.opaque(), encode(encodeOpaque, value))).toEqual(value)
  })

  it('of elements have the length of their bytes in front, whatever its own length', () => {
    for (const count of [0, 31, 32, 8191, 8192]) {
      const values = Array.from({ length: count }, (_, i) => i)
      const encoded = written((writer) => writer.vector(values, encodeUint16))
      expect(decode((reader) => reader.vector((inner) => inner.uint16()), encoded)).toEqual(values)
    }
  })

  it('nest', () => {
    const encoded = written((writer) =>
      writer.vector([[1, 2], [3]], (inner, list) => inner.vector(list, (leaf, value) => leaf.uint8(value))),
    )
    expect(encoded).toEqual(bytes(5, 2, 1, 2, 1, 3))
  })
})

describe('optional', () => {
  it('says whether there is a value, also a falsy one', () => {
    const one = (value: number | undefined) => written((writer) => writer.optional(value, (w, v) => w.uint8(v)))
    expect(one(undefined)).toEqual(bytes(0))
    expect(one(0)).toEqual(bytes(1, 0))
  })
})

describe('a writer', () => {
  it('grows from nothing', () => {
    const writer = new Writer(0)
    for (let i = 0; i < 1000; i++) writer.uint8(i & 0xff)
    writer.fixed(new Uint8Array(5000).fill(7))
    const result = writer.finish()
    expect(result).toHaveLength(6000)
    expect(result[999]).toBe(999 & 0xff)
    expect(result[5999]).toBe(7)
  })

  it('gives a copy', () => {
    const writer = new Writer()
    writer.uint8(1)
    const first = writer.finish()
    writer.uint8(2)
    expect(first).toEqual(bytes(1))
    expect(writer.finish()).toEqual(bytes(1, 2))
  })
})
