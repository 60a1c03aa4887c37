// Signatures on the edges of EdDSA (RFC 8032 §5.1, §5.2), made with keys that are known together with their torsion parts.
import { ed448 } from '@noble/curves/ed448.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { shake256 } from '@noble/hashes/sha3.js'
import { concat, utf8 } from '../../../src/bytes.ts'
import { littleEndianInteger } from '../../../src/crypto/eddsa-strict.ts'

/** A key, a message and a signature, and what a strict verifier says. */
export interface EdgeCase {
  readonly name: string
  readonly publicKey: Uint8Array
  readonly data: Uint8Array
  readonly signature: Uint8Array
  readonly valid: boolean
}

type Point = ReturnType<typeof ed25519.Point.fromBytes>

interface Curve {
  readonly Point: typeof ed25519.Point
  readonly size: number
  /** Whether the verification equation is multiplied by the cofactor. */
  readonly cofactored: boolean
  challenge(r: Uint8Array, a: Uint8Array, data: Uint8Array): bigint
}

const CURVES: Readonly<Record<'Ed25519' | 'Ed448', Curve>> = {
  Ed25519: {
    Point: ed25519.Point,
    size: 32,
    cofactored: false,
    challenge: (r, a, data) => littleEndianInteger(sha512(concat(r, a, data))),
  },
  Ed448: {
    Point: ed448.Point,
    size: 57,
    cofactored: true,
    challenge: (r, a, data) =>
      littleEndianInteger(shake256(concat(utf8('SigEd448'), Uint8Array.of(0, 0), r, a, data), { dkLen: 114 })),
  },
}

/** Scalars of the test's own. */
const SECRET = 0x5eed_0123_4567_89ab_cdefn
const NONCE = 0xa5a5_5a5a_0f0f_f0f0n

/** All edge cases of one curve. */
export function edgeCases(name: 'Ed25519' | 'Ed448'): EdgeCase[] {
  const curve = CURVES[name]
  return [
    ...mixedOrderCases(curve),
    ...smallOrderKeyCases(curve),
    ...smallOrderNonceCases(curve),
    ...encodingCases(curve),
    ...lengthCases(curve),
  ]
}

/** A = aB + T, R = rB + U for all torsion points T and U: valid with the cofactor, without it only where U = −kT. */
function mixedOrderCases(curve: Curve): EdgeCase[] {
  const cases: EdgeCase[] = []
  for (const [i, inKey] of torsion(curve).entries()) {
    for (const [j, inNonce] of torsion(curve).entries()) {
      const a = curve.Point.BASE.multiply(SECRET).add(inKey)
      const r = curve.Point.BASE.multiply(NONCE).add(inNonce)
      const data = Uint8Array.of(i, j)
      const k = challenge(curve, r, a, data)
      const holds = times(inKey, k).add(inNonce).is0()
      cases.push({
        name: `torsion ${i} in A, ${j} in R${holds ? ', cancelling' : ''}`,
        publicKey: a.toBytes(),
        data,
        signature: concat(r.toBytes(), scalar(curve, NONCE + k * SECRET)),
        valid: curve.cofactored || holds,
      })
    }
  }
  return [...cases, ...cancellingCases(curve)]
}

/** Messages for which the torsion parts of A and R cancel, so that the equation without the cofactor holds as well. */
function cancellingCases(curve: Curve): EdgeCase[] {
  const cases: EdgeCase[] = []
  for (const [i, inKey] of torsion(curve).entries()) {
    for (const [j, inNonce] of torsion(curve).entries()) {
      const a = curve.Point.BASE.multiply(SECRET).add(inKey)
      const r = curve.Point.BASE.multiply(NONCE).add(inNonce)
      for (let tries = 0; tries < 64; tries++) {
        const data = Uint8Array.of(i, j, tries)
        const k = challenge(curve, r, a, data)
        if (!times(inKey, k).add(inNonce).is0()) continue
        const signature = concat(r.toBytes(), scalar(curve, NONCE + k * SECRET))
        cases.push({
          name: `torsion ${i} in A cancels ${j} in R`,
          publicKey: a.toBytes(),
          data,
          signature,
          valid: true,
        })
        break
      }
    }
  }
  return cases
}

/** With A of small order, one signature is valid for many messages. */
function smallOrderKeyCases(curve: Curve): EdgeCase[] {
  return torsion(curve).flatMap((a, i) =>
    encodingsOf(curve, a).map((publicKey, j) => {
      // [S]B = R + [k]A holds for each message with k divisible by the order of A.
      const r = curve.Point.BASE.multiply(NONCE).toBytes()
      let data = Uint8Array.of(i, j, 0)
      for (let tries = 0; tries < 256; tries++) {
        data = Uint8Array.of(i, j, tries)
        if (times(a, reduced(curve, curve.challenge(r, publicKey, data))).is0()) break
      }
      const signature = concat(r, scalar(curve, NONCE))
      return { name: `A of small order ${i}, encoding ${j}`, publicKey, data, signature, valid: false }
    }),
  )
}

/** R of small order: the equation holds, with the cofactor always, without it for the identity. */
function smallOrderNonceCases(curve: Curve): EdgeCase[] {
  const a = curve.Point.BASE.multiply(SECRET).toBytes()
  const data = utf8('small-order R')
  return torsion(curve).flatMap((r, i) =>
    encodingsOf(curve, r).map((encoded, j) => {
      const k = reduced(curve, curve.challenge(encoded, a, data))
      const signature = concat(encoded, scalar(curve, k * SECRET))
      return { name: `R of small order ${i}, encoding ${j}`, publicKey: a, data, signature, valid: false }
    }),
  )
}

