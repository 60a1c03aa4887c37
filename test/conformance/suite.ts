// What the conformance runner and its modules have in common: one module for each format of test vectors.
import type { CryptoProvider } from '../../src/crypto/contract.ts'

/** Counts the vectors of a file. */
export interface Report {
  pass(): void
  fail(message: string): void
  /** For what the provider or the runtime lacks. */
  skip(reason: string): void
}

/** Runs the vectors of one format. */
export interface VectorSuite {
  readonly name: string
  /** Whether a parsed file has this format, by its content alone. */
  recognises(json: unknown): boolean
  /** @param related - the other files of the folder, for vectors that build on one another */
  run(json: unknown, provider: CryptoProvider, report: Report, related?: readonly unknown[]): Promise<void>
}
