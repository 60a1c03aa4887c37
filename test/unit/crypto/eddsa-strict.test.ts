// The bounds of strict EdDSA encodings, asked directly: some implementations below check them too (RFC 8032 §5.1, §5.2).
import { ed448 } from '@noble/curves/ed448.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { concat } from '../../../src/bytes.ts'
import {
  EDWARDS448,
  EDWARDS25519,
  isStrictEddsa,
  isStrictEddsaPoint,
  littleEndianInteger,
} from '../../../src/crypto/eddsa-strict.ts'

describe.each([
  { name: 'edwards25519', curve: EDWARDS25519, Point: ed25519.Point },
  { name: 'edwards448', curve: EDWARDS448, Point: ed448.Point },
])('$name', ({ curve, Point }) => {
  const bytes = (value: bigint): Uint8Array =>
    Uint8Array.from({ length: curve.size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
  const p = Point.Fp.ORDER
  const order = Point.Fn.ORDER
  const base = Point.BASE.toBytes()

  it('has the curve’s parameters', () => {
    expect(littleEndianInteger(curve.p)).toBe(p)
    expect(littleEndianInteger(curve.order)).toBe(order)
    expect(curve.size).toBe(Point.Fp.BYTES)
  })

  it('y is below p, with either sign', () => {
    const sign = 1n << BigInt(8 * curve.size - 1)
    for (const y of [2n, 3n, p - 3n, p - 2n]) {
      expect(isStrictEddsaPoint(curve, bytes(y))).toBe(true)
      expect(isStrictEddsaPoint(curve, bytes(y | sign))).toBe(true)
    }
    for (const y of [p, p + 1n, p + 2n, sign - 1n]) {
      expect(isStrictEddsaPoint(curve, bytes(y))).toBe(false)
      expect(isStrictEddsaPoint(curve, bytes(y | sign))).toBe(false)
    }
  })

  it('the listed small-order y are those of the torsion points', () => {
    const listed = curve.smallOrderY.map(littleEndianInteger)
    const cofactor = Point.CURVE().h
    expect(new Set(listed).size).toBe(cofactor === 8n ? 5 : 3)
    for (const y of listed) {
      expect(Point.fromBytes(bytes(y)).clearCofactor().is0()).toBe(true)
      expect(isStrictEddsaPoint(curve, bytes(y))).toBe(false)
    }
    expect(isStrictEddsaPoint(curve, base)).toBe(true)
  })

  it('S is below L', () => {
    for (const s of [0n, 1n, order - 1n]) expect(isStrictEddsa(curve, base, concat(base, bytes(s)))).toBe(true)
    for (const s of [order, order + 1n, 2n * order, (1n << BigInt(8 * curve.size)) - 1n]) {
      expect(isStrictEddsa(curve, base, concat(base, bytes(s)))).toBe(false)
    }
  })

  it('lengths are exact', () => {
    const signature = concat(base, bytes(1n))
    expect(isStrictEddsa(curve, base, signature)).toBe(true)
    expect(isStrictEddsa(curve, base.slice(1), signature)).toBe(false)
    expect(isStrictEddsa(curve, base, signature.slice(1))).toBe(false)
    expect(isStrictEddsa(curve, base, concat(signature, Uint8Array.of(0)))).toBe(false)
    expect(isStrictEddsaPoint(curve, new Uint8Array(0))).toBe(false)
  })

  it('does not write to what it looks at, even where slices are views', () => {
    const key = Buffer.from(base)
    key[curve.size - 1] = (key[curve.size - 1] as number) | 0x80
    const before = Uint8Array.from(key)
    isStrictEddsa(curve, key, concat(key, bytes(1n)))
    expect(Uint8Array.from(key)).toEqual(before)
  })
})
