// DHKEM and ECDSA on the NIST curves (RFC 9180 §7.1, FIPS 186-5) by node:crypto.

import { diffieHellman, generateKeyPair, sign, verify } from 'node:crypto'
import type { HashPrimitive, SignaturePrimitive } from '../../contract.ts'
import type { DhKemPrimitive } from '../../dhkem.ts'
import { isUncompressedPoint } from '../../nist-curves.ts'
import { strictEcdsa } from '../../strict-signatures.ts'
import { KEM_P256, KEM_P384, KEM_P521 } from '../../suites.ts'
import { nodeDhKem } from './dh-kem.ts'
import { nodeSha256, nodeSha384, nodeSha512 } from './hash.ts'
import { NistKeys, NODE_P256, NODE_P384, NODE_P521, type NodeNistCurve } from './nist-keys.ts'
import { plainBytes } from './plain-bytes.ts'
import { verifyOnPool } from './verify-on-pool.ts'

export const nodeKemP256: DhKemPrimitive = /* @__PURE__ */ nistKem(KEM_P256, NODE_P256, nodeSha256)

export const nodeKemP384: DhKemPrimitive = /* @__PURE__ */ nistKem(KEM_P384, NODE_P384, nodeSha384)

export const nodeKemP521: DhKemPrimitive = /* @__PURE__ */ nistKem(KEM_P521, NODE_P521, nodeSha512)

export const nodeEcdsaP256: SignaturePrimitive = /* @__PURE__ */ ecdsa(NODE_P256, 'sha256')

export const nodeEcdsaP384: SignaturePrimitive = /* @__PURE__ */ ecdsa(NODE_P384, 'sha384')

export const nodeEcdsaP521: SignaturePrimitive = /* @__PURE__ */ ecdsa(NODE_P521, 'sha512')

function nistKem(id: number, curve: NodeNistCurve, hash: HashPrimitive): DhKemPrimitive {
  const { parameters, namedCurve } = curve
  const keys = new NistKeys(curve)
  return nodeDhKem(
    id,
    {
      nist: parameters,
      publicKeyLength: 1 + 2 * parameters.size,
      privateKeyLength: parameters.size,
      generateKeyPair: () => keys.generatePair(),
      keyPairOf: (privateKey) => keys.pairOf(privateKey),
      validatePublicKey: (publicKey) => isUncompressedPoint(parameters, publicKey),
      dh: (own, publicKey) =>
        plainBytes(
          diffieHellman({
            privateKey: keys.privateKey(own.privateKey, own.publicKey),
            publicKey: keys.publicKey(publicKey),
          }),
        ),
      publicKeyObject: (publicKey) => keys.publicKey(publicKey),
      passingPublicKeyObject: (publicKey) => keys.passingPublicKey(publicKey),
      privateKeyObject: (pair) => keys.privateKey(pair.privateKey, pair.publicKey),
      exportPublicKey: (key) => keys.exportPublicKey(key),
      generateOnPool: () =>
        new Promise((resolve, reject) => {
          generateKeyPair('ec', { namedCurve }, (error, publicKey, privateKey) => {
            if (error) reject(error)
            else resolve({ publicKey, privateKey })
          })
        }),
    },
    hash,
  )
}

function ecdsa(curve: NodeNistCurve, algorithm: string): SignaturePrimitive {
  const keys = new NistKeys(curve)
  return strictEcdsa(curve.parameters, {
    generateKeyPair: () => keys.generatePair(),
    keyPairOf: (privateKey) => keys.pairOf(privateKey),
    sign: (privateKey, data) => sign(algorithm, data, { key: keys.privateKey(privateKey), ...RAW }),
    verify: (publicKey, data, signature) =>
      verify(algorithm, data, { key: keys.publicKey(publicKey), ...RAW }, signature),
    verifyInBatch: (publicKey, data, signature) =>
      verifyOnPool(algorithm, data, { key: keys.passingPublicKey(publicKey), ...RAW }, signature),
  })
}

/** Signatures are r || s. */
const RAW = { dsaEncoding: 'ieee-p1363' } as const
