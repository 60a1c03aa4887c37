// AES-GCM (RFC 5116 §5.1, §5.2) by @noble/ciphers.

import { gcm } from '@noble/ciphers/aes.js'
import { checkedAead, type RawAead } from '../../aead.ts'
import type { AeadPrimitive } from '../../contract.ts'
import { AEAD_AES_128_GCM, AEAD_AES_256_GCM } from '../../suites.ts'

const aesGcm: RawAead = {
  seal: (key, nonce, aad, plaintext) => gcm(key, nonce, aad).encrypt(plaintext),
  open: (key, nonce, aad, ciphertext) => gcm(key, nonce, aad).decrypt(ciphertext),
}

export const nobleAes128Gcm: AeadPrimitive = /* @__PURE__ */ checkedAead(AEAD_AES_128_GCM, 16, aesGcm)

export const nobleAes256Gcm: AeadPrimitive = /* @__PURE__ */ checkedAead(AEAD_AES_256_GCM, 32, aesGcm)
