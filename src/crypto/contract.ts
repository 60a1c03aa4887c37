// What a cryptographic provider must supply for one cipher suite (RFC 9420 §5.1, RFC 9180): bytes in, bytes out.
// Symmetric operations are synchronous, asymmetric ones asynchronous. Knows nothing of MLS labels or structures.
// Bytes that are passed in must stay unchanged until the call has settled; what comes out is a plain Uint8Array of its own.

import type { Secret } from './secret.ts'

/** A public key as it travels, and its private key. */
export interface KeyPair {
  readonly publicKey: Uint8Array
  readonly privateKey: Secret
}

/** A hash function with HMAC and HKDF (RFC 5869) over it. */
export interface HashPrimitive {
  /** Nh: bytes of a digest. */
  readonly length: number
  digest(data: Uint8Array): Uint8Array
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array
}

/** An AEAD of RFC 5116. */
export interface AeadPrimitive {
  /** RFC 9180 §7.3 code point. */
  readonly id: number
  /** Nk, in bytes. */
  readonly keyLength: number
  /** Nn, in bytes. */
  readonly nonceLength: number
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array
  /** @throws CoterieError `CRYPTO_OPEN_FAILED` (peer), for whatever reason */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array
}

/** What an encapsulation yields: the secret, and the octets that let the recipient find it. */
export interface Encapsulation {
  readonly sharedSecret: Secret
  readonly enc: Uint8Array
}

/** A KEM of RFC 9180 §4. All-zero Diffie-Hellman results are refused (§7.1.4). */
export interface KemPrimitive {
  /** RFC 9180 §7.1 code point. */
  readonly id: number
  /** Nsecret, in bytes. */
  readonly sharedSecretLength: number
  /** Nenc, in bytes. */
  readonly encLength: number
  readonly publicKeyLength: number
  readonly privateKeyLength: number
  /** From the provider's own entropy. */
  generateKeyPair(): Promise<KeyPair>
  /** RFC 9180 §7.1.3. */
  deriveKeyPair(ikm: Uint8Array): Promise<KeyPair>
  /**
   * The key pair of a private key. NIST scalars shorter than `privateKeyLength` are left-padded.
   * @throws CoterieError `CRYPTO_BAD_PRIVATE_KEY` (caller)
   */
  importPrivateKey(bytes: Uint8Array): Promise<KeyPair>
  /**
   * Whether these bytes are a public key that `encap` would take: right length, on the curve, and not one that leads to
   * an all-zero Diffie-Hellman result.
   */
  validatePublicKey(publicKey: Uint8Array): boolean
  /**
   * Encapsulates to a public key; the ephemeral key is derived from `ikmE` where given, else from the provider's entropy.
   * @throws CoterieError `CRYPTO_BAD_KEY` (peer): not a public key, or the shared secret would be zero
   */
  encap(publicKey: Uint8Array, ikmE?: Uint8Array): Promise<Encapsulation>
  /** Many at once, in order; providers may spread them over threads. Without it `encap` is called for each. */
  encapAll?(publicKeys: readonly Uint8Array[]): Promise<Encapsulation[]>
  /** @throws CoterieError `CRYPTO_OPEN_FAILED` (peer), for whatever reason */
  decap(enc: Uint8Array, recipient: KeyPair): Promise<Secret>
}

/** What `verifyAll` takes. */
export interface SignedBytes {
  readonly publicKey: Uint8Array
  readonly data: Uint8Array
  readonly signature: Uint8Array
}

/** A signature scheme (RFC 9420 §17.1). ECDSA signatures are DER (RFC 9420 §5.1.2), public keys uncompressed points. */
export interface SignaturePrimitive {
  readonly publicKeyLength: number
  generateKeyPair(): Promise<KeyPair>
  /**
   * The key pair of a private key: an RFC 8032 seed or a big-endian scalar (left-padded where short).
   * @throws CoterieError `CRYPTO_BAD_PRIVATE_KEY` (caller)
   */
  importPrivateKey(bytes: Uint8Array): Promise<KeyPair>
  /** Whether these bytes are a public key under which `verify` could succeed. For EdDSA this takes a square root. */
  validatePublicKey(publicKey: Uint8Array): boolean
  /** @throws CoterieError `CRYPTO_BAD_PRIVATE_KEY` (caller): of another length; `CRYPTO_SECRET_WIPED` (caller) */
  sign(privateKey: Secret, data: Uint8Array): Promise<Uint8Array>
  /**
   * Resolves when the signature is valid; there is no boolean to forget to look at.
   * EdDSA is strict: canonical encodings, S below the order, neither A nor R of small order; the equation is the one
   * without the cofactor for Ed25519, [S]B = R + [k]A, and the one with it for Ed448, [4][S]B = [4]R + [4][k]A.
   * @throws CoterieError `CRYPTO_BAD_SIGNATURE` (peer)
   */
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<void>
  /**
   * Resolves when all are valid. Without it `verify` is called for each.
   * @throws CoterieError `CRYPTO_BAD_SIGNATURE` (peer)
   */
  verifyAll?(items: readonly SignedBytes[]): Promise<void>
}

/** One cipher suite's primitives as a provider offers them. */
export interface SuitePrimitives {
  /** RFC 9420 §17.1 code point. */
  readonly id: number
  /** The suite's name in the registry. */
  readonly name: string
  /** Who implements it, for diagnostics. */
  readonly provider: string
  readonly hash: HashPrimitive
  readonly aead: AeadPrimitive
  readonly kem: KemPrimitive
  /** RFC 9180 §7.2 code point of HKDF over `hash`. */
  readonly kdfId: number
  readonly signature: SignaturePrimitive
  randomBytes(length: number): Uint8Array
}

/** A set of suites under one implementation. */
export interface CryptoProvider {
  readonly name: string
  /** Code points, in order of preference. */
  readonly suites: readonly number[]
  /** Undefined for a suite that it lacks. */
  suite(id: number): SuitePrimitives | undefined
}
