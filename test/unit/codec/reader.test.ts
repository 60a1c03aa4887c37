// Reading the TLS presentation language (RFC 9420 §2.1): strictness, bounds, and no aliasing of the input.
import { describe, expect, it } from 'vitest'
import { decode, Reader } from '../../../src/codec/reader.ts'
import { codeOf } from '../../support/errors.ts'

const bytes = (...values: number[]) => new Uint8Array(values)
const opaque = (reader: Reader) => reader.opaque()

describe('fixed-size numbers', () => {
  it('are big-endian and unsigned', () => {
    const reader = new Reader(bytes(0x80, 0x80, 0x01, 0xff, 0xff, 0xff, 0xfe, ...new Array(8).fill(0xff)))
    expect(reader.uint8()).toBe(0x80)
    expect(reader.uint16()).toBe(0x8001)
    expect(reader.uint32()).toBe(0xfffffffe)
    expect(reader.uint64()).toBe(0xffffffffffffffffn)
    expect(reader.remaining).toBe(0)
  })

  it('keep all 64 bits apart', () => {
    expect(new Reader(bytes(0, 0, 0, 1, 0, 0, 0, 2)).uint64()).toBe(0x1_0000_0002n)
  })

  it.each([1, 2, 4, 8] as const)('of %i bytes are refused one byte short', (size) => {
    const read = { 1: 'uint8', 2: 'uint16', 4: 'uint32', 8: 'uint64' } as const
    expect(codeOf(() => new Reader(new Uint8Array(size - 1))[read[size]]())).toBe('CODEC_TRUNCATED')
  })
})

describe('varint (RFC 9420 §2.1.2)', () => {
  it.each([
    [bytes(0), 0],
    [bytes(0x3f), 0x3f],
    [bytes(0x40, 0x40), 0x40],
    [bytes(0x7f, 0xff), 0x3fff],
    [bytes(0x80, 0, 0x40, 0), 0x4000],
    [bytes(0xbf, 0xff, 0xff, 0xff), 0x3fffffff],
  ])('reads %j', (encoded, value) => {
    expect(decode((reader) => reader.varint(), encoded)).toBe(value)
  })

  it.each([[bytes(0x40, 0)], [bytes(0x40, 0x3f)], [bytes(0x80, 0, 0, 0)], [bytes(0x80, 0, 0x3f, 0xff)]])(
    'refuses %j, which is longer than needed',
    (encoded) => {
      expect(codeOf(() => new Reader(encoded).varint())).toBe('CODEC_VARINT_NOT_MINIMAL')
    },
  )

  it.each([0xc0, 0xff])('refuses the prefix 11 (%i)', (first) => {
    expect(codeOf(() => new Reader(bytes(first, 0, 0, 0, 0, 0, 0, 0)).varint())).toBe('CODEC_VARINT_PREFIX')
  })

  it.each([[bytes()], [bytes(0x40)], [bytes(0x80, 0, 0x40)]])('refuses %j, which is cut short', (encoded) => {
    expect(codeOf(() => new Reader(encoded).varint())).toBe('CODEC_TRUNCATED')
  })
})

describe('opaque vectors', () => {
  it('are copies, also where the input is a Buffer', () => {
    for (const input of [bytes(2, 7, 8), Buffer.from([2, 7, 8])]) {
      const value = decode(opaque, input)
      input.fill(0)
      expect(value).toEqual(bytes(7, 8))
      expect(value.constructor).toBe(Uint8Array)
    }
  })

  it('are read from the part that a view shows', () => {
    expect(decode(opaque, bytes(9, 1, 5, 9).subarray(1, 3))).toEqual(bytes(5))
  })

  it('refuse a length beyond the input before anything is allocated', () => {
    expect(codeOf(() => decode(opaque, bytes(0xbf, 0xff, 0xff, 0xff, 1)))).toBe('CODEC_TRUNCATED')
  })
})

describe('vectors of elements', () => {
  it('end with their bytes', () => {
    expect(decode((reader) => reader.vector((inner) => inner.uint16()), bytes(4, 0, 1, 0, 2))).toEqual([1, 2])
    expect(decode((reader) => reader.vector((inner) => inner.uint16()), bytes(0))).toEqual([])
  })

  it('do not let an element reach over their end', () => {
    const input = bytes(3, 0, 1, 0, 2)
    expect(codeOf(() => decode((reader) => reader.vector((inner) => inner.uint16()), input))).toBe('CODEC_TRUNCATED')
  })

  it('nest', () => {
    const nested = (reader: Reader) => reader.vector((inner) => inner.vector((leaf) => leaf.uint8()))
    expect(decode(nested, bytes(5, 2, 1, 2, 1, 3))).toEqual([[1, 2], [3]])
  })
})

describe('optional (RFC 9420 §2.1.1)', () => {
  const optional = (reader: Reader) => reader.optional((inner) => inner.uint8())

  it('is absent or present', () => {
    expect(decode(optional, bytes(0))).toBeUndefined()
    expect(decode(optional, bytes(1, 0))).toBe(0)
  })

  it.each([2, 0x80, 0xff])('refuses the presence octet %i', (octet) => {
    expect(codeOf(() => decode(optional, bytes(octet, 0)))).toBe('CODEC_OPTIONAL_OCTET')
  })
})

describe('decode', () => {
  it('refuses bytes behind the value', () => {
    expect(codeOf(() => decode((reader) => reader.uint8(), bytes(1, 2)))).toBe('CODEC_TRAILING_BYTES')
  })

  it('gives the rest as a copy', () => {
    const input = bytes(1, 2, 3)
    const reader = new Reader(input)
    reader.uint8()
    const rest = reader.rest()
    input.fill(0)
    expect(rest).toEqual(bytes(2, 3))
    expect(reader.rest()).toEqual(bytes())
  })
})
