// Clients that are added to a group and follow it, without ever sending (RFC 9420 §12.4.2, §12.4.3.1): the passive-client files
// of the working group, and others of that format.
import type { CryptoProvider } from '../../src/crypto/contract.ts'
import { CoterieError } from '../../src/errors.ts'
import { isListWith, lacksSuite } from './json-shape.ts'
import { KnownStates } from './known-states.ts'
import { runScenario } from './passive-scenario.ts'
import { readScenario } from './scenario.ts'
import type { Report, VectorSuite } from './suite.ts'

/** One scenario of a file, with where its outcome is reported. */
interface Case {
  readonly value: unknown
  readonly index: number
  /** Undefined for scenarios of other files, which are only run for the states that they lead to. */
  readonly report: Report | undefined
}

/** A case that needs a group that no other case has led to yet. */
interface WaitingCase extends Case {
  readonly error: CoterieError
}

export const passiveClient: VectorSuite = {
  name: 'passive-client',
  recognises: isPassiveClient,
  async run(json, provider, report, related = []) {
    const known = new KnownStates()
    let waiting: readonly WaitingCase[] = await runAll(casesOf(json, report), provider, known)
    if (waiting.length === 0) return
    const others = related.filter(isPassiveClient).flatMap((file) => casesOf(file, undefined))
    waiting = [...waiting, ...(await runAll(others, provider, known))]
    for (let before = Number.POSITIVE_INFINITY; waiting.length < before; ) {
      before = waiting.length
      waiting = await runAll(waiting, provider, known)
    }
    for (const { index, error, report: own } of waiting) own?.fail(`case ${index}: ${error.message}`)
  },
}

function isPassiveClient(json: unknown): boolean {
  return isListWith(json, [
    'cipher_suite',
    'key_package',
    'signature_priv',
    'encryption_priv',
    'init_priv',
    'welcome',
    'initial_epoch_authenticator',
    'epochs',
  ])
}

function casesOf(json: unknown, report: Report | undefined): Case[] {
  if (!Array.isArray(json)) throw new Error('the file is not a list')
  return json.map((value: unknown, index) => ({ value, index, report }))
}

/** Runs cases in order and reports them, all but those that wait for another. */
async function runAll(cases: readonly Case[], provider: CryptoProvider, known: KnownStates): Promise<WaitingCase[]> {
  const waiting: WaitingCase[] = []
  for (const item of cases) {
    const { value, index, report } = item
    try {
      const scenario = readScenario(value)
      const suite = provider.suite(scenario.cipher_suite)
      if (suite === undefined) {
        report?.skip(lacksSuite(provider, scenario.cipher_suite))
        continue
      }
      await runScenario(suite, scenario, known, index)
      report?.pass()
    } catch (error) {
      if (CoterieError.is(error, 'PSK_UNKNOWN')) waiting.push({ ...item, error })
      else report?.fail(`case ${index}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return waiting
}
