// Ed25519 (RFC 8032 §5.1) by @noble/curves, verified strictly: the equation without the cofactor, [S]B = R + [k]A.

import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, equalBytes } from '../../../bytes.ts'
import { fail } from '../../../errors.ts'
import type { KeyPair, SignaturePrimitive } from '../../contract.ts'
import { EDWARDS25519, isStrictEddsa, isStrictEddsaPoint, littleEndianInteger } from '../../eddsa-strict.ts'
import { Secret } from '../../secret.ts'
import { randomBytes } from './random.ts'

const SIZE = 32

export const nobleEd25519: SignaturePrimitive = {
  publicKeyLength: SIZE,
  generateKeyPair: async () => keyPairOf(randomBytes(SIZE)),
  async importPrivateKey(bytes) {
    if (bytes.length !== SIZE) fail('CRYPTO_BAD_PRIVATE_KEY', `an Ed25519 private key is a seed of ${SIZE} bytes`)
    return keyPairOf(bytes.slice())
  },
  validatePublicKey: isEd25519PublicKey,
  sign: async (privateKey, data) => ed25519.sign(data, privateKey.bytes),
  async verify(publicKey, data, signature) {
    if (!isValidEd25519(publicKey, data, signature)) fail('CRYPTO_BAD_SIGNATURE', 'the signature is not valid')
  },
}

/** Whether these bytes are the strict encoding of a point on the curve. */
export function isEd25519PublicKey(publicKey: Uint8Array): boolean {
  if (!isStrictEddsaPoint(EDWARDS25519, publicKey)) return false
  try {
    ed25519.Point.fromBytes(publicKey)
    return true
  } catch {
    return false
  }
}

function isValidEd25519(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  if (!isStrictEddsa(EDWARDS25519, publicKey, signature)) return false
  const { Point } = ed25519
  const r = signature.subarray(0, SIZE)
  const s = littleEndianInteger(signature.subarray(SIZE))
  const k = Point.Fn.create(littleEndianInteger(sha512(concat(r, publicKey, data))))
  try {
    const a = Point.fromBytes(publicKey)
    const expected = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k))
    // R is canonical, so that comparing encodings compares points.
    return equalBytes(expected.toBytes(), r)
  } catch {
    return false
  }
}

function keyPairOf(seed: Uint8Array): KeyPair {
  return { publicKey: ed25519.getPublicKey(seed), privateKey: new Secret(seed) }
}
