// AES-GCM and ChaCha20-Poly1305 (RFC 5116, RFC 8439) by node:crypto.

import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto'
import { checkedAead, type RawAead } from '../../aead.ts'
import type { AeadPrimitive } from '../../contract.ts'
import { AEAD_AES_128_GCM, AEAD_AES_256_GCM, AEAD_CHACHA20_POLY1305 } from '../../suites.ts'
import { plainBytes } from './plain-bytes.ts'

const TAG_LENGTH = 16

export const nodeAes128Gcm: AeadPrimitive = /* @__PURE__ */ checkedAead(
  AEAD_AES_128_GCM,
  16,
  opensslAead('aes-128-gcm'),
)

export const nodeAes256Gcm: AeadPrimitive = /* @__PURE__ */ checkedAead(
  AEAD_AES_256_GCM,
  32,
  opensslAead('aes-256-gcm'),
)

export const nodeChaCha20Poly1305: AeadPrimitive = /* @__PURE__ */ checkedAead(
  AEAD_CHACHA20_POLY1305,
  32,
  opensslAead('chacha20-poly1305'),
)

/** Keys go in as key objects: with raw bytes the same call takes three times as long. */
function opensslAead(algorithm: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305'): RawAead {
  return {
    seal(key, nonce, aad, plaintext) {
      const cipher = createCipheriv(algorithm as 'aes-128-gcm', createSecretKey(key), nonce, {
        authTagLength: TAG_LENGTH,
      })
      if (aad.length > 0) cipher.setAAD(aad)
      const body = cipher.update(plaintext)
      cipher.final()
      const sealed = new Uint8Array(body.length + TAG_LENGTH)
      sealed.set(body)
      sealed.set(cipher.getAuthTag(), body.length)
      return sealed
    },
    open(key, nonce, aad, ciphertext) {
      const end = ciphertext.length - TAG_LENGTH
      const decipher = createDecipheriv(algorithm as 'aes-128-gcm', createSecretKey(key), nonce, {
        authTagLength: TAG_LENGTH,
      })
      if (aad.length > 0) decipher.setAAD(aad)
      decipher.setAuthTag(ciphertext.subarray(end))
      const plaintext = decipher.update(ciphertext.subarray(0, end))
      // Throws when the tag is wrong: only then may the plaintext be used.
      decipher.final()
      return plainBytes(plaintext)
    },
  }
}
