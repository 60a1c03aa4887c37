// Signature verification on libuv's thread pool.

import { type KeyObject, type VerifyKeyObjectInput, verify } from 'node:crypto'

/** `crypto.verify` off the main thread. */
export function verifyOnPool(
  algorithm: string | null,
  data: Uint8Array,
  key: KeyObject | VerifyKeyObjectInput,
  signature: Uint8Array,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify(algorithm, data, key, signature, (error, valid) => {
      if (error) reject(error)
      else resolve(valid)
    })
  })
}
