// Ed25519 and Ed448 (RFC 8032) by node:crypto.

import { sign, verify } from 'node:crypto'
import type { KeyPair, SignaturePrimitive } from '../../contract.ts'
import { EDWARDS448, EDWARDS25519, type EddsaCurve } from '../../eddsa-strict.ts'
import { Secret } from '../../secret.ts'
import { strictEddsa } from '../../strict-signatures.ts'
import { isOnEdwards448 } from '../noble/ed448.ts'
import { isOnEdwards25519 } from '../noble/ed25519.ts'
import { ED448, ED25519, type OkpCurve, OkpKeys } from './okp-keys.ts'
import { plainBytes } from './plain-bytes.ts'
import { randomBytes } from './random.ts'
import { verifyOnPool } from './verify-on-pool.ts'

export const nodeEd25519: SignaturePrimitive = /* @__PURE__ */ eddsa(EDWARDS25519, ED25519, isOnEdwards25519)

export const nodeEd448: SignaturePrimitive = /* @__PURE__ */ eddsa(EDWARDS448, ED448, isOnEdwards448)

function eddsa(curve: EddsaCurve, okp: OkpCurve, isOnCurve: (point: Uint8Array) => boolean): SignaturePrimitive {
  const keys = new OkpKeys(okp)

  async function keyPairOf(seed: Uint8Array): Promise<KeyPair> {
    const secret = new Secret(seed)
    return { publicKey: await keys.publicBytes(secret), privateKey: secret }
  }

  return strictEddsa(
    curve,
    {
      generateKeyPair: () => keyPairOf(randomBytes(curve.size)),
      keyPairOf,
      sign: async (privateKey, data) => plainBytes(sign(null, data, await keys.privateKey(privateKey))),
      verify: async (publicKey, data, signature) => verify(null, data, await keys.publicKey(publicKey), signature),
      verifyInBatch: async (publicKey, data, signature) =>
        verifyOnPool(null, data, await keys.passingPublicKey(publicKey), signature),
    },
    isOnCurve,
  )
}
