// Pure folders stay pure: clocks, global randomness, timers, host objects and unawaited promises planted there are
// reported by the linter, and what the providers need is allowed to them alone.
import { describe, expect, test } from 'vitest'
import { scratchProject } from './scratch-project.ts'

const pureRooms = ['codec', 'crypto', 'messages', 'tree', 'schedule', 'framing', 'group', 'session']

// Name of the planted file → the rule that must report it, and the code.
const impurities: Readonly<Record<string, readonly [rule: string, text: string]>> = {
  'date-now': ['noJsRestrictedProperties', 'export const planted: number = Date.now()'],
  'new-date': ['noRestrictedGlobals', 'export const planted: unknown = new Date()'],
  'math-random': ['noJsRestrictedProperties', 'export const planted: number = Math.random()'],
  'performance-now': ['noRestrictedGlobals', 'export const planted: number = performance.now()'],
  'set-timeout': ['noRestrictedGlobals', 'setTimeout(() => undefined, 1)'],
  'set-interval': ['noRestrictedGlobals', 'setInterval(() => undefined, 1)'],
  'global-crypto': ['noRestrictedGlobals', 'export const planted: unknown = crypto'],
  'global-this-crypto': ['noRestrictedGlobals', 'export const planted: unknown = globalThis.crypto'],
  console: ['noRestrictedGlobals', "console.log('planted')"],
  process: ['noRestrictedGlobals', 'export const planted: unknown = process.env'],
  buffer: ['noRestrictedGlobals', "export const planted: unknown = Buffer.from('')"],
  'floating-promise': ['noFloatingPromises', 'export async function planted(): Promise<void> {}\nplanted()'],
  'misused-promise': [
    'noMisusedPromises',
    `interface Verifier { verify(): Promise<boolean> }
     export const planted = (v: Verifier): string => { if (v.verify()) { return 'always' } return 'never' }`,
  ],
}

const providerCode = 'export const planted: unknown = globalThis.crypto.subtle\nexport const other: unknown = crypto\n'

const biome = 'node_modules/@biomejs/biome/bin/biome'
const lint = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=github', 'src']

describe('lint', () => {
  test('reports every impurity in every pure folder', async () => {
    await using project = await scratchProject({ withSource: false })
    const planted = pureRooms.flatMap((room) =>
      Object.entries(impurities).map(([name, [rule, text]]) => ({
        path: `src/${room}/planted-${name}.ts`,
        rule,
        text,
      })),
    )
    await project.plant(Object.fromEntries(planted.map(({ path, text }) => [path, `${text}\n`])))
    const { code, output } = await project.run(biome, ...lint)
    const reports = output.split('\n')
    const missed = planted.filter(
      ({ path, rule }) => !reports.some((line) => line.includes(`/${rule},`) && line.includes(`/${path},`)),
    )
    expect(missed).toEqual([])
    expect(code).toBe(1)
  })

  test('allows a provider, and only a provider, to reach the host crypto', async () => {
    await using project = await scratchProject({ withSource: false })
    await project.plant({ 'src/crypto/providers/webcrypto/planted.ts': providerCode })
    expect(await project.run(biome, ...lint)).toMatchObject({ code: 0 })
    await project.plant({ 'src/group/planted.ts': providerCode })
    expect(await project.run(biome, ...lint)).toMatchObject({ code: 1 })
  })
})
