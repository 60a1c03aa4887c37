// ChaCha20-Poly1305 (RFC 8439) by @noble/ciphers.

import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { checkedAead } from '../../aead.ts'
import type { AeadPrimitive } from '../../contract.ts'
import { AEAD_CHACHA20_POLY1305 } from '../../suites.ts'

export const nobleChaCha20Poly1305: AeadPrimitive = /* @__PURE__ */ checkedAead(AEAD_CHACHA20_POLY1305, 32, {
  seal: (key, nonce, aad, plaintext) => chacha20poly1305(key, nonce, aad).encrypt(plaintext),
  open: (key, nonce, aad, ciphertext) => chacha20poly1305(key, nonce, aad).decrypt(ciphertext),
})
