// Ed448 (RFC 8032 §5.2) by @noble/curves, with an empty context (RFC 8446 §4.2.3). The equation is the one with the
// cofactor, [4][S]B = [4]R + [4][k]A, since that is what OpenSSL's arithmetic amounts to.

import { ed448 } from '@noble/curves/ed448.js'
import type { KeyPair, SignaturePrimitive } from '../../contract.ts'
import { EDWARDS448 } from '../../eddsa-strict.ts'
import { Secret } from '../../secret.ts'
import { strictEddsa } from '../../strict-signatures.ts'
import { randomBytes } from './random.ts'

const SIZE = 57

export const nobleEd448: SignaturePrimitive = /* @__PURE__ */ strictEddsa(
  EDWARDS448,
  {
    generateKeyPair: () => keyPairOf(randomBytes(SIZE)),
    keyPairOf,
    sign: (privateKey, data) => ed448.sign(data, privateKey.bytes),
    verify: (publicKey, data, signature) => ed448.verify(signature, data, publicKey, { zip215: false }),
  },
  isOnEdwards448,
)

/** Whether bytes decode to a point. */
export function isOnEdwards448(point: Uint8Array): boolean {
  try {
    ed448.Point.fromBytes(point)
    return true
  } catch {
    return false
  }
}

function keyPairOf(seed: Uint8Array): KeyPair {
  return { publicKey: ed448.getPublicKey(seed), privateKey: new Secret(seed) }
}
