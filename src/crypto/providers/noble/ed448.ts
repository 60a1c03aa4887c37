// Ed448 (RFC 8032 §5.2) by @noble/curves, with an empty context (RFC 9420 §17.1) and strict encodings.

import { ed448 } from '@noble/curves/ed448.js'
import { fail } from '../../../errors.ts'
import type { KeyPair, SignaturePrimitive } from '../../contract.ts'
import { EDWARDS448, isStrictEddsa, isStrictEddsaPoint } from '../../eddsa-strict.ts'
import { Secret } from '../../secret.ts'
import { randomBytes } from './random.ts'

const SIZE = 57

export const nobleEd448: SignaturePrimitive = {
  publicKeyLength: SIZE,
  generateKeyPair: async () => keyPairOf(randomBytes(SIZE)),
  async importPrivateKey(bytes) {
    if (bytes.length !== SIZE) fail('CRYPTO_BAD_PRIVATE_KEY', `an Ed448 private key is a seed of ${SIZE} bytes`)
    return keyPairOf(bytes.slice())
  },
  validatePublicKey: isEd448PublicKey,
  sign: async (privateKey, data) => ed448.sign(data, privateKey.bytes),
  async verify(publicKey, data, signature) {
    const valid =
      isStrictEddsa(EDWARDS448, publicKey, signature) && ed448.verify(signature, data, publicKey, { zip215: false })
    if (!valid) fail('CRYPTO_BAD_SIGNATURE', 'the signature is not valid')
  },
}

/** Whether these bytes are the strict encoding of a point on the curve. */
export function isEd448PublicKey(publicKey: Uint8Array): boolean {
  if (!isStrictEddsaPoint(EDWARDS448, publicKey)) return false
  try {
    ed448.Point.fromBytes(publicKey)
    return true
  } catch {
    return false
  }
}

function keyPairOf(seed: Uint8Array): KeyPair {
  return { publicKey: ed448.getPublicKey(seed), privateKey: new Secret(seed) }
}
