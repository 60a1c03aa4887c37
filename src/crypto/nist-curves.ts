// The NIST prime curves' parameters (FIPS 186-5, SP 800-186) and the checks on points and scalars that all providers share.

import { toHex } from '../bytes.ts'

/** A curve y² = x³ − 3x + b over GF(p) of prime order n. */
export interface NistCurve {
  readonly name: 'P-256' | 'P-384' | 'P-521'
  /** Bytes of a coordinate, and of a scalar. */
  readonly size: number
  readonly p: bigint
  readonly b: bigint
  readonly n: bigint
  /** AND-mask for the first byte of a candidate scalar. RFC 9180 §7.1.3. */
  readonly firstByteMask: number
}

/** P-256 (FIPS 186-5, SP 800-186 §3.2.1.3). */
export const P256: NistCurve = {
  name: 'P-256',
  size: 32,
  p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  firstByteMask: 0xff,
}

/** P-384 (SP 800-186 §3.2.1.4). */
export const P384: NistCurve = {
  name: 'P-384',
  size: 48,
  p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
  b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  firstByteMask: 0xff,
}

/** P-521 (SP 800-186 §3.2.1.5). */
export const P521: NistCurve = {
  name: 'P-521',
  size: 66,
  p: 0x1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffn,
  b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  n: 0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  firstByteMask: 0x01,
}

/**
 * Whether these bytes are an uncompressed point on the curve: `0x04 || X || Y` with coordinates below p (RFC 9180
 * §7.1.4: full public-key validation; the cofactor is 1, so that every such point has order n).
 */
export function isUncompressedPoint(curve: NistCurve, bytes: Uint8Array): boolean {
  if (bytes.length !== 1 + 2 * curve.size || bytes[0] !== 4) return false
  const x = bigEndian(bytes.subarray(1, 1 + curve.size))
  const y = bigEndian(bytes.subarray(1 + curve.size))
  if (x >= curve.p || y >= curve.p) return false
  return (y * y - (x * x - 3n) * x - curve.b) % curve.p === 0n
}

/** A private scalar left-padded to `size` bytes; undefined when it is not in [1, n−1] or does not fit. */
export function paddedScalar(curve: NistCurve, bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length === 0 || bytes.length > curve.size) return undefined
  const scalar = bigEndian(bytes)
  if (scalar === 0n || scalar >= curve.n) return undefined
  const padded = new Uint8Array(curve.size)
  padded.set(bytes, curve.size - bytes.length)
  return padded
}

/** Bytes as an unsigned integer, most significant first. */
export function bigEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`)
}
