// HPKE's PSK, authenticated and authenticated-PSK modes (RFC 9180 §5.1.2 to §5.1.4). MLS does not use them.

import { concat, EMPTY } from '../bytes.ts'
import { fail } from '../errors.ts'
import type { Encapsulation, KemPrimitive, KeyPair, SuitePrimitives } from './contract.ts'
import { type DhKemPrimitive, decapsulatingDh, encapsulatingDh, extractAndExpand } from './dhkem.ts'
import { kemSuiteId } from './hkdf.ts'
import type { HpkeSenderSetup } from './hpke.ts'
import {
  HpkeRecipientContext,
  HpkeSenderContext,
  KeySchedule,
  keyScheduleContext,
  MODE_AUTH,
  MODE_AUTH_PSK,
  MODE_BASE,
  MODE_PSK,
} from './hpke-context.ts'
import type { Secret } from './secret.ts'

/** A secret that both sides share beforehand. RFC 9180 §5.1.2, §9.5: at least 32 bytes of entropy. */
export interface HpkePsk {
  readonly psk: Uint8Array
  readonly pskId: Uint8Array
}

/** How a sender proves itself: by a PSK, by its key pair, or by both. */
export interface HpkeSenderProof {
  readonly psk?: HpkePsk
  readonly sender?: KeyPair
}

/** What a recipient expects of the sender; the same choice as the sender made. */
export interface HpkeExpectedProof {
  readonly psk?: HpkePsk
  readonly senderPublicKey?: Uint8Array
}

/**
 * SetupPSKS, SetupAuthS or SetupAuthPSKS, depending on what `proof` holds; with neither it is the base mode.
 * @param ikmE - derives the ephemeral key; for test vectors only
 * @throws CoterieError `CRYPTO_BAD_KEY` (peer), `ARGUMENT_INVALID` (caller): an empty PSK or PSK id, or a KEM without
 *   authentication
 */
export async function setupSender(
  primitives: SuitePrimitives,
  publicKey: Uint8Array,
  info: Uint8Array,
  proof: HpkeSenderProof,
  ikmE?: Uint8Array,
): Promise<HpkeSenderSetup> {
  const { psk, pskId } = checkedPsk(proof.psk)
  const context = keyScheduleContext(primitives, modeOf(proof.psk, proof.sender), info, pskId)
  const { enc, sharedSecret } = proof.sender
    ? await authEncap(dhKemOf(primitives.kem), publicKey, proof.sender, ikmE)
    : await primitives.kem.encap(publicKey, ikmE)
  return { enc, context: new HpkeSenderContext(primitives, new KeySchedule(primitives, context, sharedSecret, psk)) }
}

/**
 * SetupPSKR, SetupAuthR or SetupAuthPSKR.
 * @throws CoterieError `CRYPTO_OPEN_FAILED` (peer), `ARGUMENT_INVALID` (caller) as in `setupSender`
 */
export async function setupRecipient(
  primitives: SuitePrimitives,
  enc: Uint8Array,
  recipient: KeyPair,
  info: Uint8Array,
  proof: HpkeExpectedProof,
): Promise<HpkeRecipientContext> {
  const { psk, pskId } = checkedPsk(proof.psk)
  const context = keyScheduleContext(primitives, modeOf(proof.psk, proof.senderPublicKey), info, pskId)
  const sharedSecret = proof.senderPublicKey
    ? await authDecap(dhKemOf(primitives.kem), enc, recipient, proof.senderPublicKey)
    : await primitives.kem.decap(enc, recipient)
  return new HpkeRecipientContext(primitives, new KeySchedule(primitives, context, sharedSecret, psk))
}

/** AuthEncap of RFC 9180 §4.1. */
async function authEncap(
  kem: DhKemPrimitive,
  publicKey: Uint8Array,
  sender: KeyPair,
  ikmE: Uint8Array | undefined,
): Promise<Encapsulation> {
  const ephemeral = await (ikmE === undefined ? kem.generateKeyPair() : kem.deriveKeyPair(ikmE))
  const enc = ephemeral.publicKey
  const context = concat(enc, publicKey, sender.publicKey)
  const dh = concat(
    await encapsulatingDh(kem.curve, ephemeral, publicKey),
    await encapsulatingDh(kem.curve, sender, publicKey),
  )
  ephemeral.privateKey.wipe()
  return { enc, sharedSecret: extractAndExpand(kem.hash, kemSuiteId(kem.id), dh, context) }
}

/** AuthDecap of RFC 9180 §4.1. */
async function authDecap(
  kem: DhKemPrimitive,
  enc: Uint8Array,
  recipient: KeyPair,
  senderPublicKey: Uint8Array,
): Promise<Secret> {
  const context = concat(enc, recipient.publicKey, senderPublicKey)
  const dh = concat(
    await decapsulatingDh(kem.curve, recipient, enc),
    await decapsulatingDh(kem.curve, recipient, senderPublicKey),
  )
  return extractAndExpand(kem.hash, kemSuiteId(kem.id), dh, context)
}

function modeOf(psk: HpkePsk | undefined, sender: KeyPair | Uint8Array | undefined): number {
  if (sender === undefined) return psk === undefined ? MODE_BASE : MODE_PSK
  return psk === undefined ? MODE_AUTH : MODE_AUTH_PSK
}

/** VerifyPSKInputs of RFC 9180 §5.1. */
function checkedPsk(psk: HpkePsk | undefined): HpkePsk {
  if (psk === undefined) return NO_PSK
  if (psk.psk.length === 0 || psk.pskId.length === 0) fail('ARGUMENT_INVALID', 'a PSK and its id must not be empty')
  return psk
}

function dhKemOf(kem: KemPrimitive): DhKemPrimitive {
  return isDhKem(kem) ? kem : fail('ARGUMENT_INVALID', 'this KEM does not authenticate senders')
}

function isDhKem(kem: KemPrimitive): kem is DhKemPrimitive {
  return 'curve' in kem && 'hash' in kem
}

const NO_PSK: HpkePsk = { psk: EMPTY, pskId: EMPTY }
