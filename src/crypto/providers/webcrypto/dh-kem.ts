// DHKEM (RFC 9180 §4.1) with key generation and Diffie-Hellman by `crypto.subtle`.

import { concat } from '../../../bytes.ts'
import { mapInBatches } from '../../batches.ts'
import type { Encapsulation, HashPrimitive, KemPrimitive, KeyPair } from '../../contract.ts'
import { type DhKemPrimitive, type DhPrimitive, dhKem, encapsulating, extractAndExpand } from '../../dhkem.ts'
import { kemSuiteId } from '../../hkdf.ts'
import { isUncompressedPoint } from '../../nist-curves.ts'
import { Secret } from '../../secret.ts'
import { randomBytes } from '../noble/random.ts'
import { ecdh, nistTestPair, type SubtleNist, X25519 } from './algorithms.ts'
import { isWorkingKem } from './probe.ts'
import { type Subtle, type SubtleAlgorithm, type SubtleKey, SubtleKeys } from './subtle-keys.ts'

/** RFC 7748 §6.1: the u coordinate 9. */
const X25519_BASE_POINT: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 32 }, (_, index) =>
  index === 0 ? 9 : 0,
)

/** DHKEM(X25519, HKDF-SHA256); undefined where the runtime cannot do it. */
export async function subtleKemX25519(
  subtle: Subtle,
  base: KemPrimitive,
  hash: HashPrimitive,
): Promise<KemPrimitive | undefined> {
  const keys = new SubtleKeys(subtle, X25519)
  const dh = diffieHellman(subtle, X25519, base.privateKeyLength)

  async function keyPairOf(privateKey: Uint8Array): Promise<KeyPair> {
    const secret = new Secret(privateKey)
    const own = await keys.privateKey(secret)
    // A multiplication of the base point: the alternative, to export the pair as JWK, makes a string of the private key.
    return { publicKey: await dh(own, await keys.publicKey(X25519_BASE_POINT)), privateKey: secret }
  }

  const { publicKeyLength, privateKeyLength } = base
  const kem = withSubtleEphemerals(base.id, keys, dh, hash, {
    publicKeyLength,
    privateKeyLength,
    generateKeyPair: () => keyPairOf(randomBytes(privateKeyLength)),
    keyPairOf,
    validatePublicKey: (publicKey) => publicKey.length === publicKeyLength,
    dh: async (own, publicKey) => dh(await keys.privateKey(own.privateKey), await keys.publicKey(publicKey)),
  })
  return (await isWorkingKem(kem, () => kem.generateKeyPair())) ? kem : undefined
}

/** DHKEM over a NIST curve; undefined where the runtime cannot do it. `base` makes key pairs from private keys, which the runtime cannot do without exporting. */
export async function subtleKemNist(
  subtle: Subtle,
  nist: SubtleNist,
  base: KemPrimitive,
  hash: HashPrimitive,
): Promise<KemPrimitive | undefined> {
  const keys = new SubtleKeys(subtle, ecdh(nist))
  const dh = diffieHellman(subtle, ecdh(nist), base.privateKeyLength)
  const kem = withSubtleEphemerals(base.id, keys, dh, hash, {
    nist: nist.curve,
    publicKeyLength: base.publicKeyLength,
    privateKeyLength: base.privateKeyLength,
    generateKeyPair: () => base.generateKeyPair(),
    keyPairOf: (privateKey) => base.importPrivateKey(privateKey),
    validatePublicKey: (publicKey) => isUncompressedPoint(nist.curve, publicKey),
    dh: async (own, publicKey) =>
      dh(await keys.privateKey(own.privateKey, own.publicKey), await keys.publicKey(publicKey)),
  })
  return (await isWorkingKem(kem, async () => nistTestPair(nist))) ? kem : undefined
}

type SubtleDh = (privateKey: SubtleKey, publicKey: SubtleKey) => Promise<Uint8Array>

/** @param length - bytes of the shared value: those of a private key on all of these curves */
function diffieHellman(subtle: Subtle, algorithm: SubtleAlgorithm, length: number): SubtleDh {
  return async (privateKey, publicKey) =>
    new Uint8Array(await subtle.deriveBits({ name: algorithm.name, public: publicKey }, privateKey, 8 * length))
}

/** The KEM over `curve` whose ephemeral keys never leave the runtime. */
function withSubtleEphemerals(
  id: number,
  keys: SubtleKeys,
  dh: SubtleDh,
  hash: HashPrimitive,
  curve: DhPrimitive,
): DhKemPrimitive {
  const composed = dhKem(id, curve, hash)
  const suiteId = kemSuiteId(id)

  function encapTo(publicKey: Uint8Array, importing: () => Promise<SubtleKey>): Promise<Encapsulation> {
    return encapsulating(curve, publicKey, async () => {
      const [{ enc, privateKey }, recipient] = await Promise.all([keys.generateEphemeral(), importing()])
      const context = concat(enc, publicKey)
      return { sharedSecret: extractAndExpand(hash, suiteId, await dh(privateKey, recipient), context), enc }
    })
  }

  return {
    ...composed,
    encap: (publicKey, ikmE) =>
      ikmE === undefined ? encapTo(publicKey, () => keys.publicKey(publicKey)) : composed.encap(publicKey, ikmE),
    encapAll: (publicKeys) =>
      mapInBatches(publicKeys, (publicKey) => encapTo(publicKey, () => keys.passingPublicKey(publicKey))),
  }
}
