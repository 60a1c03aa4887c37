// Puts a registered cipher suite together from a provider's primitives.

import type { SuitePrimitives } from './contract.ts'
import type { CipherSuiteInfo } from './suites.ts'

/** The primitives that a suite is made of, in one provider. */
export type SuiteParts = Pick<SuitePrimitives, 'hash' | 'aead' | 'kem' | 'signature' | 'randomBytes'>

/** Names the parts. */
export function composeSuite(info: CipherSuiteInfo, provider: string, parts: SuiteParts): SuitePrimitives {
  const { hash, aead, kem, signature, randomBytes } = parts
  return { id: info.id, name: info.name, kdfId: info.kdfId, provider, hash, aead, kem, signature, randomBytes }
}
