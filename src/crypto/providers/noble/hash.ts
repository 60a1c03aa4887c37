// SHA-2 with HMAC by @noble/hashes.

import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import type { HashPrimitive } from '../../contract.ts'

export const nobleSha256: HashPrimitive = {
  length: 32,
  digest: (data) => sha256(data),
  hmac: (key, data) => hmac(sha256, key, data),
}

export const nobleSha384: HashPrimitive = {
  length: 48,
  digest: (data) => sha384(data),
  hmac: (key, data) => hmac(sha384, key, data),
}

export const nobleSha512: HashPrimitive = {
  length: 64,
  digest: (data) => sha512(data),
  hmac: (key, data) => hmac(sha512, key, data),
}
