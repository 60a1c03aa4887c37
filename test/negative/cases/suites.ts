// The suites in which the negative suite is generated: without entropy, so that the same chapters make the same bytes.
import type { CipherSuite } from '../../../src/crypto/labels.ts'
import { nobleProvider } from '../../../src/crypto/providers/noble/provider.ts'
import { nodeProvider } from '../../../src/crypto/providers/node/provider.ts'
import { seededSuite } from '../seeded-suite.ts'

/** Node's primitives, which are fast; but for ECDSA, whose nonces are deterministic in the noble provider only. */
export function seeded(id: number, seed: string): CipherSuite {
  const fast = nodeProvider.suite(id)
  const slow = nobleProvider.suite(id)
  if (fast === undefined || slow === undefined) throw new Error(`no suite ${id}`)
  return seededSuite({ ...fast, signature: fast.name.includes('_P') ? slow.signature : fast.signature }, seed)
}
