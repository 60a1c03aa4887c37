// Which EdDSA public keys and signatures are looked at at all (RFC 8032 §5.1.7, §5.2.7): canonical, and not of small order.
// Every provider asks here first, so that implementations which differ on the edges give the same answer.

import { copyBytes } from '../bytes.ts'

/** What the check needs of a curve. Numbers are little-endian bytes, as long as an encoded point. */
export interface EddsaCurve {
  /** Bytes of an encoded point, and of S. */
  readonly size: number
  /** The field's p. */
  readonly p: Uint8Array
  /** The group order L. */
  readonly order: Uint8Array
  /** The y coordinates of the points whose order divides the cofactor. */
  readonly smallOrderY: readonly Uint8Array[]
}

/**
 * Whether an encoded point is canonical and not of small order. That it is on the curve shows when it is decoded.
 */
export function isStrictEddsaPoint(curve: EddsaCurve, point: Uint8Array): boolean {
  if (point.length !== curve.size) return false
  const y = copyBytes(point)
  y[curve.size - 1] = (y[curve.size - 1] as number) & 0x7f
  // y = ±1 is refused with either sign bit: the other rule of canonicity, that x = 0 has sign 0, needs no check then.
  return isBelow(y, curve.p) && !curve.smallOrderY.some((small) => isSame(y, small))
}

/**
 * Whether a public key and a signature are in strict form: S below the order (RFC 8032 §8.4), A and R canonical and not
 * of small order. RFC 8032 would let a small-order R pass; Web Cryptography's secure curves refuse it, so all do here.
 */
export function isStrictEddsa(curve: EddsaCurve, publicKey: Uint8Array, signature: Uint8Array): boolean {
  return (
    signature.length === 2 * curve.size &&
    isStrictEddsaPoint(curve, publicKey) &&
    isStrictEddsaPoint(curve, signature.subarray(0, curve.size)) &&
    isBelow(signature.subarray(curve.size), curve.order)
  )
}

/** Little-endian bytes as an unsigned integer. */
export function littleEndianInteger(bytes: Uint8Array): bigint {
  let hex = ''
  for (const byte of bytes) hex = byte.toString(16).padStart(2, '0') + hex
  return BigInt(`0x${hex}`)
}

/** For public values: stops at the first difference. */
function isBelow(value: Uint8Array, bound: Uint8Array): boolean {
  for (let i = bound.length - 1; i >= 0; i--) {
    const difference = (value[i] as number) - (bound[i] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, index) => byte === b[index])
}

function littleEndian(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let i = 0, rest = value; i < size; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn)
  return bytes
}

/** Edwards25519, cofactor 8. RFC 8032 §5.1. */
export const EDWARDS25519: EddsaCurve = {
  size: 32,
  p: /* @__PURE__ */ littleEndian(0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffedn, 32),
  order: /* @__PURE__ */ littleEndian(0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn, 32),
  smallOrderY: [
    /* @__PURE__ */ littleEndian(0n, 32),
    /* @__PURE__ */ littleEndian(1n, 32),
    /* @__PURE__ */ littleEndian(0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffecn, 32),
    /* @__PURE__ */ littleEndian(0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n, 32),
    /* @__PURE__ */ littleEndian(0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n, 32),
  ],
}

/** Edwards448, cofactor 4. RFC 8032 §5.2. */
export const EDWARDS448: EddsaCurve = {
  size: 57,
  p: /* @__PURE__ */ littleEndian(
    0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffffffn,
    57,
  ),
  order: /* @__PURE__ */ littleEndian(
    0x3fffffffffffffffffffffffffffffffffffffffffffffffffffffff7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3n,
    57,
  ),
  smallOrderY: [
    /* @__PURE__ */ littleEndian(0n, 57),
    /* @__PURE__ */ littleEndian(1n, 57),
    /* @__PURE__ */ littleEndian(
      0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffffffffffffffffffffffffffffffffffffffffffffffffffffen,
      57,
    ),
  ],
}
