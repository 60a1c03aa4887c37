// DHKEM (RFC 9180 §4.1, §7.1): turns one curve's Diffie-Hellman into a KEM, so that a provider writes the curve part only.

import { concat, copyBytes, EMPTY, utf8, wipeBytes } from '../bytes.ts'
import { CoterieError, fail } from '../errors.ts'
import type { HashPrimitive, KemPrimitive, KeyPair } from './contract.ts'
import { kemSuiteId, labeledExpand, labeledExtract } from './hkdf.ts'
import { hasSmallOrder } from './montgomery-strict.ts'
import { type NistCurve, paddedScalar } from './nist-curves.ts'
import { Secret } from './secret.ts'

/** A result now or later: curve operations may be synchronous. */
export type Eventual<T> = T | Promise<T>

/** Diffie-Hellman on one curve. */
export interface DhPrimitive {
  /** Set for the NIST curves, whose private keys are scalars in [1, n−1]; absent for X25519 and X448. */
  readonly nist?: NistCurve
  readonly publicKeyLength: number
  readonly privateKeyLength: number
  /** From the provider's own entropy. */
  generateKeyPair(): Eventual<KeyPair>
  /** The pair of a private key of exactly `privateKeyLength` bytes that is already known to be in range; takes ownership. */
  keyPairOf(privateKey: Uint8Array): Eventual<KeyPair>
  /** Full validation on the NIST curves; the length on the others. */
  validatePublicKey(publicKey: Uint8Array): boolean
  /** The raw shared value. May throw anything on a bad public key, or return zeros. */
  dh(own: KeyPair, publicKey: Uint8Array): Eventual<Uint8Array>
}

/** A KEM that also shows its parts, which the authenticated modes need. */
export interface DhKemPrimitive extends KemPrimitive {
  readonly curve: DhPrimitive
  readonly hash: HashPrimitive
}

/**
 * DHKEM over a curve with HKDF over `hash`.
 * @param id - RFC 9180 §7.1 code point
 */
export function dhKem(id: number, curve: DhPrimitive, hash: HashPrimitive): DhKemPrimitive {
  const suiteId = kemSuiteId(id)
  const { publicKeyLength, privateKeyLength } = curve

  async function deriveKeyPair(ikm: Uint8Array): Promise<KeyPair> {
    const prk = labeledExtract(hash, suiteId, EMPTY, DKP_PRK, ikm)
    const privateKey = curve.nist
      ? deriveScalar(hash, suiteId, prk, curve.nist)
      : labeledExpand(hash, suiteId, prk, SK, EMPTY, privateKeyLength)
    wipeBytes(prk)
    return curve.keyPairOf(privateKey)
  }

  return {
    id,
    curve,
    hash,
    sharedSecretLength: hash.length,
    encLength: publicKeyLength,
    publicKeyLength,
    privateKeyLength,

    generateKeyPair: async () => curve.generateKeyPair(),
    deriveKeyPair,

    async importPrivateKey(bytes) {
      const privateKey = curve.nist ? paddedScalar(curve.nist, bytes) : copyBytes(bytes)
      if (privateKey?.length !== privateKeyLength) fail('CRYPTO_BAD_PRIVATE_KEY', 'these bytes are not a private key')
      return curve.keyPairOf(privateKey)
    },

    validatePublicKey: (publicKey) =>
      curve.validatePublicKey(publicKey) && (curve.nist !== undefined || !hasSmallOrder(publicKey)),

    async encap(publicKey, ikmE) {
      const ephemeral = await (ikmE === undefined ? curve.generateKeyPair() : deriveKeyPair(ikmE))
      const dh = await encapsulatingDh(curve, ephemeral, publicKey)
      ephemeral.privateKey.wipe()
      const enc = ephemeral.publicKey
      return { sharedSecret: extractAndExpand(hash, suiteId, dh, concat(enc, publicKey)), enc }
    },

    async decap(enc, recipient) {
      const dh = await decapsulatingDh(curve, recipient, enc)
      return extractAndExpand(hash, suiteId, dh, concat(enc, recipient.publicKey))
    },
  }
}