/** S beyond the order, and points that are not on the curve or not canonical. */
function encodingCases(curve: Curve): EdgeCase[] {
  const { Point, size } = curve
  const order = Point.Fn.ORDER
  const publicKey = Point.BASE.multiply(SECRET).toBytes()
  const r = Point.BASE.multiply(NONCE).toBytes()
  const data = utf8('encodings')
  const s = reduced(curve, NONCE + reduced(curve, curve.challenge(r, publicKey, data)) * SECRET)
  const cases: EdgeCase[] = [
    { name: 'an honest signature', publicKey, data, signature: concat(r, littleEndian(s, size)), valid: true },
  ]
  for (const multiple of [1n, 2n, 4n, 8n]) {
    const signature = concat(r, littleEndian(s + multiple * order, size))
    cases.push({ name: `S + ${multiple}L`, publicKey, data, signature, valid: false })
  }
  const zeroS = concat(r, new Uint8Array(size))
  const orderS = concat(r, littleEndian(order, size))
  cases.push({ name: 'S = 0', publicKey, data, signature: zeroS, valid: false })
  cases.push({ name: 'S = L', publicKey, data, signature: orderS, valid: false })
  for (let y = 2n; y < 20n; y++) {
    const canonical = littleEndian(y, size)
    const raised = littleEndian(y + Point.Fp.ORDER, size)
    const signature = concat(r, littleEndian(s, size))
    cases.push({ name: `A with y = ${y}`, publicKey: canonical, data, signature, valid: false })
    cases.push({ name: `A with y = p + ${y}`, publicKey: raised, data, signature, valid: false })
    const raisedR = concat(raised, littleEndian(s, size))
    cases.push({ name: `R with y = p + ${y}`, publicKey, data, signature: raisedR, valid: false })
  }
  const flipped = Uint8Array.from(publicKey)
  flipped[size - 1] = (flipped[size - 1] as number) ^ 0x80
  cases.push({
    name: 'A with the other sign',
    publicKey: flipped,
    data,
    signature: concat(r, littleEndian(s, size)),
    valid: false,
  })
  return cases
}

function lengthCases(curve: Curve): EdgeCase[] {
  const { publicKey, data, signature } = encodingCases(curve)[0] as EdgeCase
  const zero = Uint8Array.of(0)
  return [
    { name: 'a signature without its last byte', publicKey, data, signature: signature.slice(0, -1), valid: false },
    { name: 'a signature with a byte more', publicKey, data, signature: concat(signature, zero), valid: false },
    { name: 'an empty signature', publicKey, data, signature: new Uint8Array(0), valid: false },
    { name: 'a key without its last byte', publicKey: publicKey.slice(0, -1), data, signature, valid: false },
    { name: 'a key with a byte more', publicKey: concat(publicKey, zero), data, signature, valid: false },
    { name: 'an empty key', publicKey: new Uint8Array(0), data, signature, valid: false },
  ]
}

/** The points whose order divides the cofactor, as the multiples of one of full order. */
function torsion(curve: Curve): Point[] {
  const { Point } = curve
  const cofactor = Number(Point.CURVE().h)
  for (let y = 2n; ; y++) {
    let point: Point
    try {
      point = Point.fromBytes(littleEndian(y, curve.size))
    } catch {
      continue
    }
    // The order times any point is a torsion point; it must not vanish when multiplied by half of the cofactor.
    const generator = times(point, Point.Fn.ORDER)
    if (times(generator, BigInt(cofactor / 2)).is0()) continue
    return Array.from({ length: cofactor }, (_, i) => times(generator, BigInt(i)))
  }
}

/** The canonical encoding, the one with the wrong sign where x = 0, and those with y + p where they fit. */
function encodingsOf(curve: Curve, point: Point): Uint8Array[] {
  const canonical = point.toBytes()
  const encodings = [canonical]
  const { x, y } = point.toAffine()
  const bits = BigInt(8 * curve.size - 1)
  const sign = (canonical[curve.size - 1] as number) & 0x80
  const signs = x === 0n ? [0, 0x80] : [sign]
  for (const raised of [y, y + curve.Point.Fp.ORDER]) {
    if (raised >= 1n << bits) continue
    for (const bit of signs) {
      const encoding = littleEndian(raised, curve.size)
      encoding[curve.size - 1] = (encoding[curve.size - 1] as number) | bit
      if (raised !== y || bit !== sign) encodings.push(encoding)
    }
  }
  return encodings
}

function challenge(curve: Curve, r: Point, a: Point, data: Uint8Array): bigint {
  return reduced(curve, curve.challenge(r.toBytes(), a.toBytes(), data))
}

/** Double-and-add with an integer that is not reduced. */
function times(point: Point, factor: bigint): Point {
  let result = point.subtract(point)
  let power = point
  for (let rest = factor; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = result.add(power)
    power = power.double()
  }
  return result
}

function reduced(curve: Curve, value: bigint): bigint {
  return value % curve.Point.Fn.ORDER
}

function scalar(curve: Curve, value: bigint): Uint8Array {
  return littleEndian(reduced(curve, value), curve.size)
}

function littleEndian(value: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
}
