// A few lives of each kind, and that a seed decides everything.
import { describe, expect, test } from 'vitest'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { PROFILE_NAMES } from '../../src/testing/simulation/profiles.ts'
import { simulate } from '../../src/testing/simulation/simulation.ts'

const SEEDS = [1, 2]

describe.each(PROFILE_NAMES)('simulated groups: %s', (profile) => {
  test.each(SEEDS)('seed %i', async (seed) => {
    const report = await simulate({ provider: nodeProvider, seed, profile })
    expect(report.failures).toEqual([])
    expect(report.messages).toBeGreaterThan(0)
    expect(report.delivered).toBeGreaterThan(0)
  })

  test('the same seed, the same life', async () => {
    const [one, other] = [
      await simulate({ provider: nodeProvider, seed: 3, profile }),
      await simulate({ provider: nodeProvider, seed: 3, profile }),
    ]
    expect(other.trace).toEqual(one.trace)
    expect(other.digest).toBe(one.digest)
  })
})
