// Project Wycheproof's vectors for the primitives of the cipher suites, asked through the provider contract.
// What "acceptable" means here, and why, stands beside each algorithm.
import type { CryptoProvider, SuitePrimitives } from '../../src/crypto/contract.ts'
import type { VectorSuite } from './suite.ts'
import { runCases } from './vector-cases.ts'
import {
  checkAead,
  checkDh,
  checkHkdf,
  checkSignature,
  type WycheproofCase,
  type WycheproofCheck,
} from './wycheproof-algorithms.ts'

interface WycheproofFile {
  readonly algorithm: string
  readonly testGroups: readonly WycheproofGroup[]
}

type WycheproofGroup = Readonly<Record<string, unknown>> & { readonly tests: readonly WycheproofCase[] }

export const wycheproof: VectorSuite = {
  name: 'wycheproof',
  recognises: isWycheproof,
  async run(json, provider, report) {
    if (!isWycheproof(json)) throw new Error('not a Wycheproof file')
    const suites = suitesOf(provider)
    for (const group of json.testGroups) {
      const check = checkFor(json.algorithm, group)
      const tests = group.tests.map((test) => ({ ...test, group }))
      await runCases<WycheproofCase>(tests, report, async (test) => {
        if (check === undefined) return `${json.algorithm} is in no cipher suite of RFC 9420`
        try {
          return await check(test, suites)
        } catch (error) {
          throw new Error(`tcId ${test.tcId} (${test.result}; ${test.flags.join(', ')}): ${messageOf(error)}`)
        }
      })
    }
  },
}

function isWycheproof(json: unknown): json is WycheproofFile {
  return typeof json === 'object' && json !== null && 'algorithm' in json && 'testGroups' in json
}

function suitesOf(provider: CryptoProvider): SuitePrimitives[] {
  return provider.suites.flatMap((id) => provider.suite(id) ?? [])
}

function checkFor(algorithm: string, group: WycheproofGroup): WycheproofCheck | undefined {
  switch (algorithm) {
    case 'AES-GCM':
      return checkAead({ 128: 0x0001, 256: 0x0002 })
    case 'CHACHA20-POLY1305':
      return checkAead({ 256: 0x0003 })
    case 'HKDF-SHA-256':
      return checkHkdf(0x0001)
    case 'HKDF-SHA-384':
      return checkHkdf(0x0002)
    case 'HKDF-SHA-512':
      return checkHkdf(0x0003)
    case 'ECDH':
    case 'XDH':
      return checkDh(String(group.curve))
    case 'ECDSA':
    case 'EDDSA':
      return checkSignature()
    default:
      return undefined
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
