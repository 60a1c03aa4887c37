// Entropy from the runtime's `crypto.getRandomValues`, which exists also where `crypto.subtle` does not.

import { randomBytes as fromRuntime } from '@noble/hashes/utils.js'

/** Fresh random bytes. @param length - bytes wanted */
export function randomBytes(length: number): Uint8Array {
  return fromRuntime(length)
}