/**
 * The sender's Diffie-Hellman with the checks of RFC 9180 §7.1.4.
 * @throws CoterieError `CRYPTO_BAD_KEY` (peer)
 */
export function encapsulatingDh(curve: DhPrimitive, own: KeyPair, publicKey: Uint8Array): Promise<Uint8Array> {
  return encapsulating(curve, publicKey, async () => {
    const dh = await curve.dh(own, publicKey)
    // The all-zero result of X25519 and X448 MUST be refused; on the NIST curves a valid key cannot lead to infinity.
    if (curve.nist === undefined && isAllZero(dh)) fail('CRYPTO_BAD_KEY', 'the Diffie-Hellman result is all zeros')
    return dh
  })
}

/**
 * The recipient's Diffie-Hellman with the same checks.
 * @throws CoterieError `CRYPTO_OPEN_FAILED` (peer)
 */
export async function decapsulatingDh(curve: DhPrimitive, own: KeyPair, publicKey: Uint8Array): Promise<Uint8Array> {
  try {
    return await encapsulatingDh(curve, own, publicKey)
  } catch (cause) {
    if (CoterieError.is(cause, 'CRYPTO_BAD_KEY')) return fail('CRYPTO_OPEN_FAILED', 'decapsulation failed', { cause })
    throw cause
  }
}

/**
 * Runs `work` with a public key that has been validated; whatever `work` throws then means that the key is bad.
 * @throws CoterieError `CRYPTO_BAD_KEY` (peer)
 */
export async function encapsulating<T>(curve: DhPrimitive, publicKey: Uint8Array, work: () => Promise<T>): Promise<T> {
  if (!curve.validatePublicKey(publicKey)) fail('CRYPTO_BAD_KEY', 'these bytes are not a public key of this KEM')
  try {
    return await work()
  } catch (cause) {
    if (CoterieError.is(cause)) throw cause
    return fail('CRYPTO_BAD_KEY', 'no shared secret can be made with this public key', { cause })
  }
}

/**
 * ExtractAndExpand of RFC 9180 §4.1 over the Diffie-Hellman result, which is consumed.
 * @param kemContext - enc and the recipient's public key, in the authenticated modes followed by the sender's
 */
export function extractAndExpand(
  hash: HashPrimitive,
  suiteId: Uint8Array,
  dh: Uint8Array,
  kemContext: Uint8Array,
): Secret {
  const prk = labeledExtract(hash, suiteId, EMPTY, EAE_PRK, dh)
  const sharedSecret = labeledExpand(hash, suiteId, prk, SHARED_SECRET, kemContext, hash.length)
  wipeBytes(prk)
  wipeBytes(dh)
  return new Secret(sharedSecret)
}

/** Rejection sampling of RFC 9180 §7.1.3. */
function deriveScalar(hash: HashPrimitive, suiteId: Uint8Array, prk: Uint8Array, curve: NistCurve): Uint8Array {
  for (let counter = 0; counter <= 255; counter++) {
    const candidate = labeledExpand(hash, suiteId, prk, CANDIDATE, Uint8Array.of(counter), curve.size)
    candidate[0] = (candidate[0] as number) & curve.firstByteMask
    if (paddedScalar(curve, candidate) !== undefined) return candidate
  }
  return fail('INTERNAL_INVARIANT', 'no private key was found in 256 candidates')
}

/** Looks at every byte, whatever they are. */
function isAllZero(bytes: Uint8Array): boolean {
  let seen = 0
  for (const byte of bytes) seen |= byte
  return seen === 0
}

const DKP_PRK: Uint8Array = /* @__PURE__ */ utf8('dkp_prk')
const SK: Uint8Array = /* @__PURE__ */ utf8('sk')
const CANDIDATE: Uint8Array = /* @__PURE__ */ utf8('candidate')
const EAE_PRK: Uint8Array = /* @__PURE__ */ utf8('eae_prk')
const SHARED_SECRET: Uint8Array = /* @__PURE__ */ utf8('shared_secret')
