// The seven suites of RFC 9420 §17.1 by node:crypto. Each is a value of its own, so that unused ones are not bundled.

import { composeSuite } from '../../compose-suite.ts'
import type { SuitePrimitives } from '../../contract.ts'
import { SUITE_1, SUITE_2, SUITE_3, SUITE_4, SUITE_5, SUITE_6, SUITE_7 } from '../../suites.ts'
import { nodeAes128Gcm, nodeAes256Gcm, nodeChaCha20Poly1305 } from './aead.ts'
import { nodeEd448, nodeEd25519 } from './eddsa.ts'
import { nodeSha256, nodeSha384, nodeSha512 } from './hash.ts'
import { nodeKemX448, nodeKemX25519 } from './montgomery.ts'
import { nodeEcdsaP256, nodeEcdsaP384, nodeEcdsaP521, nodeKemP256, nodeKemP384, nodeKemP521 } from './nist.ts'
import { randomBytes } from './random.ts'

/** MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 */
export const suite1: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_1, 'node', {
  hash: nodeSha256,
  aead: nodeAes128Gcm,
  kem: nodeKemX25519,
  signature: nodeEd25519,
  randomBytes,
})

/** MLS_128_DHKEMP256_AES128GCM_SHA256_P256 */
export const suite2: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_2, 'node', {
  hash: nodeSha256,
  aead: nodeAes128Gcm,
  kem: nodeKemP256,
  signature: nodeEcdsaP256,
  randomBytes,
})

/** MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519 */
export const suite3: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_3, 'node', {
  hash: nodeSha256,
  aead: nodeChaCha20Poly1305,
  kem: nodeKemX25519,
  signature: nodeEd25519,
  randomBytes,
})

/** MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448 */
export const suite4: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_4, 'node', {
  hash: nodeSha512,
  aead: nodeAes256Gcm,
  kem: nodeKemX448,
  signature: nodeEd448,
  randomBytes,
})

/** MLS_256_DHKEMP521_AES256GCM_SHA512_P521 */
export const suite5: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_5, 'node', {
  hash: nodeSha512,
  aead: nodeAes256Gcm,
  kem: nodeKemP521,
  signature: nodeEcdsaP521,
  randomBytes,
})

/** MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448 */
export const suite6: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_6, 'node', {
  hash: nodeSha512,
  aead: nodeChaCha20Poly1305,
  kem: nodeKemX448,
  signature: nodeEd448,
  randomBytes,
})

/** MLS_256_DHKEMP384_AES256GCM_SHA384_P384 */
export const suite7: SuitePrimitives = /* @__PURE__ */ composeSuite(SUITE_7, 'node', {
  hash: nodeSha384,
  aead: nodeAes256Gcm,
  kem: nodeKemP384,
  signature: nodeEcdsaP384,
  randomBytes,
})
