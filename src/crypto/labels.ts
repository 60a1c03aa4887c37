// RFC 9420's labelled uses of the primitives: hashes, key derivation, signatures and public-key encryption (§5.1, §5.2, §8).

import { concat, utf8 } from '../bytes.ts'
import { Writer } from '../codec/writer.ts'
import { CoterieError, type ErrorCode, fail } from '../errors.ts'
import type { KeyPair, SuitePrimitives } from './contract.ts'
import { hkdfExpand } from './hkdf.ts'
import { hpkeOpen, hpkeSeal, hpkeSealAll } from './hpke.ts'
import { Secret } from './secret.ts'

/** One cipher suite under one provider: what every operation of the core is given. */
export type CipherSuite = SuitePrimitives

/** HPKE output. RFC 9420 §7.6. */
export interface HpkeCiphertext {
  readonly kemOutput: Uint8Array
  readonly ciphertext: Uint8Array
}

/** One encryption of a batch. */
export interface LabelledPlaintext {
  readonly publicKey: Uint8Array
  readonly context: Uint8Array
  readonly plaintext: Uint8Array
}

/** A signature with what it is over. */
export interface LabelledSignature {
  readonly publicKey: Uint8Array
  readonly label: string
  readonly content: Uint8Array
  readonly signature: Uint8Array
}

/** `ExpandWithLabel`. RFC 9420 §8. @returns `length` bytes */
export function expandWithLabel(
  suite: CipherSuite,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const writer = new Writer(64)
  writer.uint16(length)
  writer.opaque(labelBytes(label))
  writer.opaque(context)
  return hkdfExpand(suite.hash, secret, writer.finish(), length)
}

/** `DeriveSecret`. RFC 9420 §8. @returns a secret of Nh bytes */
export function deriveSecret(suite: CipherSuite, secret: Secret, label: string): Secret {
  return new Secret(expandWithLabel(suite, secret.bytes, label, NOTHING, suite.hash.length))
}

/** `DeriveTreeSecret`. RFC 9420 §9.1. @returns `length` bytes */
export function deriveTreeSecret(
  suite: CipherSuite,
  secret: Uint8Array,
  label: string,
  generation: number,
  length: number,
): Uint8Array {
  const context = new Uint8Array(4)
  new DataView(context.buffer).setUint32(0, generation)
  return expandWithLabel(suite, secret, label, context, length)
}

/** `RefHash`. RFC 9420 §5.2. The label is complete, with its own prefix. @returns Nh bytes */
export function refHash(suite: CipherSuite, label: string, value: Uint8Array): Uint8Array {
  const writer = new Writer(value.length + 64)
  writer.opaque(utf8(label))
  writer.opaque(value)
  return suite.hash.digest(writer.finish())
}

/** `SignWithLabel`. RFC 9420 §5.1.2. */
export function signWithLabel(
  suite: CipherSuite,
  privateKey: Secret,
  label: string,
  content: Uint8Array,
): Promise<Uint8Array> {
  return suite.signature.sign(privateKey, labelled(label, content))
}

/**
 * `VerifyWithLabel`. RFC 9420 §5.1.2.
 * @throws CoterieError with `code` (peer) where the signature does not verify
 */
export async function verifyWithLabel(suite: CipherSuite, signed: LabelledSignature, code: ErrorCode): Promise<void> {
  try {
    await suite.signature.verify(signed.publicKey, labelled(signed.label, signed.content), signed.signature)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    fail(code, `the signature over ${signed.label} is not valid`, { cause })
  }
}

/** `VerifyWithLabel` of many, in whatever order and on whatever threads the provider likes. */
export async function verifyAllWithLabel(
  suite: CipherSuite,
  signed: readonly LabelledSignature[],
  code: ErrorCode,
): Promise<void> {
  const { verifyAll } = suite.signature
  if (verifyAll === undefined) {
    await Promise.all(signed.map((one) => verifyWithLabel(suite, one, code)))
    return
  }
  try {
    const items = signed.map((one) => ({
      publicKey: one.publicKey,
      data: labelled(one.label, one.content),
      signature: one.signature,
    }))
    await verifyAll.call(suite.signature, items)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    fail(code, `one of ${signed.length} signatures is not valid`, { cause })
  }
}

/** `EncryptWithLabel`. RFC 9420 §5.1.3. */
export async function encryptWithLabel(
  suite: CipherSuite,
  publicKey: Uint8Array,
  label: string,
  context: Uint8Array,
  plaintext: Uint8Array,
): Promise<HpkeCiphertext> {
  const sealed = await hpkeSeal(suite, publicKey, labelled(label, context), NOTHING, plaintext)
  return { kemOutput: sealed.enc, ciphertext: sealed.ciphertext }
}

/** `EncryptWithLabel` of many, in order. Neighbours that have the very same context, which may be long, share its work. */
export async function encryptAllWithLabel(
  suite: CipherSuite,
  label: string,
  items: readonly LabelledPlaintext[],
): Promise<HpkeCiphertext[]> {
  let last: { readonly context: Uint8Array; readonly info: Uint8Array } | undefined
  const sealed = await hpkeSealAll(
    suite,
    items.map(({ publicKey, context, plaintext }) => {
      if (last?.context !== context) last = { context, info: labelled(label, context) }
      return { publicKey, info: last.info, aad: NOTHING, plaintext }
    }),
  )
  return sealed.map(({ enc, ciphertext }) => ({ kemOutput: enc, ciphertext }))
}

/**
 * `DecryptWithLabel`. RFC 9420 §5.1.3.
 * @throws CoterieError `CRYPTO_OPEN_FAILED` (peer), for whatever reason
 */
export function decryptWithLabel(
  suite: CipherSuite,
  recipient: KeyPair,
  label: string,
  context: Uint8Array,
  sealed: HpkeCiphertext,
): Promise<Uint8Array> {
  return hpkeOpen(
    suite,
    { enc: sealed.kemOutput, ciphertext: sealed.ciphertext },
    recipient,
    labelled(label, context),
    NOTHING,
  )
}

/** `SignContent` and `EncryptContext` have the same form. RFC 9420 §5.1.2, §5.1.3. */
function labelled(label: string, content: Uint8Array): Uint8Array {
  const writer = new Writer(content.length + 64)
  writer.opaque(labelBytes(label))
  writer.opaque(content)
  return writer.finish()
}

/** Encoding text costs as much as an HMAC, so the first labels are kept: the RFC's own; exporters may bring any number. */
function labelBytes(label: string): Uint8Array {
  const known = LABELS.get(label)
  if (known !== undefined) return known
  const bytes = concat(PREFIX, utf8(label))
  if (LABELS.size < MAX_LABELS) LABELS.set(label, bytes)
  return bytes
}

const NOTHING = new Uint8Array(0)
const PREFIX = /* @__PURE__ */ utf8('MLS 1.0 ')
const MAX_LABELS = 64
const LABELS: Map<string, Uint8Array> = /* @__PURE__ */ new Map()
