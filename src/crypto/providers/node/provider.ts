// All suites that the node provider offers, under one name.

import type { CryptoProvider } from '../../contract.ts'
import { createProvider } from '../../provider.ts'
import { suite1, suite2, suite3, suite4, suite5, suite6, suite7 } from './suites.ts'

/** All seven suites of RFC 9420 §17.1. To bundle fewer, pass single suites to `createProvider`. */
export const nodeProvider: CryptoProvider = /* @__PURE__ */ createProvider('node', [
  suite1,
  suite2,
  suite3,
  suite4,
  suite5,
  suite6,
  suite7,
])
