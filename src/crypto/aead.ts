// The argument checks and the one indistinguishable failure that every provider's AEAD shares (RFC 5116).

import { fail } from '../errors.ts'
import type { AeadPrimitive } from './contract.ts'

/** What a provider writes: lengths are checked already, any throw of `open` means failure. */
export interface RawAead {
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array
}

/** All AEADs of RFC 9420 §17.1 have 96-bit nonces and 128-bit tags. */
const NONCE_LENGTH = 12
const TAG_LENGTH = 16

/** Wraps a raw AEAD into the contract. */
export function checkedAead(id: number, keyLength: number, raw: RawAead): AeadPrimitive {
  function checkLengths(key: Uint8Array, nonce: Uint8Array): void {
    if (key.length !== keyLength) fail('CRYPTO_BAD_LENGTH', `this AEAD takes keys of ${keyLength} bytes`)
    if (nonce.length !== NONCE_LENGTH) fail('CRYPTO_BAD_LENGTH', `this AEAD takes nonces of ${NONCE_LENGTH} bytes`)
  }
  return {
    id,
    keyLength,
    nonceLength: NONCE_LENGTH,
    seal(key, nonce, aad, plaintext) {
      checkLengths(key, nonce)
      return raw.seal(key, nonce, aad, plaintext)
    },
    open(key, nonce, aad, ciphertext) {
      checkLengths(key, nonce)
      if (ciphertext.length < TAG_LENGTH) fail('CRYPTO_OPEN_FAILED', 'decryption failed')
      try {
        return raw.open(key, nonce, aad, ciphertext)
      } catch {
        return fail('CRYPTO_OPEN_FAILED', 'decryption failed')
      }
    },
  }
}
