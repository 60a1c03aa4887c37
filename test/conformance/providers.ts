// The crypto providers that vectors are run under.
import type { CryptoProvider } from '../../src/crypto/contract.ts'

export const PROVIDER_NAMES = ['noble', 'node', 'webcrypto'] as const
export type ProviderName = (typeof PROVIDER_NAMES)[number]

/** Loads one provider and nothing of the others. */
export function loadProvider(name: ProviderName): Promise<CryptoProvider> {
  return LOADERS[name]()
}

const LOADERS: Readonly<Record<ProviderName, () => Promise<CryptoProvider>>> = {
  noble: async () => (await import('../../src/crypto-noble.ts')).nobleProvider,
  node: async () => (await import('../../src/crypto-node.ts')).nodeProvider,
  webcrypto: async () => (await import('../../src/crypto-webcrypto.ts')).createWebCryptoProvider(),
}
