// The one record of a store that is not sealed: its version, and the database key wrapped under a passphrase or a key.

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { concat, utf8 } from '../../bytes.ts'
import { decode } from '../../codec/reader.ts'
import { encode } from '../../codec/writer.ts'
import { CoterieError, fail } from '../../errors.ts'
import { DATABASE_KEY_BYTES } from './record-seal.ts'

/** The layout that this library writes, and the newest that it reads. */
const STORE_VERSION = 1

/** What unlocks a store: something a person remembers, or 32 bytes that the app keeps. */
export type Unlock = { readonly passphrase: string } | { readonly key: Uint8Array }

/** A new store's header and database key. */
export async function createHeader(
  unlock: Unlock,
  randomBytes: (length: number) => Uint8Array,
): Promise<{ header: Uint8Array; databaseKey: Uint8Array }> {
  const databaseKey = randomBytes(DATABASE_KEY_BYTES)
  const salt = randomBytes(SALT_BYTES)
  const nonce = randomBytes(NONCE_BYTES)
  const wrappingKey = await wrappingKeyFor(unlock, salt)
  const wrapped = xchacha20poly1305(wrappingKey, nonce, LABEL).encrypt(databaseKey)
  const header = encode((writer) => {
    writer.uint16(STORE_VERSION)
    writer.opaque(salt)
    writer.opaque(concat(nonce, wrapped))
  }, undefined)
  return { header, databaseKey }
}

/**
 * The database key of an existing store.
 * @throws CoterieError `STORE_VERSION`, `STORE_CORRUPT` (environment), `STORE_PASSPHRASE` (caller)
 */
export async function openHeader(header: Uint8Array, unlock: Unlock): Promise<Uint8Array> {
  const { salt, sealed } = parse(header)
  const wrappingKey = await wrappingKeyFor(unlock, salt)
  try {
    return xchacha20poly1305(wrappingKey, sealed.subarray(0, NONCE_BYTES), LABEL).decrypt(sealed.subarray(NONCE_BYTES))
  } catch (cause) {
    return fail('STORE_PASSPHRASE', 'this passphrase or key does not open the store', { cause })
  }
}

function parse(header: Uint8Array): { salt: Uint8Array; sealed: Uint8Array } {
  const version = header.length < 2 ? 0 : (header[0] as number) * 256 + (header[1] as number)
  if (version > STORE_VERSION) {
    fail('STORE_VERSION', `this store was written by a newer version of the library (layout ${version})`)
  }
  try {
    return decode((reader) => {
      reader.uint16()
      return { salt: reader.opaque(), sealed: reader.opaque() }
    }, header)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('STORE_CORRUPT', "the store's header cannot be read", { cause })
  }
}

async function wrappingKeyFor(unlock: Unlock, salt: Uint8Array): Promise<Uint8Array> {
  if ('key' in unlock) {
    if (unlock.key.length !== DATABASE_KEY_BYTES)
      fail('ARGUMENT_INVALID', `a store's key has ${DATABASE_KEY_BYTES} bytes`)
    return unlock.key
  }
  if (unlock.passphrase.length === 0) fail('ARGUMENT_INVALID', 'an empty passphrase protects nothing')
  return scryptAsync(utf8(unlock.passphrase.normalize('NFKC')), salt, SCRYPT)
}

/** 64 MiB and a fraction of a second: what a phone can bear each time the app is opened. */
const SCRYPT = { N: 2 ** 16, r: 8, p: 1, dkLen: DATABASE_KEY_BYTES }
const SALT_BYTES = 16
const NONCE_BYTES = 24
const LABEL = /* @__PURE__ */ utf8('coterie store key 1')
