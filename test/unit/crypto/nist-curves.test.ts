// The NIST curves' parameters against an independent source, and the checks on points and scalars.
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { describe, expect, it } from 'vitest'
import { isUncompressedPoint, P256, P384, P521, paddedScalar } from '../../../src/crypto/nist-curves.ts'

describe.each([
  { parameters: P256, curve: p256 },
  { parameters: P384, curve: p384 },
  { parameters: P521, curve: p521 },
])('$parameters.name', ({ parameters, curve }) => {
  it('has the parameters of FIPS 186-5', () => {
    const { p, b, n, a, h } = curve.Point.CURVE()
    expect({ p, b, n, a, h }).toEqual({ p: parameters.p, b: parameters.b, n: parameters.n, a: p - 3n, h: 1n })
    expect(curve.lengths.secretKey).toBe(parameters.size)
  })

  it('takes points of the curve, and no neighbours of theirs', () => {
    for (let i = 0; i < 20; i++) {
      const point = curve.getPublicKey(curve.utils.randomSecretKey(), false)
      expect(isUncompressedPoint(parameters, point)).toBe(true)
      point[1 + (i % (point.length - 1))] = (point[1 + (i % (point.length - 1))] as number) ^ (1 << (i % 8))
      expect(isUncompressedPoint(parameters, point)).toBe(false)
    }
  })

  it('pads scalars and keeps them in [1, n − 1]', () => {
    const bytes = (value: bigint): Uint8Array =>
      Uint8Array.from({ length: parameters.size }, (_, i) =>
        Number((value >> BigInt(8 * (parameters.size - 1 - i))) & 0xffn),
      )
    expect(paddedScalar(parameters, Uint8Array.of(1))).toEqual(bytes(1n))
    expect(paddedScalar(parameters, bytes(parameters.n - 1n))).toEqual(bytes(parameters.n - 1n))
    for (const wrong of [
      bytes(0n),
      bytes(parameters.n),
      Uint8Array.of(),
      new Uint8Array(parameters.size + 1).fill(1),
    ]) {
      expect(paddedScalar(parameters, wrong)).toBeUndefined()
    }
  })
})
