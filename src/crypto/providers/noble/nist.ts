// Diffie-Hellman and ECDSA on a NIST curve (FIPS 186-5, SP 800-56A) by @noble/curves.

import type { ECDSA } from '@noble/curves/abstract/weierstrass.js'
import { fail } from '../../../errors.ts'
import type { KeyPair, SignaturePrimitive } from '../../contract.ts'
import type { DhPrimitive } from '../../dhkem.ts'
import { derToRawSignature, rawToDerSignature } from '../../ecdsa-der.ts'
import { isUncompressedPoint, type NistCurve, paddedScalar } from '../../nist-curves.ts'
import { Secret } from '../../secret.ts'

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
  return {
    publicKeyLength: 1 + 2 * parameters.size,
    generateKeyPair: async () => keyPairOf(curve, curve.utils.randomSecretKey()),
    async importPrivateKey(bytes) {
      const privateKey = paddedScalar(parameters, bytes)
      if (privateKey === undefined) fail('CRYPTO_BAD_PRIVATE_KEY', 'these bytes are not a private key')
      return keyPairOf(curve, privateKey)
    },
    validatePublicKey: (publicKey) => isUncompressedPoint(parameters, publicKey),
    sign: async (privateKey, data) =>
      rawToDerSignature(parameters, curve.sign(data, privateKey.bytes, { lowS: false, format: 'compact' })),
    async verify(publicKey, data, signature) {
      const raw = derToRawSignature(parameters, signature)
      const valid =
        raw !== undefined &&
        isUncompressedPoint(parameters, publicKey) &&
        curve.verify(raw, data, publicKey, { lowS: false, format: 'compact' })
      if (!valid) fail('CRYPTO_BAD_SIGNATURE', 'the signature is not valid')
    },
  }
}

function keyPairOf(curve: ECDSA, privateKey: Uint8Array): KeyPair {
  return { publicKey: curve.getPublicKey(privateKey, false), privateKey: new Secret(privateKey) }
}
