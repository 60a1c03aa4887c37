// Byte strings: comparisons, copies, hexadecimal.
import { describe, expect, it } from 'vitest'
import { compareBytes, concat, copyBytes, EMPTY, equalBytes, fromHex, toHex, utf8, wipeBytes } from '../../src/bytes.ts'

const bytes = (...values: number[]) => new Uint8Array(values)

describe('concat', () => {
  it('joins any number of parts into new memory', () => {
    const part = bytes(1, 2)
    const joined = concat(part, EMPTY, bytes(3))
    expect(joined).toEqual(bytes(1, 2, 3))
    part[0] = 9
    expect(joined[0]).toBe(1)
    expect(concat()).toEqual(EMPTY)
  })
})

describe('equalBytes', () => {
  it('compares contents, also of views', () => {
    expect(equalBytes(bytes(0, 1, 2).subarray(1), bytes(1, 2))).toBe(true)
    expect(equalBytes(EMPTY, bytes())).toBe(true)
  })

  it('tells apart what differs in any one bit', () => {
    const tag = bytes(0x10, 0x20, 0x30)
    for (let i = 0; i < 24; i++) {
      const other = tag.slice()
      other[i >> 3] = (other[i >> 3] as number) ^ (1 << (i & 7))
      expect(equalBytes(tag, other)).toBe(false)
    }
  })

  it('never takes the beginning of a tag for the tag', () => {
    expect(equalBytes(bytes(1, 2, 3), bytes(1, 2))).toBe(false)
    expect(equalBytes(bytes(1, 2), bytes(1, 2, 3))).toBe(false)
    expect(equalBytes(EMPTY, bytes(0))).toBe(false)
  })
})

describe('compareBytes', () => {
  it('orders as unsigned numbers, shorter first', () => {
    const ordered = [EMPTY, bytes(0), bytes(0, 0), bytes(0x7f), bytes(0x80), bytes(0x80, 1), bytes(0xff)]
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) expect(Math.sign(compareBytes(a, b))).toBe(Math.sign(i - j))
    }
  })
})

describe('copyBytes', () => {
  it('shares no memory, not even with a Buffer, whose slice is a view', () => {
    const buffer = Buffer.from([1, 2, 3])
    const copy = copyBytes(buffer)
    buffer[0] = 9
    expect(copy).toEqual(bytes(1, 2, 3))
    expect(copy.constructor).toBe(Uint8Array)
  })

  it('copies the part that a view shows', () => {
    expect(copyBytes(bytes(1, 2, 3, 4).subarray(1, 3))).toEqual(bytes(2, 3))
  })
})

describe('hexadecimal', () => {
  it('writes every byte in lower case and reads either', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    expect(toHex(all)).toHaveLength(512)
    expect(toHex(bytes(0x00, 0x0a, 0xff))).toBe('000aff')
    expect(fromHex(toHex(all))).toEqual(all)
    expect(fromHex(toHex(all).toUpperCase())).toEqual(all)
    expect(fromHex('')).toEqual(EMPTY)
  })

  it('refuses what is not hexadecimal', () => {
    for (const text of ['0', '0x', 'zz', ' 00', '00\n', '0g', '0-']) expect(fromHex(text)).toBeUndefined()
  })
})

describe('utf8', () => {
  it('encodes beyond ASCII', () => {
    expect(utf8('é€')).toEqual(bytes(0xc3, 0xa9, 0xe2, 0x82, 0xac))
  })
})

describe('wipeBytes', () => {
  it('overwrites the part that a view shows and nothing else', () => {
    const all = bytes(1, 2, 3, 4)
    wipeBytes(all.subarray(1, 3))
    expect(all).toEqual(bytes(1, 0, 0, 4))
  })
})
