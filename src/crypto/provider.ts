// Gathers suites under one name (RFC 9420 §5.1).

import { fail } from '../errors.ts'
import type { CryptoProvider, SuitePrimitives } from './contract.ts'

/**
 * A provider of exactly these suites. Only the suites that are passed in get bundled.
 * @param suites - in order of preference
 * @throws CoterieError `ARGUMENT_INVALID` (caller): a suite is given twice
 */
export function createProvider(name: string, suites: readonly SuitePrimitives[]): CryptoProvider {
  const byId = new Map(suites.map((suite) => [suite.id, suite]))
  if (byId.size !== suites.length) fail('ARGUMENT_INVALID', 'a provider cannot offer a cipher suite twice')
  return {
    name,
    suites: suites.map((suite) => suite.id),
    suite: (id) => byId.get(id),
  }
}
