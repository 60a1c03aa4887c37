// DHKEM over X25519 and X448 (RFC 9180 §7.1, RFC 7748) by node:crypto.

import { diffieHellman, generateKeyPair } from 'node:crypto'
import type { KeyPair } from '../../contract.ts'
import type { DhKemPrimitive } from '../../dhkem.ts'
import { Secret } from '../../secret.ts'
import { KEM_X448, KEM_X25519 } from '../../suites.ts'
import { type NodeDhPrimitive, nodeDhKem } from './dh-kem.ts'
import { nodeSha256, nodeSha512 } from './hash.ts'
import { OkpKeys, X448, X25519 } from './okp-keys.ts'
import { plainBytes } from './plain-bytes.ts'
import { randomBytes } from './random.ts'

export const nodeKemX25519: DhKemPrimitive = /* @__PURE__ */ nodeDhKem(
  KEM_X25519,
  /* @__PURE__ */ montgomeryDh('x25519', /* @__PURE__ */ new OkpKeys(X25519), 32),
  nodeSha256,
)

export const nodeKemX448: DhKemPrimitive = /* @__PURE__ */ nodeDhKem(
  KEM_X448,
  /* @__PURE__ */ montgomeryDh('x448', /* @__PURE__ */ new OkpKeys(X448), 56),
  nodeSha512,
)

function montgomeryDh(type: 'x25519' | 'x448', keys: OkpKeys, size: number): NodeDhPrimitive {
  async function keyPairOf(privateKey: Uint8Array): Promise<KeyPair> {
    const secret = new Secret(privateKey)
    return { publicKey: await keys.publicBytes(secret), privateKey: secret }
  }

  return {
    publicKeyLength: size,
    privateKeyLength: size,
    generateKeyPair: () => keyPairOf(randomBytes(size)),
    keyPairOf,
    validatePublicKey: (publicKey) => publicKey.length === size,
    async dh(own, publicKey) {
      const privateKey = await keys.privateKey(own.privateKey)
      return plainBytes(diffieHellman({ privateKey, publicKey: await keys.publicKey(publicKey) }))
    },
    publicKeyObject: (publicKey) => keys.publicKey(publicKey),
    passingPublicKeyObject: (publicKey) => keys.passingPublicKey(publicKey),
    privateKeyObject: (pair) => keys.privateKey(pair.privateKey),
    exportPublicKey: (key) => keys.exportPublicKey(key),
    generateOnPool: () =>
      new Promise((resolve, reject) => {
        generateKeyPair(type as 'x25519', {}, (error, publicKey, privateKey) => {
          if (error) reject(error)
          else resolve({ publicKey, privateKey })
        })
      }),
  }
}
