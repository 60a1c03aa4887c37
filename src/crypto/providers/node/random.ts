// Entropy from OpenSSL's generator.

import { randomFillSync } from 'node:crypto'

/** Fresh random bytes. @param length - bytes wanted */
export function randomBytes(length: number): Uint8Array {
  return randomFillSync(new Uint8Array(length))
}
