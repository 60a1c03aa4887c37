// ECDSA signatures as DER: one encoding for each pair of scalars, and nothing else is read (RFC 9420 §5.1.2).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { derToRawSignature, rawToDerSignature } from '../../../src/crypto/ecdsa-der.ts'
import { type NistCurve, P256, P384, P521 } from '../../../src/crypto/nist-curves.ts'

describe.each([P256, P384, P521])('$name', (curve) => {
  const scalar = fc.oneof(fc.bigInt({ min: 1n, max: curve.n - 1n }), fc.bigInt({ min: 1n, max: 70_000n }))

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(scalar, scalar, (r, s) => {
        const raw = rawSignature(curve, r, s)
        expect(derToRawSignature(curve, rawToDerSignature(curve, raw))).toEqual(raw)
      }),
    )
  })

  it('reads nothing that it would not have written', () => {
    fc.assert(
      fc.property(scalar, scalar, fc.nat(), fc.integer({ min: 0, max: 255 }), (r, s, at, byte) => {
        const der = rawToDerSignature(curve, rawSignature(curve, r, s))
        der[at % der.length] = byte
        const raw = derToRawSignature(curve, der)
        if (raw !== undefined) expect(rawToDerSignature(curve, raw)).toEqual(der)
      }),
      { numRuns: 2000 },
    )
  })

  it('reads no prefix and no extension', () => {
    const der = rawToDerSignature(curve, rawSignature(curve, curve.n - 1n, curve.n - 2n))
    for (let length = 0; length < der.length; length++) {
      expect(derToRawSignature(curve, der.slice(0, length))).toBeUndefined()
    }
    expect(derToRawSignature(curve, Uint8Array.from([...der, 0]))).toBeUndefined()
  })

  it('lengths are written in their shortest form', () => {
    const der = rawToDerSignature(curve, rawSignature(curve, 1n, 2n))
    const body = der.slice(2)
    expect(derToRawSignature(curve, der)).toBeDefined()
    for (const header of [[0x81, body.length], [0x82, 0, body.length], [0x80]]) {
      expect(derToRawSignature(curve, Uint8Array.from([0x30, ...header, ...body]))).toBeUndefined()
    }
    const long = Uint8Array.from([0x30, 0x09, 0x02, 0x81, 0x01, 0x01, 0x02, 0x03, 0x00, 0x80, 0x00])
    expect(derToRawSignature(curve, long)).toBeUndefined()
  })

  it('scalars are in [1, n − 1]', () => {
    for (const [r, s] of [
      [0n, 1n],
      [1n, 0n],
      [curve.n, 1n],
      [1n, curve.n],
      [curve.n + 1n, 1n],
    ] as const) {
      expect(derToRawSignature(curve, rawToDerSignature(curve, rawSignature(curve, r, s)))).toBeUndefined()
    }
  })
})

function rawSignature(curve: NistCurve, r: bigint, s: bigint): Uint8Array {
  const bytes = (value: bigint): Uint8Array =>
    Uint8Array.from({ length: curve.size }, (_, i) => Number((value >> BigInt(8 * (curve.size - 1 - i))) & 0xffn))
  return Uint8Array.from([...bytes(r), ...bytes(s)])
}
