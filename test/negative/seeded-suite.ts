// Cipher suites without entropy: whatever is random comes from a seed, so that the same run makes the same bytes; and
// suites that sign, hash and encrypt other bytes than they are handed, for structures that no encoder would write.
import type { KeyPair } from '../../src/crypto/contract.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { seededEntropy } from '../../src/testing/simulation/seeded-entropy.ts'

/**
 * The suite with keys, nonces and ephemeral keys that follow from a seed.
 * Signatures are as the suite makes them, which has to be deterministic too: EdDSA is, ECDSA is in the noble provider.
 */
export function seededSuite(base: CipherSuite, seed: string): CipherSuite {
  const { randomBytes, kem } = seededEntropy(base, seed)
  const signatureKeyPair = async (): Promise<KeyPair> => {
    // A scalar of the KEM's curve is one of the signature's where there are scalars at all; elsewhere any bytes are a seed.
    if (!base.name.includes('_P')) return base.signature.importPrivateKey(randomBytes(base.signature.publicKeyLength))
    return base.signature.importPrivateKey((await kem.generateKeyPair()).privateKey.bytes)
  }
  return {
    ...base,
    randomBytes,
    kem,
    signature: { ...base.signature, generateKeyPair: signatureKeyPair },
  }
}

/** Replaces one byte string by another of the same length, wherever it occurs. */
export interface Patch {
  readonly from: Uint8Array
  readonly to: Uint8Array
}

export function patched(bytes: Uint8Array, { from, to }: Patch): Uint8Array {
  if (from.length !== to.length) throw new Error('a patch keeps the length')
  const result = bytes.slice()
  for (let at = 0; at + from.length <= bytes.length; at++) {
    if (from.every((byte, i) => bytes[at + i] === byte)) result.set(to, at)
  }
  return result
}

/** The suite, signing, hashing, authenticating and encrypting patched bytes: as if the encoders wrote them. */
export function patchedSuite(base: CipherSuite, patch: Patch): CipherSuite {
  const apply = (bytes: Uint8Array): Uint8Array => patched(bytes, patch)
  return {
    ...base,
    hash: {
      length: base.hash.length,
      digest: (data) => base.hash.digest(apply(data)),
      hmac: (key, data) => base.hash.hmac(key, apply(data)),
    },
    aead: {
      ...base.aead,
      seal: (key, nonce, aad, plaintext) => base.aead.seal(key, nonce, apply(aad), apply(plaintext)),
    },
    signature: { ...base.signature, sign: (privateKey, data) => base.signature.sign(privateKey, apply(data)) },
  }
}
