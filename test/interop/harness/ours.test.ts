// The working group's scripts among instances of coterie: in suites 1 to 7, with handshakes public and private, in every
// provider, and over gRPC between servers of different providers.
import { describe, expect, it } from 'vitest'
import { loadProvider, type ProviderName } from '../../conformance/providers.ts'
import { type Campaign, meetPeer, openPeer, runCampaign } from './campaign.ts'
import { configsFolder, loadScripts } from './load-scripts.ts'
import type { Peer } from './run.ts'
import type { Script } from './script.ts'
import { coterieStack } from './server.ts'
import { spawnServer } from './spawn.ts'

const SUITES = [1, 2, 3, 4, 5, 6, 7]
// The one script of `deep_random.json` takes as long as all others in all suites.
const LONG = 'deep_random.json'
const SHORT_SCRIPTS = 39
const folder = configsFolder()

// What differs between the handshake modes does not differ between the providers.
describe.runIf(folder !== undefined).each([
  ['node', [false, true]],
  ['noble', [true]],
  ['webcrypto', [true]],
] as const)('instances of coterie with the provider %s', (provider, handshakes) => {
  it.each(SUITES)(
    'play all scripts but the long one in suite %i',
    async (suite) => {
      const peers = [await instance(provider)]
      const scripts = await scriptsWhere(({ config }) => config !== LONG)
      const passed = handshakes.length * SHORT_SCRIPTS
      expect(await play({ scripts, peers, suites: [suite], handshakes })).toEqual({ passed })
    },
    600_000,
  )
})

describe.runIf(folder !== undefined)('instances of coterie', () => {
  it('play the long script, encrypted, in suite 1', async () => {
    const scripts = await scriptsWhere(({ config }) => config === LONG)
    const peers = [await instance('node')]
    expect(await play({ scripts, peers, suites: [1], handshakes: [true] })).toEqual({ passed: 1 })
  }, 600_000)

  it('play together over gRPC, each ordered pair of two', async () => {
    const servers = [await spawnServer('node'), await spawnServer('noble')]
    const peers = []
    try {
      for (const { address } of servers) peers.push(await openPeer(address))
      const scripts = await scriptsWhere(({ config }) => config !== LONG)
      const campaign = { scripts, peers, suites: [1], handshakes: [false, true] }
      expect(await play(campaign)).toEqual({ passed: 4 * 2 * SHORT_SCRIPTS })
    } finally {
      for (const peer of peers) peer.close()
      for (const server of servers) await server.close()
    }
  }, 600_000)
})

async function instance(provider: ProviderName): Promise<Peer> {
  const stack = coterieStack(await loadProvider(provider))
  return meetPeer((name, request) => stack[name](request), 'this process')
}

async function scriptsWhere(chosen: (script: Script) => boolean): Promise<readonly Script[]> {
  return (await loadScripts(folder ?? '')).filter(chosen)
}

/** How many runs passed, and of every other one what it was of and how it ended. */
async function play(campaign: Omit<Campaign, 'casting'>): Promise<{ passed: number; others?: readonly unknown[] }> {
  let passed = 0
  const others: unknown[] = []
  for await (const { script, suite, encryptHandshake, runs } of runCampaign({
    ...campaign,
    casting: { mode: 'pairs' },
  })) {
    for (const { cast, outcome } of runs) {
      if (outcome.result === 'passed') passed += 1
      else others.push({ config: script.config, script: script.name, suite, encryptHandshake, cast, outcome })
    }
  }
  return others.length === 0 ? { passed } : { passed, others }
}
