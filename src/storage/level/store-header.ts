// The one record of a store that is not sealed: its version, and the database key wrapped under a passphrase or a key.

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { concat, utf8 } from '../../bytes.ts'
import { decode } from '../../codec/reader.ts'
import { encode } from '../../codec/writer.ts'
import { CoterieError, fail } from '../../errors.ts'
import { DATABASE_KEY_BYTES } from './record-seal.ts'

/** What unlocks a store: something a person remembers, or 32 bytes that the app keeps. */
export type Unlock = { readonly passphrase: string } | { readonly key: Uint8Array }

/** A new store's header and database key. */
export async function createHeader(
  version: number,
  unlock: Unlock,
  randomBytes: (length: number) => Uint8Array,
): Promise<{ header: Uint8Array; databaseKey: Uint8Array }> {
  const databaseKey = randomBytes(DATABASE_KEY_BYTES)
  const salt = randomBytes(SALT_BYTES)
  const nonce = randomBytes(NONCE_BYTES)
  const wrappingKey = await wrappingKeyFor(unlock, salt)
  const wrapped = xchacha20poly1305(wrappingKey, nonce, LABEL).encrypt(databaseKey)
  const header = encode((writer) => {
    writer.uint16(version)
    writer.opaque(salt)
    writer.opaque(concat(nonce, wrapped))
  }, undefined)
  return { header, databaseKey }
}

/**
 * The layout and the database key of an existing store.
 * @param newest - the newest layout that can be read
 * @throws CoterieError `STORE_VERSION`, `STORE_CORRUPT` (environment), `STORE_PASSPHRASE` (caller)
 */
export async function openHeader(
  header: Uint8Array,
  newest: number,
  unlock: Unlock,
): Promise<{ version: number; databaseKey: Uint8Array }> {
  const { version, salt, sealed } = parse(header, newest)
  const wrappingKey = await wrappingKeyFor(unlock, salt)
  const cipher = xchacha20poly1305(wrappingKey, sealed.subarray(0, NONCE_BYTES), LABEL)
  try {
    return { version, databaseKey: cipher.decrypt(sealed.subarray(NONCE_BYTES)) }
  } catch (cause) {
    return fail('STORE_PASSPHRASE', 'this passphrase or key does not open the store', { cause })
  }
}

/** The same header for another layout. */
export function headerOfVersion(header: Uint8Array, version: number): Uint8Array {
  return concat(Uint8Array.of(version >>> 8, version & 0xff), header.subarray(VERSION_BYTES))
}

interface Header {
  readonly version: number
  readonly salt: Uint8Array
  readonly sealed: Uint8Array
}

function parse(header: Uint8Array, newest: number): Header {
  const [high = 0, low = 0] = header
  // Before the rest, which may look different then.
  if (high * 256 + low > newest) {
    fail('STORE_VERSION', `this store was written by a newer version of the library (layout ${high * 256 + low})`)
  }
  let parsed: Header
  try {
    parsed = decode((reader) => ({ version: reader.uint16(), salt: reader.opaque(), sealed: reader.opaque() }), header)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('STORE_CORRUPT', "the store's header cannot be read", { cause })
  }
  if (parsed.version < 1 || parsed.sealed.length < NONCE_BYTES)
    fail('STORE_CORRUPT', "the store's header makes no sense")
  return parsed
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
const VERSION_BYTES = 2
const SALT_BYTES = 16
const NONCE_BYTES = 24
const LABEL = /* @__PURE__ */ utf8('coterie store key 1')
