// Entropy that follows from a seed, for runs that can be repeated byte by byte. Never for keys that anybody relies on.

import { concat, utf8 } from '../../bytes.ts'
import type { CipherSuite } from '../../crypto/labels.ts'

/**
 * What draws entropy in a suite, without any: random bytes, KEM key pairs and ephemeral keys. The same seed gives the same.
 * @returns to be put in place of what the suite has
 */
export function seededEntropy(base: CipherSuite, seed: string): Pick<CipherSuite, 'randomBytes' | 'kem'> {
  // What providers do on several threads would end in any order.
  const { encapAll: _, ...kem } = base.kem
  let counter = 0
  const randomBytes = (length: number): Uint8Array => {
    const blocks: Uint8Array[] = []
    for (let filled = 0; filled < length; filled += base.hash.length) {
      blocks.push(base.hash.digest(utf8(`${seed} ${counter++}`)))
    }
    return concat(...blocks).slice(0, length)
  }
  return {
    randomBytes,
    kem: {
      ...kem,
      generateKeyPair: () => kem.deriveKeyPair(randomBytes(64)),
      encap: (publicKey, ikmE) => kem.encap(publicKey, ikmE ?? randomBytes(64)),
    },
  }
}
