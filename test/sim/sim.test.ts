// A few lives of each kind, and that a seed decides everything.
import { describe, expect, test } from 'vitest'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { PROFILE_NAMES } from '../../src/testing/simulation/profiles.ts'
import { shrink } from '../../src/testing/simulation/shrink.ts'
import { simulate } from '../../src/testing/simulation/simulation.ts'

describe.each(PROFILE_NAMES)('simulated groups: %s', (profile) => {
  test('everything holds that must', async () => {
    const report = await simulate({ provider: nodeProvider, seed: 1, profile })
    expect(report.failures).toEqual([])
    expect(report.messages).toBeGreaterThan(0)
    expect(report.delivered).toBeGreaterThan(0)
  })

  test('the same seed, the same life', async () => {
    const one = await simulate({ provider: nodeProvider, seed: 2, profile })
    const other = await simulate({ provider: nodeProvider, seed: 2, profile })
    expect(one.failures).toEqual([])
    expect(other.trace).toEqual(one.trace)
    expect(other.digest).toBe(one.digest)
  })
})

test('parts that went far apart meet again: whoever is added again is told how they parted', async () => {
  const report = await simulate({ provider: nodeProvider, seed: 8, profile: 'everything' })
  expect(report.failures).toEqual([])
  expect(report.readds).toBeGreaterThan(0)
})

test('another seed, another life', async () => {
  const one = await simulate({ provider: nodeProvider, seed: 1, profile: 'quiet' })
  const other = await simulate({ provider: nodeProvider, seed: 2, profile: 'quiet' })
  expect(other.digest).not.toBe(one.digest)
})

test('a part of a life is a life, and the failing part of one is found', async () => {
  const options = { provider: nodeProvider, seed: 1, profile: 'quiet' } as const
  const all = await simulate(options)
  const failed = { ...all, failures: [{ invariant: 'converged', what: 'as if' }] } as const
  // No shorter one fails, so that nothing can be left out.
  const { only } = await shrink(options, failed, { runs: 3 })
  expect(only).toHaveLength(all.script.length)
  const none = await simulate({ ...options, only: [] })
  expect(none.messages).toBe(0)
  expect(none.failures).toEqual([])
})
