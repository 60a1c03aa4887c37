// Identities as `did:key` names of Ed25519 keys (W3C did:key v0.9: multicodec 0xed, base58btc).

import { fromString } from 'uint8arrays/from-string'
import { toString as encodeBytes } from 'uint8arrays/to-string'
import { concat } from '../bytes.ts'
import { fail } from '../errors.ts'

/** The multicodec prefix of an Ed25519 public key, as a varint. */
const ED25519_PREFIX = new Uint8Array([0xed, 0x01])
const ED25519_KEY_BYTES = 32
/** `z` is multibase for base58btc. */
const PREFIX = 'did:key:z'

/** The name of an Ed25519 public key (32 bytes): `did:key:z6Mk…`. */
export function didKey(publicKey: Uint8Array): string {
  if (publicKey.length !== ED25519_KEY_BYTES) {
    fail('IDENTITY_MALFORMED', `an Ed25519 key has ${ED25519_KEY_BYTES} bytes, not ${publicKey.length}`)
  }
  return `${PREFIX}${encodeBytes(concat(ED25519_PREFIX, publicKey), 'base58btc')}`
}

/**
 * The Ed25519 public key that a name stands for.
 * @returns 32 bytes
 * @throws CoterieError `IDENTITY_MALFORMED` (peer) for other methods, other keys and other spellings of the same key
 */
export function publicKeyOfDid(did: string): Uint8Array {
  const bytes = multibase(did)
  if (bytes === undefined || bytes.length !== ED25519_PREFIX.length + ED25519_KEY_BYTES) {
    return fail('IDENTITY_MALFORMED', 'this is not the did:key name of an Ed25519 key')
  }
  const publicKey = bytes.slice(ED25519_PREFIX.length)
  if (didKey(publicKey) !== did) fail('IDENTITY_MALFORMED', 'this is not the did:key name of an Ed25519 key')
  return publicKey
}

function multibase(did: string): Uint8Array | undefined {
  if (!did.startsWith(PREFIX)) return undefined
  try {
    return fromString(did.slice(PREFIX.length), 'base58btc')
  } catch {
    return undefined
  }
}
