// How records are hidden at rest: names become MACs, values are sealed with XChaCha20-Poly1305 and bound to their names.

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, utf8 } from '../../bytes.ts'
import { fail } from '../../errors.ts'

/** The bytes of a database key. */
export const DATABASE_KEY_BYTES = 32

/** Names and seals records under a database key. */
export class RecordSeal {
  /** The MAC of names before anything was put into it. */
  readonly #names: ReturnType<typeof hmac.create>
  readonly #valueKey: Uint8Array
  readonly #randomBytes: (length: number) => Uint8Array
  /** Those that were asked for lately: most records go to few buckets. */
  readonly #prefixes = new Map<string, Uint8Array>()
  /** Nonces that are not used yet: many little draws cost more than one. */
  #nonces: Uint8Array = new Uint8Array(0)

  constructor(databaseKey: Uint8Array, randomBytes: (length: number) => Uint8Array) {
    this.#names = hmac.create(sha256, hkdf(sha256, databaseKey, undefined, utf8('coterie store names 1'), 32))
    this.#valueKey = hkdf(sha256, databaseKey, undefined, utf8('coterie store values 1'), 32)
    this.#randomBytes = randomBytes
  }

  /** Where a bucket's records begin: 17 bytes, not to be changed. */
  bucketPrefix(bucket: string): Uint8Array {
    const known = this.#prefixes.get(bucket)
    if (known !== undefined) return known
    const prefix = concat(RECORD, this.#mac(utf8(`bucket ${bucket}`)))
    if (this.#prefixes.size === MAX_PREFIXES) this.#prefixes.clear()
    this.#prefixes.set(bucket, prefix)
    return prefix
  }

  /** Where a bucket's named records begin. */
  namedPrefix(bucket: string): Uint8Array {
    return concat(this.bucketPrefix(bucket), NAMED)
  }

  namedKey(bucket: string, name: string): Uint8Array {
    return concat(this.namedPrefix(bucket), this.#mac(utf8(`name ${bucket} ${name}`)))
  }

  /** Sorts by place within the bucket. */
  placedKey(bucket: string, place: number): Uint8Array {
    if (!Number.isSafeInteger(place) || place < 0) fail('ARGUMENT_INVALID', `${place} is not a place in a bucket`)
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, BigInt(place))
    return concat(this.bucketPrefix(bucket), PLACED, bytes)
  }

  seal(key: Uint8Array, value: Uint8Array): Uint8Array {
    if (this.#nonces.length === 0) this.#nonces = this.#randomBytes(NONCE_BYTES * NONCES)
    const nonce = this.#nonces.slice(0, NONCE_BYTES)
    this.#nonces = this.#nonces.subarray(NONCE_BYTES)
    return concat(nonce, xchacha20poly1305(this.#valueKey, nonce, key).encrypt(value))
  }

  /** @throws CoterieError `STORE_CORRUPT` (environment) */
  open(key: Uint8Array, sealed: Uint8Array): Uint8Array {
    try {
      return xchacha20poly1305(this.#valueKey, sealed.subarray(0, NONCE_BYTES), key).decrypt(
        sealed.subarray(NONCE_BYTES),
      )
    } catch (cause) {
      return fail('STORE_CORRUPT', 'a record of the store cannot be opened', { cause })
    }
  }

  #mac(data: Uint8Array): Uint8Array {
    return this.#names.clone().update(data).digest().slice(0, MAC_BYTES)
  }
}

/** The place in the key of an ordered record. */
export function placeOf(key: Uint8Array): number {
  const at = key.byteOffset + key.length - 8
  return Number(new DataView(key.buffer, at, 8).getBigUint64(0))
}

const RECORD = Uint8Array.of(1)
const NAMED = Uint8Array.of(0)
const PLACED = Uint8Array.of(1)
const MAC_BYTES = 16
const NONCE_BYTES = 24
/** How many are drawn at once. */
const NONCES = 128
const MAX_PREFIXES = 256
