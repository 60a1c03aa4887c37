// X25519 and X448 (RFC 7748) by @noble/curves.

import type { MontgomeryECDH } from '@noble/curves/abstract/montgomery.js'
import type { KeyPair } from '../../contract.ts'
import type { DhPrimitive } from '../../dhkem.ts'
import { Secret } from '../../secret.ts'
import { randomBytes } from './random.ts'

/** Diffie-Hellman on a Montgomery curve. Public keys are any bytes of the right length. */
export function montgomeryDh(curve: MontgomeryECDH, size: number): DhPrimitive {
  function keyPairOf(privateKey: Uint8Array): KeyPair {
    return { publicKey: curve.getPublicKey(privateKey), privateKey: new Secret(privateKey) }
  }
  return {
    publicKeyLength: size,
    privateKeyLength: size,
    generateKeyPair: () => keyPairOf(randomBytes(size)),
    keyPairOf,
    validatePublicKey: (publicKey) => publicKey.length === size,
    dh: (own, publicKey) => curve.getSharedSecret(own.privateKey.bytes, publicKey),
  }
}
