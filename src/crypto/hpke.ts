// HPKE in base mode (RFC 9180 §5.1.1, §6): single-shot encryption and export, and contexts for several messages.
// Byte arguments must stay unchanged until the promise settles.

import { EMPTY, equalBytes, wipeBytes } from '../bytes.ts'
import { fail } from '../errors.ts'
import type { Encapsulation, KeyPair, SuitePrimitives } from './contract.ts'
import {
  exportFrom,
  HpkeRecipientContext,
  HpkeSenderContext,
  KeySchedule,
  keyScheduleContext,
  MODE_BASE,
} from './hpke-context.ts'
import { Secret } from './secret.ts'

/** What single-shot encryption yields. */
export interface HpkeSealed {
  /** The encapsulated key, Nenc bytes. */
  readonly enc: Uint8Array
  /** The AEAD's output: the plaintext's length and a tag. */
  readonly ciphertext: Uint8Array
}

/** One encryption of a batch. */
export interface HpkePlaintext {
  readonly publicKey: Uint8Array
  readonly info: Uint8Array
  readonly aad: Uint8Array
  readonly plaintext: Uint8Array
}

/** A context with the octets that let the recipient set up theirs. */
export interface HpkeSenderSetup {
  readonly enc: Uint8Array
  readonly context: HpkeSenderContext
}

/** An exported secret with the octets that let the recipient export the same. */
export interface HpkeExport {
  readonly enc: Uint8Array
  readonly secret: Secret
}

/**
 * Encrypts one plaintext to a public key. RFC 9180 §6.1.
 * @param ikmE - derives the ephemeral key; for test vectors only
 * @throws CoterieError `CRYPTO_BAD_KEY` (peer)
 */
export async function hpkeSeal(
  primitives: SuitePrimitives,
  publicKey: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
  ikmE?: Uint8Array,
): Promise<HpkeSealed> {
  const context = baseContext(primitives, info)
  const encapsulating = primitives.kem.encap(publicKey, ikmE)
  return sealed(primitives, context, await encapsulating, aad, plaintext)
}

/**
 * Encrypts many, in order; what does not depend on the recipient is computed once for neighbours with the same `info`.
 * @throws CoterieError `CRYPTO_BAD_KEY` (peer): then nothing is returned
 */
export async function hpkeSealAll(primitives: SuitePrimitives, items: readonly HpkePlaintext[]): Promise<HpkeSealed[]> {
  const { kem } = primitives
  const publicKeys = items.map((item) => item.publicKey)
  const encapsulations = kem.encapAll
    ? await kem.encapAll(publicKeys)
    : await Promise.all(publicKeys.map((publicKey) => kem.encap(publicKey)))
  let info: Uint8Array | undefined
  let context: Uint8Array = EMPTY
  return items.map((item, index) => {
    if (info === undefined || (info !== item.info && !equalBytes(info, item.info))) {
      info = item.info
      context = baseContext(primitives, info)
    }
    const encapsulation = encapsulations[index] ?? fail('INTERNAL_INVARIANT', 'the provider encapsulated too few keys')
    return sealed(primitives, context, encapsulation, item.aad, item.plaintext)
  })
}

/**
 * Decrypts what `hpkeSeal` encrypted.
 * @throws CoterieError `CRYPTO_OPEN_FAILED` (peer), for whatever reason
 */
export async function hpkeOpen(
  primitives: SuitePrimitives,
  message: HpkeSealed,
  recipient: KeyPair,
  info: Uint8Array,
  aad: Uint8Array,
): Promise<Uint8Array> {
  const sharedSecret = await primitives.kem.decap(message.enc, recipient)
  const schedule = new KeySchedule(primitives, baseContext(primitives, info), sharedSecret)
  return once(schedule, (key, nonce) => primitives.aead.open(key, nonce, aad, message.ciphertext))
}

