// EdDSA verification is strict and the same in all providers, on crafted signatures at every edge (RFC 8032 §5.1.7, §5.2.7).
import { describe, expect, test } from 'vitest'
import { CoterieError } from '../../../src/errors.ts'
import { PROVIDERS, suiteOf } from './all-providers.ts'
import { edgeCases } from './eddsa-edge-cases.ts'

const SCHEMES = [
  { scheme: 'Ed25519', suite: 1 },
  { scheme: 'Ed448', suite: 4 },
] as const

describe.each(SCHEMES)('$scheme', ({ scheme, suite }) => {
  const cases = edgeCases(scheme)

  test('there are cases of both outcomes', () => {
    expect(cases.filter(({ valid }) => valid).length).toBeGreaterThan(3)
    expect(cases.filter(({ valid }) => !valid).length).toBeGreaterThan(50)
  })

  describe.each(PROVIDERS.map((provider) => ({ name: provider.name, provider })))('$name', ({ provider }) => {
    const { signature: primitive } = suiteOf(provider, suite)

    test.each(cases)('$name', async ({ publicKey, data, signature, valid }) => {
      expect(await accepts(primitive.verify(publicKey, data, signature))).toBe(valid)
      const all = primitive.verifyAll?.([{ publicKey, data, signature }])
      if (all !== undefined) expect(await accepts(all)).toBe(valid)
    })
  })
})

async function accepts(verifying: Promise<void>): Promise<boolean> {
  try {
    await verifying
    return true
  } catch (error) {
    if (CoterieError.is(error, 'CRYPTO_BAD_SIGNATURE')) return false
    throw error
  }
}
