// What the devices of a simulation compute alike, computed once for all of them: pure functions of their arguments, which are
// compared as a whole, so that whatever differs in a bit is computed anew. Never for keys that anybody relies on: it keeps them.

import { copyBytes, equalBytes } from '../../bytes.ts'
import type { AeadPrimitive, HashPrimitive, KemPrimitive, KeyPair, SignaturePrimitive } from '../../crypto/contract.ts'
import type { CipherSuite } from '../../crypto/labels.ts'
import { Secret } from '../../crypto/secret.ts'

/** The suites that the devices of one simulation share. */
export class CommonWork {
  readonly #suites = new Map<number, CipherSuite>()

  of(base: CipherSuite): CipherSuite {
    const known = this.#suites.get(base.id)
    if (known !== undefined) return known
    const suite = {
      ...base,
      hash: commonHash(base.hash),
      aead: commonAead(base.aead),
      kem: commonKem(base.kem),
      signature: commonSignature(base.signature),
    }
    this.#suites.set(base.id, suite)
    return suite
  }
}

function commonHash(hash: HashPrimitive): HashPrimitive {
  const digests = new Map<string, Uint8Array>()
  const tags = new Map<string, Uint8Array>()
  return {
    ...hash,
    digest(data) {
      if (data.length > MAX_HASHED) return hash.digest(data)
      const name = nameOf(data)
      const known = digests.get(name) ?? hash.digest(data)
      digests.set(name, known)
      return known.slice()
    },
    hmac(key, data) {
      if (key.length + data.length > MAX_HASHED) return hash.hmac(key, data)
      const name = `${key.length} ${nameOf(key)}${nameOf(data)}`
      const known = tags.get(name) ?? hash.hmac(key, data)
      tags.set(name, known)
      return known.slice()
    },
  }
}

interface Sealed {
  readonly key: Uint8Array
  readonly aad: Uint8Array
  readonly ciphertext: Uint8Array
  readonly plaintext: Uint8Array
}

/** What was sealed or opened once is opened without decrypting it. */
function commonAead(aead: AeadPrimitive): AeadPrimitive {
  const opened = new Map<string, Sealed>()
  const nameIn = (nonce: Uint8Array, ciphertext: Uint8Array): string =>
    nameOf(nonce) + nameOf(ciphertext.subarray(-TAG_LENGTH))
  const remember = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array, plain: Uint8Array) => {
    opened.set(nameIn(nonce, ciphertext), {
      key: copyBytes(key),
      aad: copyBytes(aad),
      ciphertext: copyBytes(ciphertext),
      plaintext: copyBytes(plain),
    })
  }
  return {
    ...aead,
    seal(key, nonce, aad, plaintext) {
      const ciphertext = aead.seal(key, nonce, aad, plaintext)
      remember(key, nonce, aad, ciphertext, plaintext)
      return ciphertext
    },
    open(key, nonce, aad, ciphertext) {
      const known = opened.get(nameIn(nonce, ciphertext))
      const isSame =
        known !== undefined &&
        equalBytes(known.key, key) &&
        equalBytes(known.aad, aad) &&
        equalBytes(known.ciphertext, ciphertext)
      if (isSame) return copyBytes(known.plaintext)
      const plaintext = aead.open(key, nonce, aad, ciphertext)
      remember(key, nonce, aad, ciphertext, plaintext)
      return plaintext
    },
  }
}

/** Key pairs by what they were made from; whoever asks gets one of its own, since private keys are wiped. */
class KnownPairs {
  readonly #bySource = new Map<string, KeyPair>()
  readonly #byPrivateKey = new Map<string, KeyPair>()

  async pairOf(source: Uint8Array, make: () => Promise<KeyPair>): Promise<KeyPair> {
    const name = nameOf(source)
    const pair = this.#bySource.get(name) ?? (await make())
    this.#bySource.set(name, pair)
    this.#byPrivateKey.set(nameOf(pair.privateKey.bytes), pair)
    return { publicKey: copyBytes(pair.publicKey), privateKey: Secret.copyOf(pair.privateKey.bytes) }
  }

  /** The pair as it was made, which the provider has imported; undefined where it was not made here. */
  find(privateKey: Secret): KeyPair | undefined {
    return this.#byPrivateKey.get(nameOf(privateKey.bytes))
  }
}

interface Encapsulated {
  readonly publicKey: Uint8Array
  readonly sharedSecret: Uint8Array
}

/** What was encapsulated here is known to whoever has the private key. */
function commonKem(kem: KemPrimitive): KemPrimitive {
  const derived = new KnownPairs()
  const imported = new KnownPairs()
  const encapsulated = new Map<string, Encapsulated>()
  return {
    ...kem,
    deriveKeyPair: (ikm) => derived.pairOf(ikm, () => kem.deriveKeyPair(ikm)),
    importPrivateKey: (bytes) => imported.pairOf(bytes, () => kem.importPrivateKey(bytes)),
    async encap(publicKey, ikmE) {
      const made = await kem.encap(publicKey, ikmE)
      const sharedSecret = copyBytes(made.sharedSecret.bytes)
      encapsulated.set(nameOf(made.enc), { publicKey: copyBytes(publicKey), sharedSecret })
      return made
    },
    async decap(enc, recipient) {
      const known = encapsulated.get(nameOf(enc))
      const pair = derived.find(recipient.privateKey) ?? imported.find(recipient.privateKey)
      const isRecipient =
        known !== undefined &&
        pair !== undefined &&
        equalBytes(known.publicKey, pair.publicKey) &&
        equalBytes(recipient.publicKey, pair.publicKey)
      return isRecipient ? Secret.copyOf(known.sharedSecret) : kem.decap(enc, recipient)
    },
  }
}

/** What was signed here, or was found valid, is not verified again. */
function commonSignature(signature: SignaturePrimitive): SignaturePrimitive {
  const pairs = new KnownPairs()
  const valid = new Map<string, { readonly publicKey: Uint8Array; readonly data: Uint8Array }>()
  return {
    ...signature,
    importPrivateKey: (bytes) => pairs.pairOf(bytes, () => signature.importPrivateKey(bytes)),
    async sign(privateKey, data) {
      const pair = pairs.find(privateKey)
      const made = await signature.sign(pair?.privateKey ?? privateKey, data)
      if (pair !== undefined) valid.set(nameOf(made), { publicKey: pair.publicKey, data: copyBytes(data) })
      return made
    },
    async verify(publicKey, data, bytes) {
      const name = nameOf(bytes)
      const known = valid.get(name)
      if (known !== undefined && equalBytes(known.publicKey, publicKey) && equalBytes(known.data, data)) return
      await signature.verify(publicKey, data, bytes)
      valid.set(name, { publicKey: copyBytes(publicKey), data: copyBytes(data) })
    },
  }
}

/** Bytes as the key of a map: one character each. Spreading them takes three times as long. */
function nameOf(bytes: Uint8Array): string {
  const name: string = Reflect.apply(String.fromCharCode, undefined, bytes)
  return name
}

/** Longer inputs are hardly ever the same, and looking them up is not cheaper. */
const MAX_HASHED = 256
const TAG_LENGTH = 16
