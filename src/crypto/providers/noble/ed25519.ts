// Ed25519 (RFC 8032 §5.1) by @noble/curves, verified without the cofactor: [S]B = R + [k]A, as OpenSSL and browsers do.

import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, equalBytes } from '../../../bytes.ts'
import type { KeyPair, SignaturePrimitive } from '../../contract.ts'
import { EDWARDS25519, littleEndianInteger } from '../../eddsa-strict.ts'
import { Secret } from '../../secret.ts'
import { strictEddsa } from '../../strict-signatures.ts'
import { randomBytes } from './random.ts'

const SIZE = 32

export const nobleEd25519: SignaturePrimitive = /* @__PURE__ */ strictEddsa(
  EDWARDS25519,
  {
    generateKeyPair: () => keyPairOf(randomBytes(SIZE)),
    keyPairOf,
    sign: (privateKey, data) => ed25519.sign(data, privateKey.bytes),
    verify: isValid,
  },
  isOnEdwards25519,
)

/** Whether bytes decode to a point. */
export function isOnEdwards25519(point: Uint8Array): boolean {
  try {
    ed25519.Point.fromBytes(point)
    return true
  } catch {
    return false
  }
}

function keyPairOf(seed: Uint8Array): KeyPair {
  return { publicKey: ed25519.getPublicKey(seed), privateKey: new Secret(seed) }
}

/** Throws when A is not on the curve. */
function isValid(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const { Point } = ed25519
  const r = signature.subarray(0, SIZE)
  const s = littleEndianInteger(signature.subarray(SIZE))
  const k = Point.Fn.create(littleEndianInteger(sha512(concat(r, publicKey, data))))
  const expected = Point.BASE.multiplyUnsafe(s).subtract(Point.fromBytes(publicKey).multiplyUnsafe(k))
  // R is known to be canonical, so that comparing encodings compares points.
  return equalBytes(expected.toBytes(), r)
}
