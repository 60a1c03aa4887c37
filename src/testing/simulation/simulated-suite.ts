// Cipher suites for simulation: whatever is random follows from a seed, what others have computed already is not computed
// again, and whoever wants to know what a device signs is told.

import type { CipherSuite } from '../../crypto/labels.ts'
import type { CommonWork } from './common-work.ts'
import { seededEntropy } from './seeded-entropy.ts'

export interface SimulatedSuiteOptions {
  readonly seed: string
  readonly common: CommonWork
  /** Called with everything that is signed, before it is. */
  readonly onSign?: ((data: Uint8Array) => void) | undefined
}

/** A suite without entropy of its own, for suites with X25519 and Ed25519. The same seed gives the same bytes. */
export function simulatedSuite(plain: CipherSuite, { seed, common, onSign }: SimulatedSuiteOptions): CipherSuite {
  const base = common.of(plain)
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
      sign: (privateKey, data) => {
        onSign?.(data)
        return signature.sign(privateKey, data)
      },
    },
  }
}
