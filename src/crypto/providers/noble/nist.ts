// Diffie-Hellman and ECDSA on a NIST curve (FIPS 186-5, SP 800-56A) by @noble/curves.

import type { ECDSA } from '@noble/curves/abstract/weierstrass.js'
import type { KeyPair, SignaturePrimitive } from '../../contract.ts'
import type { DhPrimitive } from '../../dhkem.ts'
import { isUncompressedPoint, type NistCurve } from '../../nist-curves.ts'
import { Secret } from '../../secret.ts'
import { strictEcdsa } from '../../strict-signatures.ts'

/** ECDH: the shared value is the x coordinate. */
export function nobleNistDh(parameters: NistCurve, curve: ECDSA): DhPrimitive {
  return {
    nist: parameters,
    publicKeyLength: 1 + 2 * parameters.size,
    privateKeyLength: parameters.size,
    generateKeyPair: () => keyPairOf(curve, curve.utils.randomSecretKey()),
    keyPairOf: (privateKey) => keyPairOf(curve, privateKey),
    validatePublicKey: (publicKey) => isUncompressedPoint(parameters, publicKey),
    dh: (own, publicKey) => curve.getSharedSecret(own.privateKey.bytes, publicKey).slice(1),
  }
}

/** ECDSA with the curve's own hash; nonces by RFC 6979. */
export function nobleEcdsa(parameters: NistCurve, curve: ECDSA): SignaturePrimitive {
  return strictEcdsa(parameters, {
    generateKeyPair: () => keyPairOf(curve, curve.utils.randomSecretKey()),
    keyPairOf: (privateKey) => keyPairOf(curve, privateKey),
    sign: (privateKey, data) => curve.sign(data, privateKey.bytes, { lowS: false, format: 'compact' }),
    verify: (publicKey, data, signature) =>
      curve.verify(signature, data, publicKey, { lowS: false, format: 'compact' }),
  })
}

function keyPairOf(curve: ECDSA, privateKey: Uint8Array): KeyPair {
  return { publicKey: curve.getPublicKey(privateKey, false), privateKey: new Secret(privateKey) }
}
