// Ed25519, Ed448 and ECDSA as RFC 9420 §5.1.2 wants them: what a provider's own functions are asked, and what is refused
// before they are asked, so that all providers accept the same signatures.

import { copyBytes } from '../bytes.ts'
import { CoterieError, fail } from '../errors.ts'
import { mapInBatches } from './batches.ts'
import type { KeyPair, SignaturePrimitive, SignedBytes } from './contract.ts'
import type { Eventual } from './dhkem.ts'
import { derToRawSignature, rawToDerSignature } from './ecdsa-der.ts'
import { type EddsaCurve, isStrictEddsa, isStrictEddsaPoint } from './eddsa-strict.ts'
import { isUncompressedPoint, type NistCurve, paddedScalar } from './nist-curves.ts'
import type { Secret } from './secret.ts'

/** What a provider writes. Keys and signatures have passed the checks; signatures are R || S or r || s. */
export interface RawSignature {
  /** From the provider's own entropy. */
  generateKeyPair(): Eventual<KeyPair>
  /** The pair of a valid private key, of which it takes ownership. */
  keyPairOf(privateKey: Uint8Array): Eventual<KeyPair>
  sign(privateKey: Secret, data: Uint8Array): Eventual<Uint8Array>
  /** Whatever it throws means that the signature is not valid. */
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Eventual<boolean>
  /** The same where many are under way at once. */
  verifyInBatch?(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean>
}

/**
 * EdDSA with strict encodings.
 * @param isOnCurve - whether a strictly encoded point decodes
 */
export function strictEddsa(
  curve: EddsaCurve,
  raw: RawSignature,
  isOnCurve: (point: Uint8Array) => boolean,
): SignaturePrimitive {
  return signaturePrimitive(raw, {
    publicKeyLength: curve.size,
    privateKey: (bytes) => (bytes.length === curve.size ? copyBytes(bytes) : undefined),
    isPublicKey: (publicKey) => isStrictEddsaPoint(curve, publicKey) && isOnCurve(publicKey),
    read: (publicKey, signature) => (isStrictEddsa(curve, publicKey, signature) ? signature : undefined),
    write: (signature) => signature,
  })
}

/** ECDSA with DER signatures and uncompressed points. */
export function strictEcdsa(curve: NistCurve, raw: RawSignature): SignaturePrimitive {
  return signaturePrimitive(raw, {
    publicKeyLength: 1 + 2 * curve.size,
    privateKey: (bytes) => paddedScalar(curve, bytes),
    isPublicKey: (publicKey) => isUncompressedPoint(curve, publicKey),
    read: (publicKey, signature) =>
      isUncompressedPoint(curve, publicKey) ? derToRawSignature(curve, signature) : undefined,
    write: (signature) => rawToDerSignature(curve, signature),
  })
}

interface Scheme {
  readonly publicKeyLength: number
  /** A private key of full length, the caller's own copy; undefined when the bytes are not one. */
  privateKey(bytes: Uint8Array): Uint8Array | undefined
  isPublicKey(publicKey: Uint8Array): boolean
  /** The raw signature, when key and signature are in strict form. */
  read(publicKey: Uint8Array, signature: Uint8Array): Uint8Array | undefined
  write(signature: Uint8Array): Uint8Array
}

function signaturePrimitive(raw: RawSignature, scheme: Scheme): SignaturePrimitive {
  async function isValid(
    { publicKey, data, signature }: SignedBytes,
    verify: RawSignature['verify'],
  ): Promise<boolean> {
    const rawSignature = scheme.read(publicKey, signature)
    if (rawSignature === undefined) return false
    try {
      return await verify(publicKey, data, rawSignature)
    } catch {
      return false
    }
  }

  const { verifyInBatch } = raw
  async function verifyAll(items: readonly SignedBytes[], verify: RawSignature['verify']): Promise<void> {
    await mapInBatches(items, async (item) => {
      if (!(await isValid(item, verify))) fail('CRYPTO_BAD_SIGNATURE', 'a signature is not valid')
    })
  }

  return {
    publicKeyLength: scheme.publicKeyLength,
    generateKeyPair: async () => raw.generateKeyPair(),
    async importPrivateKey(bytes) {
      const privateKey = scheme.privateKey(bytes)
      if (privateKey === undefined) fail('CRYPTO_BAD_PRIVATE_KEY', 'these bytes are not a private key')
      return raw.keyPairOf(privateKey)
    },
    validatePublicKey: (publicKey) => scheme.isPublicKey(publicKey),
    async sign(privateKey, data) {
      try {
        return scheme.write(await raw.sign(privateKey, data))
      } catch (cause) {
        if (CoterieError.is(cause)) throw cause
        return fail('CRYPTO_BAD_PRIVATE_KEY', 'this private key cannot sign', { cause })
      }
    },
    async verify(publicKey, data, signature) {
      const valid = await isValid({ publicKey, data, signature }, raw.verify)
      if (!valid) fail('CRYPTO_BAD_SIGNATURE', 'the signature is not valid')
    },
    ...(verifyInBatch === undefined ? {} : { verifyAll: (items) => verifyAll(items, verifyInBatch) }),
  }
}
