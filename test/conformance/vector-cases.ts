// Reads files of vectors that are lists of objects, and runs each as one case.
import { fromHex, toHex } from '../../src/bytes.ts'
import type { CryptoProvider } from '../../src/crypto/contract.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import type { Report } from './suite.ts'

/** Whether a file is a list of objects whose first has exactly these keys. */
export function isListOf(json: unknown, keys: readonly string[]): boolean {
  if (!Array.isArray(json)) return false
  const first: unknown = json[0]
  if (typeof first !== 'object' || first === null) return false
  return Object.keys(first).sort().join() === [...keys].sort().join()
}

/** Runs each case of a file under its cipher suite; what throws has failed. */
export async function runSuiteCases<T extends { readonly cipher_suite: number }>(
  json: unknown,
  provider: CryptoProvider,
  report: Report,
  check: (suite: CipherSuite, vector: T) => void | Promise<void>,
): Promise<void> {
  await runCases<T>(json, report, async (vector) => {
    const suite = provider.suite(vector.cipher_suite)
    if (suite === undefined) return `${provider.name} has no cipher suite ${vector.cipher_suite}`
    await check(suite, vector)
    return undefined
  })
}

/** Runs each case of a file; what throws has failed, what returns a reason has been skipped. */
export async function runCases<T>(
  json: unknown,
  report: Report,
  check: (vector: T) => Promise<string | undefined>,
): Promise<void> {
  for (const [index, vector] of (json as readonly T[]).entries()) {
    try {
      const reason = await check(vector)
      if (reason === undefined) report.pass()
      else report.skip(reason)
    } catch (error) {
      report.fail(`case ${index}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

/** Reads a vector's hexadecimal. */
export function bytes(hex: string): Uint8Array {
  const read = fromHex(hex)
  if (read === undefined) throw new Error(`not hexadecimal: ${hex}`)
  return read
}

/** Throws where bytes are not those of the vector. */
export function expectBytes(name: string, actual: Uint8Array, expectedHex: string): void {
  if (toHex(actual) !== expectedHex.toLowerCase()) {
    throw new Error(`${name} is ${toHex(actual)} instead of ${expectedHex}`)
  }
}

/** Throws where a condition does not hold. */
export function expectTrue(what: string, holds: boolean): void {
  if (!holds) throw new Error(`it does not hold that ${what}`)
}
