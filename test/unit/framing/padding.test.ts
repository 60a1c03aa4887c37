// Padding policies (RFC 9420 §15.1).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noPadding, padme, padToMultiple } from '../../../src/framing/padding.ts'
import { codeOf } from '../schedule/schedule-fixtures.ts'

describe('padding policies', () => {
  it('adds nothing', () => {
    expect([0, 1, 1000].map(noPadding)).toEqual([0, 0, 0])
  })

  it('pads to a multiple', () => {
    expect([0, 1, 31, 32, 33].map(padToMultiple(32))).toEqual([0, 31, 1, 0, 31])
    for (const block of [0, -1, 1.5, Number.NaN]) expect(codeOf(() => padToMultiple(block))).toBe('ARGUMENT_INVALID')
  })

  it('pads as PADMÉ does', () => {
    // For 9 bytes: exponent 3, mantissa of 2 bits, so a multiple of 2. For 170: exponent 7, 3 bits, a multiple of 16.
    const padded = [0, 1, 2, 3, 8, 9, 10, 11, 170, 1000, 65_537].map((length) => length + padme(length))
    expect(padded).toEqual([0, 1, 2, 3, 8, 10, 10, 12, 176, 1024, 67_584])
  })

  it('by PADMÉ never costs more than 12 % and never makes a longer message shorter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 30 }), (length) => {
        const padding = padme(length)
        expect(padding).toBeGreaterThanOrEqual(0)
        expect(padding).toBeLessThanOrEqual(0.12 * length)
        expect(length + 1 + padme(length + 1)).toBeGreaterThanOrEqual(length + padding)
      }),
    )
  })
})
