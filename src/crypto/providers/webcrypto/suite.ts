// A cipher suite whose asymmetric operations run in `crypto.subtle` where the runtime has them. Hash and AEAD stay with the
// suite that is given: Web Cryptography has no synchronous ones.

import type { KemPrimitive, SignaturePrimitive, SuitePrimitives } from '../../contract.ts'
import {
  CIPHER_SUITES,
  KEM_P256,
  KEM_P384,
  KEM_P521,
  KEM_X25519,
  SIGNATURE_ECDSA_P256,
  SIGNATURE_ECDSA_P384,
  SIGNATURE_ECDSA_P521,
  SIGNATURE_ED25519,
} from '../../suites.ts'
import { SUBTLE_P256, SUBTLE_P384, SUBTLE_P521 } from './algorithms.ts'
import { subtleKemNist, subtleKemX25519 } from './dh-kem.ts'
import { subtleEcdsa, subtleEd25519 } from './signatures.ts'
import type { Subtle } from './subtle-keys.ts'

/**
 * Puts `crypto.subtle` under a suite. What the runtime lacks, or gets wrong when tried once, stays as it is.
 * @param base - a suite of `coterie/crypto/noble`, which also gives what `crypto.subtle` cannot do
 */
export async function webCryptoSuite(base: SuitePrimitives): Promise<SuitePrimitives> {
  const subtle: Subtle | undefined = globalThis.crypto?.subtle
  if (subtle === undefined) return base
  const [kem, signature] = await Promise.all([subtleKem(subtle, base), subtleSignature(subtle, base)])
  if (kem === undefined && signature === undefined) return base
  return { ...base, provider: 'webcrypto', kem: kem ?? base.kem, signature: signature ?? base.signature }
}

async function subtleKem(subtle: Subtle, { kem, hash }: SuitePrimitives): Promise<KemPrimitive | undefined> {
  switch (kem.id) {
    case KEM_X25519:
      return subtleKemX25519(subtle, kem, hash)
    case KEM_P256:
      return subtleKemNist(subtle, SUBTLE_P256, kem, hash)
    case KEM_P384:
      return subtleKemNist(subtle, SUBTLE_P384, kem, hash)
    case KEM_P521:
      return subtleKemNist(subtle, SUBTLE_P521, kem, hash)
    default:
      return undefined
  }
}

async function subtleSignature(
  subtle: Subtle,
  { id, signature }: SuitePrimitives,
): Promise<SignaturePrimitive | undefined> {
  switch (CIPHER_SUITES.find((suite) => suite.id === id)?.signatureScheme) {
    case SIGNATURE_ED25519:
      return subtleEd25519(subtle, signature)
    case SIGNATURE_ECDSA_P256:
      return subtleEcdsa(subtle, SUBTLE_P256, signature)
    case SIGNATURE_ECDSA_P384:
      return subtleEcdsa(subtle, SUBTLE_P384, signature)
    case SIGNATURE_ECDSA_P521:
      return subtleEcdsa(subtle, SUBTLE_P521, signature)
    default:
      return undefined
  }
}
