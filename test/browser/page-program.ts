// What runs inside the page: the vectors, the conformance suite of providers, and a group, called by the runner.
import type { CryptoProvider } from '../../src/crypto/contract.ts'
import { nobleProvider } from '../../src/crypto-noble.ts'
import { createWebCryptoProvider } from '../../src/crypto-webcrypto.ts'
import { providerConformance } from '../../src/testing/provider-conformance.ts'
import { runFile } from '../conformance/run-file.ts'
import { groupScenario } from '../runtimes/group-scenario.ts'

export type BrowserProviderName = 'noble' | 'webcrypto'

/** A count that can leave the page. */
export interface PageOutcome {
  readonly module: string
  readonly passed: number
  readonly failures: readonly string[]
  readonly skipped: number
  readonly skipReasons: readonly (readonly [reason: string, count: number])[]
}

/** What the runner calls. */
export interface PageTests {
  /** Runs a file of vectors; `related` are the other files of its folder. */
  runVectors(provider: BrowserProviderName, url: string, related: readonly string[]): Promise<PageOutcome>
  runProviderConformance(provider: BrowserProviderName): Promise<PageOutcome>
  /** Runs the life of a group in every suite. */
  runGroups(provider: BrowserProviderName): Promise<PageOutcome>
  /** Where the page is, and by whom each suite of the provider is implemented. */
  describe(
    provider: BrowserProviderName,
  ): Promise<{ readonly isSecure: boolean; readonly hasSubtle: boolean; readonly implementers: readonly string[] }>
}

const providers: Readonly<Record<BrowserProviderName, () => Promise<CryptoProvider>>> = {
  noble: async () => nobleProvider,
  webcrypto: createWebCryptoProvider,
}
const files = new Map<string, Promise<unknown>>()

const tests: PageTests = {
  async runVectors(provider, url, related) {
    const json = await load(url)
    const others = await Promise.all(related.map(load))
    const outcome = await runFile(json, await providers[provider](), others)
    return { ...outcome, module: outcome.module ?? '-', skipReasons: [...outcome.skipReasons] }
  },
  async runProviderConformance(provider) {
    return runCases('provider conformance', providerConformance(await providers[provider]()))
  },
  async runGroups(provider) {
    const { suites, suite } = await providers[provider]()
    const cases = suites.map((id) => ({
      name: `suite ${id}`,
      async run() {
        const found = suite(id)
        if (found === undefined) throw new Error('the provider lacks it')
        await groupScenario(found)
      },
    }))
    return runCases('groups', cases)
  },
  async describe(provider) {
    const { suites, suite } = await providers[provider]()
    return {
      isSecure: Reflect.get(globalThis, 'isSecureContext') === true,
      hasSubtle: globalThis.crypto.subtle !== undefined,
      implementers: suites.map((id) => suite(id)?.provider ?? 'nobody'),
    }
  },
}

Object.assign(globalThis, { tests })

async function runCases(
  module: string,
  cases: readonly { readonly name: string; run(): Promise<void> }[],
): Promise<PageOutcome> {
  const failures: string[] = []
  for (const { name, run } of cases) {
    try {
      await run()
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { module, passed: cases.length - failures.length, failures, skipped: 0, skipReasons: [] }
}

function load(url: string): Promise<unknown> {
  const known = files.get(url)
  if (known !== undefined) return known
  const loading = fetch(url).then(async (response): Promise<unknown> => {
    if (!response.ok) throw new Error(`${url}: ${response.status}`)
    return response.json()
  })
  files.set(url, loading)
  return loading
}
