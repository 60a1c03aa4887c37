// DHKEM(P-384, HKDF-SHA384) (RFC 9180 §7.1) and ECDSA on P-384 with SHA-384 by @noble/curves.

import { p384 } from '@noble/curves/nist.js'
import type { SignaturePrimitive } from '../../contract.ts'
import { type DhKemPrimitive, dhKem } from '../../dhkem.ts'
import { P384 } from '../../nist-curves.ts'
import { KEM_P384 } from '../../suites.ts'
import { nobleSha384 } from './hash.ts'
import { nobleEcdsa, nobleNistDh } from './nist.ts'

export const nobleKemP384: DhKemPrimitive = /* @__PURE__ */ dhKem(
  KEM_P384,
  /* @__PURE__ */ nobleNistDh(P384, p384),
  nobleSha384,
)

export const nobleEcdsaP384: SignaturePrimitive = /* @__PURE__ */ nobleEcdsa(P384, p384)
