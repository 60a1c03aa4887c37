// A cipher suite that counts what is asked of it: costs are counted, not timed, so that they mean the same everywhere.
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { suite1 } from '../../src/crypto/providers/noble/suites.ts'

/** How often each operation was asked for. */
export interface Operations {
  digest: number
  hmac: number
  seal: number
  open: number
  encap: number
  decap: number
  deriveKeyPair: number
  generateKeyPair: number
  sign: number
  verify: number
}

export interface CountingSuite {
  readonly suite: CipherSuite
  /** What was counted since it was last asked. */
  take(): Operations
}

/** Wraps a suite. Batches count as what they contain. */
export function countingSuite(inner: CipherSuite = suite1): CountingSuite {
  let counted = none()
  const { hash, aead, kem, signature } = inner
  const { encapAll: _, ...singleKem } = kem
  const { verifyAll: __, ...singleSignature } = signature
  const count = <A extends readonly unknown[], R>(name: keyof Operations, operation: (...args: A) => R) => {
    return (...args: A): R => {
      counted[name]++
      return operation(...args)
    }
  }
  return {
    suite: {
      ...inner,
      hash: {
        ...hash,
        digest: count('digest', (data: Uint8Array) => hash.digest(data)),
        hmac: count('hmac', (key: Uint8Array, data: Uint8Array) => hash.hmac(key, data)),
      },
      aead: {
        ...aead,
        seal: count('seal', (...args: Parameters<typeof aead.seal>) => aead.seal(...args)),
        open: count('open', (...args: Parameters<typeof aead.open>) => aead.open(...args)),
      },
      kem: {
        ...singleKem,
        encap: count('encap', (...args: Parameters<typeof kem.encap>) => kem.encap(...args)),
        decap: count('decap', (...args: Parameters<typeof kem.decap>) => kem.decap(...args)),
        deriveKeyPair: count('deriveKeyPair', (ikm: Uint8Array) => kem.deriveKeyPair(ikm)),
        generateKeyPair: count('generateKeyPair', () => kem.generateKeyPair()),
      },
      signature: {
        ...singleSignature,
        sign: count('sign', (...args: Parameters<typeof signature.sign>) => signature.sign(...args)),
        verify: count('verify', (...args: Parameters<typeof signature.verify>) => signature.verify(...args)),
      },
    },
    take: () => {
      const taken = counted
      counted = none()
      return taken
    },
  }
}

function none(): Operations {
  return {
    digest: 0,
    hmac: 0,
    seal: 0,
    open: 0,
    encap: 0,
    decap: 0,
    deriveKeyPair: 0,
    generateKeyPair: 0,
    sign: 0,
    verify: 0,
  }
}
