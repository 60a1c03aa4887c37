// Keys of one algorithm in Web Cryptography (W3C WebCrypto, Secure Curves), imported from raw bytes and remembered.

import { concat, EMPTY, fromHex, wipeBytes } from '../../../bytes.ts'
import { fail } from '../../../errors.ts'
import { PrivateKeyCache, PublicKeyCache } from '../../key-cache.ts'
import type { Secret } from '../../secret.ts'

/** The runtime's `crypto.subtle`. */
export type Subtle = typeof crypto.subtle

/** Its key objects. */
export type SubtleKey = Awaited<ReturnType<Subtle['importKey']>>

/** How Web Cryptography names an algorithm, and the PKCS #8 around its raw private keys, in hexadecimal. */
export interface SubtleAlgorithm {
  readonly name: string
  readonly namedCurve?: string
  readonly publicUsages: readonly 'verify'[]
  readonly privateUsages: readonly ('sign' | 'deriveBits')[]
  /** Up to the private key. */
  readonly privatePrefix: string
  /** Between private and public key; empty where the public key is not part of the encoding. */
  readonly privateInfix: string
}

/** Imports keys of one algorithm. */
export class SubtleKeys {
  readonly #subtle: Subtle
  readonly #algorithm: SubtleAlgorithm
  readonly #publicKeys: PublicKeyCache<SubtleKey> = new PublicKeyCache()
  readonly #privateKeys: PrivateKeyCache<SubtleKey> = new PrivateKeyCache()

  constructor(subtle: Subtle, algorithm: SubtleAlgorithm) {
    this.#subtle = subtle
    this.#algorithm = algorithm
  }

  /** Rejects when the runtime does not take the bytes. */
  async publicKey(bytes: Uint8Array): Promise<SubtleKey> {
    const known = this.#publicKeys.get(bytes)
    if (known !== undefined) return known
    const key = await this.#importPublicKey(bytes)
    this.#publicKeys.set(bytes, key)
    return key
  }

  /** The known key or a new one, which is not remembered: for batches, whose keys would fill the memory. */
  async passingPublicKey(bytes: Uint8Array): Promise<SubtleKey> {
    return this.#publicKeys.get(bytes) ?? this.#importPublicKey(bytes)
  }

  /** @param publicKey - the matching one, where the encoding has to hold it */
  async privateKey(secret: Secret, publicKey: Uint8Array = EMPTY): Promise<SubtleKey> {
    const known = this.#privateKeys.get(secret)
    if (known !== undefined) return known
    const { privatePrefix, privateInfix, privateUsages } = this.#algorithm
    const pkcs8 = concat(hex(privatePrefix), secret.bytes, hex(privateInfix), publicKey)
    try {
      const key = await this.#subtle.importKey('pkcs8', pkcs8, this.#algorithm, false, [...privateUsages])
      this.#privateKeys.set(secret, key)
      return key
    } finally {
      wipeBytes(pkcs8)
    }
  }

  /** A private key that has been imported before, with the same secret. */
  knownPrivateKey(secret: Secret): SubtleKey | undefined {
    return this.#privateKeys.get(secret)
  }

  /** A fresh pair; the private key stays inside the runtime. */
  async generateEphemeral(): Promise<{ readonly enc: Uint8Array; readonly privateKey: SubtleKey }> {
    const pair = await this.#subtle.generateKey(this.#algorithm, false, [...this.#algorithm.privateUsages])
    if (!('privateKey' in pair)) fail('INTERNAL_INVARIANT', 'the runtime generated a single key instead of a pair')
    const enc = await this.#subtle.exportKey('raw', pair.publicKey)
    return { enc: new Uint8Array(enc), privateKey: pair.privateKey }
  }

  #importPublicKey(bytes: Uint8Array): Promise<SubtleKey> {
    return this.#subtle.importKey('raw', bytes, this.#algorithm, true, [...this.#algorithm.publicUsages])
  }
}

function hex(text: string): Uint8Array {
  return fromHex(text) ?? fail('INTERNAL_INVARIANT', 'a DER template is not hexadecimal')
}
