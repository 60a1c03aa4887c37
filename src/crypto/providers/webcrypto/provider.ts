// All suites, each with as much of `crypto.subtle` as the runtime has.

import type { CryptoProvider } from '../../contract.ts'
import { createProvider } from '../../provider.ts'
import { suite1, suite2, suite3, suite4, suite5, suite6, suite7 } from '../noble/suites.ts'
import { webCryptoSuite } from './suite.ts'

/**
 * All seven suites of RFC 9420 §17.1 by Web Cryptography where this runtime has it, else by @noble. To bundle fewer,
 * pass single suites to `webCryptoSuite`.
 */
export async function createWebCryptoProvider(): Promise<CryptoProvider> {
  const suites = [suite1, suite2, suite3, suite4, suite5, suite6, suite7]
  return createProvider('webcrypto', await Promise.all(suites.map(webCryptoSuite)))
}
