// The three providers that the tests of src/crypto compare.
import type { CryptoProvider, SuitePrimitives } from '../../../src/crypto/contract.ts'
import { nobleProvider } from '../../../src/crypto-noble.ts'
import { nodeProvider } from '../../../src/crypto-node.ts'
import { createWebCryptoProvider } from '../../../src/crypto-webcrypto.ts'

export const PROVIDERS: readonly CryptoProvider[] = [nobleProvider, nodeProvider, await createWebCryptoProvider()]

/** A suite that the provider must have. */
export function suiteOf(provider: CryptoProvider, id: number): SuitePrimitives {
  const suite = provider.suite(id)
  if (suite === undefined) throw new Error(`${provider.name} has no suite ${id}`)
  return suite
}