/**
 * Exports a secret to a public key without encrypting anything. RFC 9180 §6.2; RFC 9420 §8.3 external init.
 * @param length - bytes wanted, at most 255 · Nh
 * @throws CoterieError `CRYPTO_BAD_KEY` (peer), `CRYPTO_BAD_LENGTH` (caller)
 */
export async function hpkeExportSender(
  primitives: SuitePrimitives,
  publicKey: Uint8Array,
  info: Uint8Array,
  exporterContext: Uint8Array,
  length: number,
  ikmE?: Uint8Array,
): Promise<HpkeExport> {
  const { enc, sharedSecret } = await primitives.kem.encap(publicKey, ikmE)
  return { enc, secret: exported(primitives, sharedSecret, info, exporterContext, length) }
}

/**
 * The recipient's side of `hpkeExportSender`.
 * @throws CoterieError `CRYPTO_OPEN_FAILED` (peer), `CRYPTO_BAD_LENGTH` (caller)
 */
export async function hpkeExportRecipient(
  primitives: SuitePrimitives,
  enc: Uint8Array,
  recipient: KeyPair,
  info: Uint8Array,
  exporterContext: Uint8Array,
  length: number,
): Promise<Secret> {
  const sharedSecret = await primitives.kem.decap(enc, recipient)
  return exported(primitives, sharedSecret, info, exporterContext, length)
}

/**
 * A sender's context for several messages. RFC 9180 §5.1.1.
 * @throws CoterieError `CRYPTO_BAD_KEY` (peer)
 */
export async function setupBaseSender(
  primitives: SuitePrimitives,
  publicKey: Uint8Array,
  info: Uint8Array,
  ikmE?: Uint8Array,
): Promise<HpkeSenderSetup> {
  const context = baseContext(primitives, info)
  const { enc, sharedSecret } = await primitives.kem.encap(publicKey, ikmE)
  return { enc, context: new HpkeSenderContext(primitives, new KeySchedule(primitives, context, sharedSecret)) }
}

/**
 * A recipient's context for several messages. RFC 9180 §5.1.1.
 * @throws CoterieError `CRYPTO_OPEN_FAILED` (peer)
 */
export async function setupBaseRecipient(
  primitives: SuitePrimitives,
  enc: Uint8Array,
  recipient: KeyPair,
  info: Uint8Array,
): Promise<HpkeRecipientContext> {
  const context = baseContext(primitives, info)
  const sharedSecret = await primitives.kem.decap(enc, recipient)
  return new HpkeRecipientContext(primitives, new KeySchedule(primitives, context, sharedSecret))
}

function baseContext(primitives: SuitePrimitives, info: Uint8Array): Uint8Array {
  return keyScheduleContext(primitives, MODE_BASE, info)
}

function sealed(
  primitives: SuitePrimitives,
  context: Uint8Array,
  { enc, sharedSecret }: Encapsulation,
  aad: Uint8Array,
  plaintext: Uint8Array,
): HpkeSealed {
  const schedule = new KeySchedule(primitives, context, sharedSecret)
  return { enc, ciphertext: once(schedule, (key, nonce) => primitives.aead.seal(key, nonce, aad, plaintext)) }
}

/** One AEAD call under sequence number 0; its key is wiped whether or not it succeeds. */
function once(schedule: KeySchedule, call: (key: Uint8Array, nonce: Uint8Array) => Uint8Array): Uint8Array {
  const key = schedule.key()
  const nonce = schedule.baseNonce()
  schedule.wipe()
  try {
    return call(key, nonce)
  } finally {
    wipeBytes(key)
  }
}

function exported(
  primitives: SuitePrimitives,
  sharedSecret: Secret,
  info: Uint8Array,
  exporterContext: Uint8Array,
  length: number,
): Secret {
  const schedule = new KeySchedule(primitives, baseContext(primitives, info), sharedSecret)
  const exporterSecret = schedule.exporterSecret()
  schedule.wipe()
  try {
    return new Secret(exportFrom(primitives, exporterSecret, exporterContext, length))
  } finally {
    wipeBytes(exporterSecret)
  }
}
