// DHKEM(P-256, HKDF-SHA256) (RFC 9180 §7.1) and ECDSA on P-256 with SHA-256 by @noble/curves.

import { p256 } from '@noble/curves/nist.js'
import type { SignaturePrimitive } from '../../contract.ts'
import { type DhKemPrimitive, dhKem } from '../../dhkem.ts'
import { P256 } from '../../nist-curves.ts'
import { KEM_P256 } from '../../suites.ts'
import { nobleSha256 } from './hash.ts'
import { nobleEcdsa, nobleNistDh } from './nist.ts'

export const nobleKemP256: DhKemPrimitive = /* @__PURE__ */ dhKem(
  KEM_P256,
  /* @__PURE__ */ nobleNistDh(P256, p256),
  nobleSha256,
)

export const nobleEcdsaP256: SignaturePrimitive = /* @__PURE__ */ nobleEcdsa(P256, p256)
