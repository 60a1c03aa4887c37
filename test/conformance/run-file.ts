// Runs one file of vectors under one provider, whatever its format, and counts.
import type { CryptoProvider } from '../../src/crypto/contract.ts'
import { allSuites } from './all-suites.ts'

export interface FileOutcome {
  /** The module that ran it. Undefined where the format is of no module. */
  readonly module: string | undefined
  readonly passed: number
  /** One message for each failure. */
  readonly failures: readonly string[]
  readonly skipped: number
  /** How many were skipped for each reason. */
  readonly skipReasons: ReadonlyMap<string, number>
}

/**
 * @param json - the parsed file
 * @param related - the other files of its folder
 */
export async function runFile(
  json: unknown,
  provider: CryptoProvider,
  related: readonly unknown[],
): Promise<FileOutcome> {
  let passed = 0
  let skipped = 0
  const failures: string[] = []
  const skipReasons = new Map<string, number>()
  const skip = (reason: string): void => {
    skipped++
    skipReasons.set(reason, (skipReasons.get(reason) ?? 0) + 1)
  }
  const module = allSuites.find(({ recognises }) => recognises(json))
  if (module === undefined) {
    skip('unrecognised: its content has no format that is known')
    return { module: undefined, passed, failures, skipped, skipReasons }
  }
  const report = { pass: () => void passed++, fail: (message: string) => void failures.push(message), skip }
  try {
    await module.run(json, provider, report, related)
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error))
  }
  if (passed + failures.length + skipped === 0) failures.push('the file has no cases')
  return { module: module.name, passed, failures, skipped, skipReasons }
}
