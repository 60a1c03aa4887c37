// The library's own providers keep the contract that users' providers are held to.
import { describe, expect, test } from 'vitest'
import { providerConformance } from '../../../src/testing.ts'
import { PROVIDERS } from './all-providers.ts'

describe.each(PROVIDERS.map((provider) => ({ name: provider.name, provider })))('$name', ({ provider }) => {
  const cases = providerConformance(provider)

  test('offers all suites of RFC 9420 §17.1', () => {
    expect(provider.suites).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  test.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })
})
