// Which cipher suites a client uses.

import type { CryptoProvider } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'

/** RFC 9420 §17.1: X25519, AES-128-GCM, SHA-256, Ed25519, which all implementations have. */
export const GROUP_SUITE = 1

/** X25519, ChaCha20-Poly1305, SHA-256, Ed25519: for frames, topics, inboxes and message ids. */
export const WIRE_SUITE = 3

/** @throws CoterieError `CRYPTO_UNSUPPORTED_SUITE` (environment) */
export function suiteOf(provider: CryptoProvider, id: number): CipherSuite {
  return provider.suite(id) ?? fail('CRYPTO_UNSUPPORTED_SUITE', `the provider ${provider.name} lacks suite ${id}`)
}
