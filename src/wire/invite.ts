// What is asked and answered on an invite's way (spec/invite.md): a request that only the members can read, on a topic that
// everybody with the link derives, and the word that it was in vain.

import { concat, equalBytes, utf8 } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import { hkdfExpand } from '../crypto/hkdf.ts'
import { hpkeOpen, hpkeSeal } from '../crypto/hpke.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { CoterieError, fail } from '../errors.ts'
import type { InboxChannel } from './inbox.ts'
import { topicFromSeed } from './topic.ts'

/** What everybody with the link knows of where to ask. */
export interface InviteAddress {
  /** 32 bytes, from which the topic's key pair and the frames' key follow. */
  readonly topicSeed: Uint8Array
  /** An HPKE public key, whose private key the members have. */
  readonly publicKey: Uint8Array
}

/** A request to be let in. */
export interface AdmissionRequest {
  /** A contact card (spec/contact-card.md) as bytes, with a key package of its own. */
  readonly card: Uint8Array
  /** 32 random bytes, with which the answer is authenticated. */
  readonly answerKey: Uint8Array
  /** What the joiner says to those who decide: at most 256 bytes of UTF-8. */
  readonly note: string
}

/** Why a request is in vain. */
export const AnswerReason = { revoked: 1, usedUp: 2, expired: 3, refused: 4 } as const
export type AnswerReason = (typeof AnswerReason)[keyof typeof AnswerReason]

/** The topic of an invite, and the key of its frames. */
export async function inviteChannel(suite: CipherSuite, topicSeed: Uint8Array): Promise<InboxChannel> {
  return {
    topic: await topicFromSeed(suite, hkdfExpand(suite.hash, topicSeed, utf8('coterie invite topic 1'), SEED_BYTES)),
    frameKey: new Secret(hkdfExpand(suite.hash, topicSeed, utf8('coterie invite frame 1'), SEED_BYTES)),
  }
}

/**
 * Seals a request for the members; the result is the payload of a frame under the channel's key.
 * @throws CoterieError `ARGUMENT_INVALID` (caller): too long a note
 */
export async function sealAdmissionRequest(
  suite: CipherSuite,
  { topicSeed, publicKey }: InviteAddress,
  request: AdmissionRequest,
): Promise<Uint8Array> {
  const { enc, ciphertext } = await hpkeSeal(suite, publicKey, INFO, topicSeed, encodeAdmissionRequest(request))
  return concat(enc, ciphertext)
}

/** @throws CoterieError `REQUEST_MALFORMED` (peer), for whatever reason */
export async function openAdmissionRequest(
  suite: CipherSuite,
  members: KeyPair,
  topicSeed: Uint8Array,
  payload: Uint8Array,
): Promise<AdmissionRequest> {
  const { encLength } = suite.kem
  try {
    const sealed = { enc: payload.slice(0, encLength), ciphertext: payload.slice(encLength) }
    return decodeAdmissionRequest(await hpkeOpen(suite, sealed, members, INFO, topicSeed))
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('REQUEST_MALFORMED', 'a request by an invite that cannot be read')
  }
}

/** @throws CoterieError `ARGUMENT_INVALID` (caller): too long a note */
function encodeAdmissionRequest({ card, answerKey, note }: AdmissionRequest): Uint8Array {
  const text = utf8(note)
  if (text.length > MAX_NOTE_BYTES) {
    fail('ARGUMENT_INVALID', `a note of ${text.length} bytes; at most ${MAX_NOTE_BYTES} fit here`)
  }
  return encode((writer) => {
    writer.uint8(VERSION)
    writer.opaque(card)
    writer.fixed(answerKey)
    writer.opaque(text)
  }, undefined)
}

/** @throws CoterieError `REQUEST_MALFORMED`, `CODEC_*` (peer) */
function decodeAdmissionRequest(bytes: Uint8Array): AdmissionRequest {
  return decode((reader) => {
    const version = reader.uint8()
    if (version !== VERSION) fail('REQUEST_MALFORMED', `unknown version ${version} of a request by an invite`)
    const [card, answerKey, note] = [reader.opaque(), reader.fixed(ANSWER_KEY_BYTES), reader.opaque()]
    if (note.length > MAX_NOTE_BYTES) fail('REQUEST_MALFORMED', `a note of ${note.length} bytes`)
    return { card, answerKey, note: new TextDecoder().decode(note) }
  }, bytes)
}

/** The body of an inbox message that says that a request is in vain. */
export function encodeAnswer(suite: CipherSuite, answerKey: Uint8Array, reason: AnswerReason): Uint8Array {
  return concat(Uint8Array.of(reason), answerTag(suite, answerKey, reason))
}

/** What an answer says to whoever has this key; undefined where it is not for them, or not from somebody who read the request. */
export function readAnswer(suite: CipherSuite, answerKey: Uint8Array, body: Uint8Array): AnswerReason | undefined {
  const reason = Object.values(AnswerReason).find((one) => one === body[0])
  if (reason === undefined || !equalBytes(body.subarray(1), answerTag(suite, answerKey, reason))) return undefined
  return reason
}

function answerTag(suite: CipherSuite, answerKey: Uint8Array, reason: AnswerReason): Uint8Array {
  return hkdfExpand(suite.hash, answerKey, concat(ANSWER_LABEL, Uint8Array.of(reason)), ANSWER_KEY_BYTES)
}

/** The bytes of an invite's topic seed, and of the private key of its requests. */
export const SEED_BYTES = 32
/** The bytes of a request's answer key. */
export const ANSWER_KEY_BYTES = 32
const MAX_NOTE_BYTES = 256
const VERSION = 1
const INFO = /* @__PURE__ */ utf8('coterie invite 1')
const ANSWER_LABEL = /* @__PURE__ */ utf8('coterie invite answer 1')
