// Cipher suites for simulation: whatever is random follows from a seed, signatures that others have verified already are
// not verified again, and whoever wants to know what a device signs is told.

import { equalBytes, toHex } from '../../bytes.ts'
import type { CipherSuite } from '../../crypto/labels.ts'
import { seededEntropy } from './seeded-entropy.ts'

/** Signatures that have been found valid, in one simulation; all devices compute alike. */
export class ValidSignatures {
  readonly #known = new Map<string, { readonly publicKey: Uint8Array; readonly data: Uint8Array }>()

  async verify(base: CipherSuite, publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<void> {
    const name = toHex(signature)
    const known = this.#known.get(name)
    if (known !== undefined && equalBytes(known.publicKey, publicKey) && equalBytes(known.data, data)) return
    await base.signature.verify(publicKey, data, signature)
    this.#known.set(name, { publicKey: publicKey.slice(), data: data.slice() })
  }
}

export interface SimulatedSuiteOptions {
  readonly seed: string
  readonly valid: ValidSignatures
  /** Called with everything that is signed, before it is. */
  readonly onSign?: ((data: Uint8Array) => void) | undefined
}

/** A suite without entropy of its own, for suites with X25519 and Ed25519. The same seed gives the same bytes. */
export function simulatedSuite(base: CipherSuite, { seed, valid, onSign }: SimulatedSuiteOptions): CipherSuite {
  // What providers do on several threads would end in any order.
  const { verifyAll: _, ...signature } = base.signature
  const { randomBytes, kem } = seededEntropy(base, seed)
  return {
    ...base,
    randomBytes,
    kem,
    signature: {
      ...signature,
      generateKeyPair: () => signature.importPrivateKey(randomBytes(signature.publicKeyLength)),
      verify: (publicKey, data, bytes) => valid.verify(base, publicKey, data, bytes),
      sign: (privateKey, data) => {
        onSign?.(data)
        return signature.sign(privateKey, data)
      },
    },
  }
}
