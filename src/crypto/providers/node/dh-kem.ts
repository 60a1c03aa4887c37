// DHKEM (RFC 9180 §4.1) by node:crypto: OpenSSL's own where Node offers it, and batches on the thread pool.

import type { KeyObject } from 'node:crypto'
import * as nodeCrypto from 'node:crypto'
import { concat } from '../../../bytes.ts'
import { CoterieError, fail } from '../../../errors.ts'
import { mapInBatches } from '../../batches.ts'
import type { Encapsulation, HashPrimitive, KeyPair } from '../../contract.ts'
import {
  type DhKemPrimitive,
  type DhPrimitive,
  dhKem,
  type Eventual,
  encapsulating,
  extractAndExpand,
} from '../../dhkem.ts'
import { kemSuiteId } from '../../hkdf.ts'
import { Secret } from '../../secret.ts'
import { plainBytes } from './plain-bytes.ts'

/** Diffie-Hellman on a curve whose keys OpenSSL holds. */
export interface NodeDhPrimitive extends DhPrimitive {
  /** An imported public key, remembered. Throws when it is not one. */
  publicKeyObject(publicKey: Uint8Array): Eventual<KeyObject>
  /** An imported public key, not remembered. */
  passingPublicKeyObject(publicKey: Uint8Array): Eventual<KeyObject>
  privateKeyObject(pair: KeyPair): Eventual<KeyObject>
  exportPublicKey(key: KeyObject): Uint8Array
  /** A fresh pair, made on the thread pool. */
  generateOnPool(): Promise<KeyObjectPair>
}

interface KeyObjectPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/** From this many on, spreading a batch over threads costs less than it saves. */
const BATCH_MINIMUM = 4

/** DHKEM over `curve`. @param id - RFC 9180 §7.1 code point */
export function nodeDhKem(id: number, curve: NodeDhPrimitive, hash: HashPrimitive): DhKemPrimitive {
  const composed = dhKem(id, curve, hash)
  const suiteId = kemSuiteId(id)

  // `encapsulate` and `decapsulate` came with Node 24.7, asynchronous `diffieHellman` with 23.11.
  if (!('encapsulate' in nodeCrypto)) return composed

  async function encap(publicKey: Uint8Array, ikmE?: Uint8Array): Promise<Encapsulation> {
    if (ikmE !== undefined) return composed.encap(publicKey, ikmE)
    return encapsulating(curve, publicKey, async () => {
      const { sharedKey, ciphertext } = nodeCrypto.encapsulate(await curve.publicKeyObject(publicKey))
      return { sharedSecret: new Secret(plainBytes(sharedKey)), enc: plainBytes(ciphertext) }
    })
  }

  async function decap(enc: Uint8Array, recipient: KeyPair): Promise<Secret> {
    if (!curve.validatePublicKey(enc)) fail('CRYPTO_OPEN_FAILED', 'decapsulation failed')
    try {
      const key = await curve.privateKeyObject(recipient)
      return new Secret(plainBytes(nodeCrypto.decapsulate(key, enc)))
    } catch (cause) {
      if (CoterieError.is(cause)) throw cause
      return fail('CRYPTO_OPEN_FAILED', 'decapsulation failed', { cause })
    }
  }

  async function encapAll(publicKeys: readonly Uint8Array[]): Promise<Encapsulation[]> {
    if (publicKeys.length >= BATCH_MINIMUM) return mapInBatches(publicKeys, encapOnPool)
    const all: Encapsulation[] = []
    for (const publicKey of publicKeys) all.push(await encap(publicKey))
    return all
  }

  // OpenSSL refuses the all-zero results of X25519 and X448 itself (RFC 9180 §7.1.4).
  // Asynchronous `encapsulate` does not scale over threads, key generation and Diffie-Hellman do.
  function encapOnPool(publicKey: Uint8Array): Promise<Encapsulation> {
    return encapsulating(curve, publicKey, async () => {
      const ephemeral = await curve.generateOnPool()
      const dh = await dhOnPool(ephemeral.privateKey, await curve.passingPublicKeyObject(publicKey))
      const enc = curve.exportPublicKey(ephemeral.publicKey)
      return { sharedSecret: extractAndExpand(hash, suiteId, dh, concat(enc, publicKey)), enc }
    })
  }

  return { ...composed, encap, decap, encapAll }
}

function dhOnPool(privateKey: KeyObject, publicKey: KeyObject): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    nodeCrypto.diffieHellman({ privateKey, publicKey }, (error, dh) => {
      if (error) reject(error)
      else resolve(plainBytes(dh))
    })
  })
}
