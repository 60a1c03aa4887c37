// Key objects of X25519, X448, Ed25519 and Ed448 from raw bytes and back (RFC 8410, RFC 8037).

import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey, KeyObject, webcrypto } from 'node:crypto'
import { fromHex, wipeBytes } from '../../../bytes.ts'
import { fail } from '../../../errors.ts'
import type { Eventual } from '../../dhkem.ts'
import { PrivateKeyCache, PublicKeyCache } from '../../key-cache.ts'
import type { Secret } from '../../secret.ts'

/** What tells the four curves apart. */
export interface OkpCurve {
  readonly name: 'X25519' | 'X448' | 'Ed25519' | 'Ed448'
  /** PKCS #8 up to the private key, in hexadecimal. */
  readonly privatePrefix: string
  /**
   * What to import raw keys with. `subtle.importKey` takes 6 µs for a public key where `createPublicKey` takes up to 27,
   * but warns that it is experimental for the 448-bit curves.
   */
  readonly usages?: { readonly public: readonly webcrypto.KeyUsage[]; readonly private: webcrypto.KeyUsage }
}

export const X25519: OkpCurve = {
  name: 'X25519',
  privatePrefix: '302e020100300506032b656e04220420',
  usages: { public: [], private: 'deriveBits' },
}

export const X448: OkpCurve = { name: 'X448', privatePrefix: '3046020100300506032b656f043a0438' }

export const ED25519: OkpCurve = {
  name: 'Ed25519',
  privatePrefix: '302e020100300506032b657004220420',
  usages: { public: ['verify'], private: 'sign' },
}

export const ED448: OkpCurve = { name: 'Ed448', privatePrefix: '3047020100300506032b6571043b0439' }

/** Imports keys of one curve and remembers them. */
export class OkpKeys {
  readonly #curve: OkpCurve
  readonly #privatePrefix: Uint8Array
  readonly #publicKeys: PublicKeyCache<KeyObject> = new PublicKeyCache()
  readonly #privateKeys: PrivateKeyCache<KeyObject> = new PrivateKeyCache()

  constructor(curve: OkpCurve) {
    this.#curve = curve
    this.#privatePrefix = fromHex(curve.privatePrefix) ?? fail('INTERNAL_INVARIANT', 'a prefix is not hexadecimal')
  }

  /** Throws, or rejects, when OpenSSL does not take the bytes. */
  async publicKey(bytes: Uint8Array): Promise<KeyObject> {
    const known = this.#publicKeys.get(bytes)
    if (known !== undefined) return known
    const key = await this.importPublicKey(bytes)
    this.#publicKeys.set(bytes, key)
    return key
  }

  /** The known key or a new one, which is not remembered: for batches, whose keys would fill the memory. */
  passingPublicKey(bytes: Uint8Array): Eventual<KeyObject> {
    return this.#publicKeys.get(bytes) ?? this.importPublicKey(bytes)
  }

  async privateKey(secret: Secret): Promise<KeyObject> {
    const known = this.#privateKeys.get(secret)
    if (known !== undefined) return known
    const key = await this.#importPrivateKey(secret.bytes)
    this.#privateKeys.set(secret, key)
    return key
  }

  /** The public key's bytes. */
  exportPublicKey(key: KeyObject): Uint8Array {
    const { x } = key.export({ format: 'jwk' })
    if (typeof x !== 'string') fail('INTERNAL_INVARIANT', 'a public key was exported without its bytes')
    return Uint8Array.from(Buffer.from(x, 'base64url'))
  }

  /** The public bytes of a private key. */
  async publicBytes(secret: Secret): Promise<Uint8Array> {
    return this.exportPublicKey(createPublicKey(await this.privateKey(secret)))
  }

  private async importPublicKey(bytes: Uint8Array): Promise<KeyObject> {
    const { name, usages } = this.#curve
    if (usages === undefined) {
      const x = Buffer.from(bytes).toString('base64url')
      return createPublicKey({ key: { kty: 'OKP', crv: name, x }, format: 'jwk' })
    }
    return KeyObject.from(await webcrypto.subtle.importKey('raw', bytes, name, true, [...usages.public]))
  }

  async #importPrivateKey(bytes: Uint8Array): Promise<KeyObject> {
    const { name, usages } = this.#curve
    const der = new Uint8Array(this.#privatePrefix.length + bytes.length)
    der.set(this.#privatePrefix)
    der.set(bytes, this.#privatePrefix.length)
    try {
      if (usages === undefined) return createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' })
      return KeyObject.from(await webcrypto.subtle.importKey('pkcs8', der, name, true, [usages.private]))
    } finally {
      wipeBytes(der)
    }
  }
}
