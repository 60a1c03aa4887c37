// Whether a cryptographic provider keeps the contract: cases that run in any test runner, for one's own provider as well.

import type { CryptoProvider, SuitePrimitives } from '../crypto/contract.ts'
import { CIPHER_SUITES } from '../crypto/suites.ts'
import { aeadCases } from './conformance/aead-cases.ts'
import { type ConformanceCase, expectEqual, expectTrue } from './conformance/expectations.ts'
import { hashCases } from './conformance/hash-cases.ts'
import { kemCases } from './conformance/kem-cases.ts'
import { signatureCases } from './conformance/signature-cases.ts'

/**
 * All cases for a provider: known answers of the RFCs for registered suites, and the contract's rules for any suite.
 *
 * ```ts
 * for (const { name, run } of providerConformance(provider)) test(name, run)
 * ```
 */
export function providerConformance(provider: CryptoProvider): ConformanceCase[] {
  const suites = provider.suites.flatMap((id) => provider.suite(id) ?? [])
  return [
    {
      name: `${provider.name}: has the suites that it lists, once each`,
      async run() {
        expectEqual('the number of suites', suites.length, provider.suites.length)
        expectEqual('the number of different ones', new Set(provider.suites).size, provider.suites.length)
        for (const [i, suite] of suites.entries()) expectEqual('the id of a suite', suite.id, provider.suites[i])
        expectTrue('an unknown suite is undefined', provider.suite(0) === undefined)
      },
    },
    ...suites.flatMap((suite) =>
      [
        ...registryCases(suite),
        ...hashCases(suite),
        ...aeadCases(suite),
        ...kemCases(suite),
        ...signatureCases(suite),
      ].map(({ name, run }) => ({ name: `${provider.name}, suite ${suite.id}, ${name}`, run })),
    ),
  ]
}

/** RFC 9420 §17.1: a registered suite is made of what the registry says. */
function registryCases(suite: SuitePrimitives): ConformanceCase[] {
  const info = CIPHER_SUITES.find(({ id }) => id === suite.id)
  if (info === undefined) return []
  return [
    {
      name: 'registry: name and code points',
      async run() {
        expectEqual('the name', suite.name, info.name)
        expectEqual('the KEM', suite.kem.id, info.kemId)
        expectEqual('the KDF', suite.kdfId, info.kdfId)
        expectEqual('the AEAD', suite.aead.id, info.aeadId)
      },
    },
  ]
}
