// The vectors of ratchet tree and group (RFC 9420 §7, §12.4, Appendix C), in every provider; and that no value of theirs can be
// changed unnoticed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CryptoProvider } from '../../src/crypto/contract.ts'
import { loadProvider } from '../conformance/providers.ts'
import { runFile } from '../conformance/run-file.ts'
import { vectorsFolder } from './location.ts'

/** Each file with the module that is to recognise it and the number of its cases. */
const FILES: readonly (readonly [file: string, module: string, cases: number])[] = [
  ['mlswg/passive-client-handling-commit.json', 'passive-client', 91],
  ['mlswg/passive-client-random.json', 'passive-client', 1],
  ['mlswg/passive-client-welcome.json', 'passive-client', 56],
  ['mlswg/tree-math.json', 'tree-math', 10],
  ['mlswg/tree-operations.json', 'tree-operations', 5],
  ['mlswg/tree-validation.json', 'tree-validation', 98],
  ['mlswg/treekem.json', 'treekem', 77],
  ['mlswg/welcome.json', 'welcome', 7],
  ['mls-rs/path_secret.json', 'path secret', 7],
  ['mls-rs/tree_hash.json', 'tree hash', 7],
  ['mls-rs/tree_modifications_interop.json', 'tree modifications', 7],
]

/** One case of two hundred epochs, which pure JavaScript takes half a minute for: `npm run conformance` runs it. */
const LONG = 'mlswg/passive-client-random.json'

/** What a case does not depend on: who adds a member; which of two suites with the same hash function it is. */
const FREE: Readonly<Record<string, readonly string[]>> = {
  'mlswg/tree-operations.json': ['.proposal_sender'],
  'mls-rs/path_secret.json': ['.cipher_suite'],
  'mls-rs/tree_hash.json': ['.cipher_suite'],
}

const folder = vectorsFolder()

describe.runIf(folder !== undefined)('vectors of tree and group', () => {
  it.each(FILES)('node passes %s', async (file, module, cases) => {
    const { skipReasons: _, ...outcome } = await runFile(read(file), await loadProvider('node'), [])
    expect(outcome).toEqual({ module, passed: cases, failures: [], skipped: 0 })
  })

  for (const name of ['noble', 'webcrypto'] as const) {
    it.each(FILES.filter(([file]) => file !== LONG))(`${name} passes one case of each suite of %s`, async (file) => {
      const cases = oneOfEachSuite(read(file))
      const { passed, failures } = await runFile(cases, await loadProvider(name), [])
      expect({ passed, failures }).toEqual({ passed: cases.length, failures: [] })
    })
  }

  it.each(FILES.filter(([file]) => file !== LONG))('no other value can stand in the first case of %s', async (file) => {
    const provider = await loadProvider('node')
    const [first] = read(file)
    expect(await passes([first], provider)).toBe(true)
    const unnoticed: string[] = []
    for (const [place, changed] of changes(first)) if (await passes([changed], provider)) unnoticed.push(place)
    expect(unnoticed).toEqual(FREE[file] ?? [])
  })
})

function read(file: string): unknown[] {
  return JSON.parse(readFileSync(join(folder ?? '', file), 'utf8')) as unknown[]
}

/** The first case of each cipher suite, or of all where cases have none. */
function oneOfEachSuite(cases: readonly unknown[]): unknown[] {
  const bySuite = new Map(cases.toReversed().map((one) => [(one as { cipher_suite?: number }).cipher_suite, one]))
  return [...bySuite.values()]
}

async function passes(cases: readonly unknown[], provider: CryptoProvider): Promise<boolean> {
  return (await runFile(cases, provider, [])).passed > 0
}

/** Copies of a value, each with one number or one hexadecimal digit in it changed. */
function* changes(value: unknown, place = ''): Generator<[place: string, changed: unknown]> {
  if (typeof value === 'number') yield [place, value + 1]
  else if (typeof value === 'string' && value !== '')
    yield [place, value.slice(0, -1) + (value.endsWith('0') ? '1' : '0')]
  else if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      for (const [where, changed] of changes(element, `${place}[${index}]`)) yield [where, value.with(index, changed)]
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, element] of Object.entries(value)) {
      for (const [where, changed] of changes(element, `${place}.${name}`)) yield [where, { ...value, [name]: changed }]
    }
  }
}
