// DHKEM(X448, HKDF-SHA512) (RFC 9180 §7.1) by @noble/curves.

import { x448 } from '@noble/curves/ed448.js'
import { type DhKemPrimitive, type DhPrimitive, dhKem } from '../../dhkem.ts'
import { KEM_X448 } from '../../suites.ts'
import { nobleSha512 } from './hash.ts'
import { montgomeryDh } from './montgomery-dh.ts'

const nobleX448: DhPrimitive = /* @__PURE__ */ montgomeryDh(x448, 56)

export const nobleKemX448: DhKemPrimitive = /* @__PURE__ */ dhKem(KEM_X448, nobleX448, nobleSha512)
