// What a client takes where the app does not say.

import { expect, test, vi } from 'vitest'
import { fastestProvider } from '../../src/client/options.ts'
import { GROUP_SUITE, suiteOf, WIRE_SUITE } from '../../src/client/suites.ts'

test('in Node.js its own cryptography computes', async () => {
  expect((await fastestProvider()).name).toBe('node')
})

test('where there is no Node.js, what the browser has', async () => {
  vi.stubGlobal('process', { ...process, versions: {} })
  try {
    const provider = await fastestProvider()
    expect(provider.name).toBe('webcrypto')
    for (const id of [GROUP_SUITE, WIRE_SUITE]) expect(suiteOf(provider, id).id).toBe(id)
  } finally {
    vi.unstubAllGlobals()
  }
})

test('a provider that lacks a suite is refused', () => {
  const lacking = { name: 'lacking', suite: () => undefined, suites: [] }
  expect(() => suiteOf(lacking, GROUP_SUITE)).toThrow(expect.objectContaining({ code: 'CRYPTO_UNSUPPORTED_SUITE' }))
})
