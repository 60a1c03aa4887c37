// DHKEM(P-521, HKDF-SHA512) (RFC 9180 §7.1) and ECDSA on P-521 with SHA-512 by @noble/curves.

import { p521 } from '@noble/curves/nist.js'
import type { SignaturePrimitive } from '../../contract.ts'
import { type DhKemPrimitive, dhKem } from '../../dhkem.ts'
import { P521 } from '../../nist-curves.ts'
import { KEM_P521 } from '../../suites.ts'
import { nobleSha512 } from './hash.ts'
import { nobleEcdsa, nobleNistDh } from './nist.ts'

export const nobleKemP521: DhKemPrimitive = /* @__PURE__ */ dhKem(
  KEM_P521,
  /* @__PURE__ */ nobleNistDh(P521, p521),
  nobleSha512,
)

export const nobleEcdsaP521: SignaturePrimitive = /* @__PURE__ */ nobleEcdsa(P521, p521)
