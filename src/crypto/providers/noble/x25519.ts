// DHKEM(X25519, HKDF-SHA256) (RFC 9180 §7.1) by @noble/curves.

import { x25519 } from '@noble/curves/ed25519.js'
import { type DhKemPrimitive, type DhPrimitive, dhKem } from '../../dhkem.ts'
import { KEM_X25519 } from '../../suites.ts'
import { nobleSha256 } from './hash.ts'
import { montgomeryDh } from './montgomery-dh.ts'

const nobleX25519: DhPrimitive = /* @__PURE__ */ montgomeryDh(x25519, 32)

export const nobleKemX25519: DhKemPrimitive = /* @__PURE__ */ dhKem(KEM_X25519, nobleX25519, nobleSha256)
