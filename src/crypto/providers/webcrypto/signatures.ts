// Ed25519 (RFC 8032) and ECDSA (FIPS 186-5) by `crypto.subtle`, behind the strict checks that all providers share.

import type { SignaturePrimitive } from '../../contract.ts'
import { EDWARDS25519 } from '../../eddsa-strict.ts'
import type { Secret } from '../../secret.ts'
import { type RawSignature, strictEcdsa, strictEddsa } from '../../strict-signatures.ts'
import { ED25519, ecdsa, ed25519TestPair, nistTestPair, type SubtleNist } from './algorithms.ts'
import { isWorkingSignature } from './probe.ts'
import { type Subtle, type SubtleKey, SubtleKeys } from './subtle-keys.ts'

/** Ed25519; undefined where the runtime cannot do it. `base` makes key pairs, which the runtime cannot do without exporting private keys as strings. */
export async function subtleEd25519(subtle: Subtle, base: SignaturePrimitive): Promise<SignaturePrimitive | undefined> {
  const keys = new SubtleKeys(subtle, ED25519)
  const raw = rawSignature(subtle, { name: 'Ed25519' }, base, keys, (secret) => keys.privateKey(secret))
  const signature = strictEddsa(EDWARDS25519, raw, (point) => base.validatePublicKey(point))
  return (await isWorkingSignature(signature, async () => ed25519TestPair())) ? signature : undefined
}

/** ECDSA, whose signatures are r || s in Web Cryptography; undefined where the runtime cannot do it. */
export async function subtleEcdsa(
  subtle: Subtle,
  nist: SubtleNist,
  base: SignaturePrimitive,
): Promise<SignaturePrimitive | undefined> {
  const keys = new SubtleKeys(subtle, ecdsa(nist))
  const raw = rawSignature(subtle, { name: 'ECDSA', hash: nist.hash }, base, keys, async (secret) => {
    const known = keys.knownPrivateKey(secret)
    if (known !== undefined) return known
    const { publicKey, privateKey } = await base.importPrivateKey(secret.bytes)
    privateKey.wipe()
    return keys.privateKey(secret, publicKey)
  })
  const signature = strictEcdsa(nist.curve, raw)
  const working = await isWorkingSignature(signature, async () => {
    const pair = nistTestPair(nist)
    await keys.privateKey(pair.privateKey, pair.publicKey)
    return pair
  })
  return working ? signature : undefined
}

function rawSignature(
  subtle: Subtle,
  algorithm: Parameters<Subtle['sign']>[0],
  base: SignaturePrimitive,
  keys: SubtleKeys,
  signingKey: (secret: Secret) => Promise<SubtleKey>,
): RawSignature {
  return {
    generateKeyPair: () => base.generateKeyPair(),
    keyPairOf: (privateKey) => base.importPrivateKey(privateKey),
    sign: async (privateKey, data) => new Uint8Array(await subtle.sign(algorithm, await signingKey(privateKey), data)),
    verify: async (publicKey, data, signature) =>
      subtle.verify(algorithm, await keys.publicKey(publicKey), signature, data),
    verifyInBatch: async (publicKey, data, signature) =>
      subtle.verify(algorithm, await keys.passingPublicKey(publicKey), signature, data),
  }
}
