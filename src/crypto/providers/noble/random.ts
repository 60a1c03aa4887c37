// Entropy from the runtime's `crypto.getRandomValues`, which exists also where `crypto.subtle` does not.

import { randomBytes as fromRuntime } from '@noble/hashes/utils.js'

/** What `getRandomValues` gives at most in one call. */
const QUOTA = 65_536

/** Fresh random bytes. @param length - bytes wanted */
export function randomBytes(length: number): Uint8Array {
  if (length <= QUOTA) return fromRuntime(length)
  const bytes = new Uint8Array(length)
  for (let offset = 0; offset < length; offset += QUOTA) {
    bytes.set(fromRuntime(Math.min(QUOTA, length - offset)), offset)
  }
  return bytes
}
