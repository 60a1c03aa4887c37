// Key objects of a NIST curve from raw bytes (RFC 5480, RFC 5915).

import { Buffer } from 'node:buffer'
import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { concat, fromHex, wipeBytes } from '../../../bytes.ts'
import { fail } from '../../../errors.ts'
import type { KeyPair } from '../../contract.ts'
import { PrivateKeyCache, PublicKeyCache } from '../../key-cache.ts'
import { type NistCurve, P256, P384, P521, paddedScalar } from '../../nist-curves.ts'
import { Secret } from '../../secret.ts'
import { plainBytes } from './plain-bytes.ts'
import { randomBytes } from './random.ts'

/** A curve with its name in OpenSSL and the DER that surrounds raw keys, in hexadecimal. */
export interface NodeNistCurve {
  readonly parameters: NistCurve
  readonly namedCurve: string
  /** SubjectPublicKeyInfo up to the point. */
  readonly publicPrefix: string
  /** ECPrivateKey up to the scalar, and between scalar and point. */
  readonly privatePrefix: string
  readonly privateInfix: string
}

export const NODE_P256: NodeNistCurve = {
  parameters: P256,
  namedCurve: 'prime256v1',
  publicPrefix: '3059301306072a8648ce3d020106082a8648ce3d030107034200',
  privatePrefix: '30770201010420',
  privateInfix: 'a00a06082a8648ce3d030107a144034200',
}

export const NODE_P384: NodeNistCurve = {
  parameters: P384,
  namedCurve: 'secp384r1',
  publicPrefix: '3076301006072a8648ce3d020106052b81040022036200',
  privatePrefix: '3081a40201010430',
  privateInfix: 'a00706052b81040022a164036200',
}

export const NODE_P521: NodeNistCurve = {
  parameters: P521,
  namedCurve: 'secp521r1',
  publicPrefix: '30819b301006072a8648ce3d020106052b8104002303818600',
  privatePrefix: '3081dc0201010442',
  privateInfix: 'a00706052b81040023a1818903818600',
}

/** Imports keys of one curve and remembers them. Points and scalars must have been validated. */
export class NistKeys {
  readonly #curve: NodeNistCurve
  readonly #publicPrefix: Uint8Array
  readonly #privatePrefix: Uint8Array
  readonly #privateInfix: Uint8Array
  readonly #publicKeys: PublicKeyCache<KeyObject> = new PublicKeyCache()
  readonly #privateKeys: PrivateKeyCache<KeyObject> = new PrivateKeyCache()

  constructor(curve: NodeNistCurve) {
    this.#curve = curve
    this.#publicPrefix = hex(curve.publicPrefix)
    this.#privatePrefix = hex(curve.privatePrefix)
    this.#privateInfix = hex(curve.privateInfix)
  }

  publicKey(point: Uint8Array): KeyObject {
    const known = this.#publicKeys.get(point)
    if (known !== undefined) return known
    const key = this.#importPublicKey(point)
    this.#publicKeys.set(point, key)
    return key
  }

  /** The known key or a new one, which is not remembered: for batches, whose keys would fill the memory. */
  passingPublicKey(point: Uint8Array): KeyObject {
    return this.#publicKeys.get(point) ?? this.#importPublicKey(point)
  }

  /** @param publicKey - the scalar's point, where known: computing it costs as much as a Diffie-Hellman */
  privateKey(secret: Secret, publicKey?: Uint8Array): KeyObject {
    const known = this.#privateKeys.get(secret)
    if (known !== undefined) return known
    const point = publicKey ?? this.#pointOf(secret.bytes)
    const der = concat(this.#privatePrefix, secret.bytes, this.#privateInfix, point)
    const key = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'sec1' })
    wipeBytes(der)
    this.#privateKeys.set(secret, key)
    return key
  }

  /** The pair of a padded scalar in range, of which it takes ownership. */
  pairOf(scalar: Uint8Array): KeyPair {
    return { publicKey: this.#pointOf(scalar), privateKey: new Secret(scalar) }
  }

  generatePair(): KeyPair {
    const { parameters } = this.#curve
    for (;;) {
      const candidate = randomBytes(parameters.size)
      candidate[0] = (candidate[0] as number) & parameters.firstByteMask
      if (paddedScalar(parameters, candidate) !== undefined) return this.pairOf(candidate)
    }
  }

  /** The public key's point. */
  exportPublicKey(key: KeyObject): Uint8Array {
    return Uint8Array.from(key.export({ format: 'der', type: 'spki' }).subarray(this.#publicPrefix.length))
  }

  #pointOf(scalar: Uint8Array): Uint8Array {
    const ecdh = createECDH(this.#curve.namedCurve)
    ecdh.setPrivateKey(scalar)
    return plainBytes(ecdh.getPublicKey())
  }

  #importPublicKey(point: Uint8Array): KeyObject {
    const der = concat(this.#publicPrefix, point)
    return createPublicKey({ key: Buffer.from(der.buffer), format: 'der', type: 'spki' })
  }
}

function hex(text: string): Uint8Array {
  return fromHex(text) ?? fail('INTERNAL_INVARIANT', 'a DER template is not hexadecimal')
}
