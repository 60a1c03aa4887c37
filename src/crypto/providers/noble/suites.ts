// The seven suites of RFC 9420 §17.1 in pure JavaScript. Each is a value of its own, so that unused ones are not bundled.

import { composeSuite } from '../../compose-suite.ts'
import type { SuitePrimitives } from '../../contract.ts'
import { SUITE_1, SUITE_2, SUITE_3, SUITE_4, SUITE_5, SUITE_6, SUITE_7 } from '../../suites.ts'
import { nobleAes128Gcm, nobleAes256Gcm } from './aes-gcm.ts'
import { nobleChaCha20Poly1305 } from './chacha20-poly1305.ts'
import { nobleEd448 } from './ed448.ts'
import { nobleEd25519 } from './ed25519.ts'
import { nobleSha256, nobleSha384, nobleSha512 } from './hash.ts'
import { nobleEcdsaP256, nobleKemP256 } from './p256.ts'
import { nobleEcdsaP384, nobleKemP384 } from './p384.ts'
import { nobleEcdsaP521, nobleKemP521 } from './p521.ts'
import { randomBytes } from './random.ts'
import { nobleKemX448 } from './x448.ts'
import { nobleKemX25519 } from './x25519.ts'

/** MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 */
export const suite1: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_1, 'noble', {
  hash: nobleSha256,
  aead: nobleAes128Gcm,
  kem: nobleKemX25519,
  signature: nobleEd25519,
  randomBytes,
})

/** MLS_128_DHKEMP256_AES128GCM_SHA256_P256 */
export const suite2: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_2, 'noble', {
  hash: nobleSha256,
  aead: nobleAes128Gcm,
  kem: nobleKemP256,
  signature: nobleEcdsaP256,
  randomBytes,
})

/** MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519 */
export const suite3: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_3, 'noble', {
  hash: nobleSha256,
  aead: nobleChaCha20Poly1305,
  kem: nobleKemX25519,
  signature: nobleEd25519,
  randomBytes,
})

/** MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448 */
export const suite4: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_4, 'noble', {
  hash: nobleSha512,
  aead: nobleAes256Gcm,
  kem: nobleKemX448,
  signature: nobleEd448,
  randomBytes,
})

/** MLS_256_DHKEMP521_AES256GCM_SHA512_P521 */
export const suite5: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_5, 'noble', {
  hash: nobleSha512,
  aead: nobleAes256Gcm,
  kem: nobleKemP521,
  signature: nobleEcdsaP521,
  randomBytes,
})

/** MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448 */
export const suite6: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_6, 'noble', {
  hash: nobleSha512,
  aead: nobleChaCha20Poly1305,
  kem: nobleKemX448,
  signature: nobleEd448,
  randomBytes,
})

/** MLS_256_DHKEMP384_AES256GCM_SHA384_P384 */
export const suite7: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_7, 'noble', {
  hash: nobleSha384,
  aead: nobleAes256Gcm,
  kem: nobleKemP384,
  signature: nobleEcdsaP384,
  randomBytes,
})
