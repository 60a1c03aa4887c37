// The inbox of a device: a topic on which anyone who has its contact card can leave sealed messages (spec/inbox.md).

import { concat, utf8 } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import { hkdfExpand } from '../crypto/hkdf.ts'
import { hpkeOpen, hpkeSeal } from '../crypto/hpke.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { CoterieError, fail } from '../errors.ts'
import { type TopicKeys, topicFromSeed } from './topic.ts'

/** What is left in an inbox. */
export const InboxKind = {
  welcome: 1,
  /** To a frame on the same topic that is too large for it. */
  pointer: 2,
  /** A request by an invite is in vain: see invite.ts. */
  answer: 3,
  /** Somebody's contact card, with a note: see contact-request.ts. */
  contact: 4,
} as const

export interface InboxMessage {
  readonly kind: number
  readonly body: Uint8Array
}

/** Where others leave messages: public for those who have the contact card. */
export interface InboxAddress {
  /** 32 bytes, from which the topic's key pair and the frames' key follow. */
  readonly seed: Uint8Array
  /** An HPKE public key. */
  readonly publicKey: Uint8Array
}

/** The keys that everybody with the address derives. */
export interface InboxChannel {
  readonly topic: TopicKeys
  readonly frameKey: Secret
}

export async function inboxChannel(suite: CipherSuite, address: InboxAddress): Promise<InboxChannel> {
  return {
    topic: await topicFromSeed(suite, hkdfExpand(suite.hash, address.seed, utf8('coterie inbox topic 1'), 32)),
    frameKey: new Secret(hkdfExpand(suite.hash, address.seed, utf8('coterie inbox frame 1'), 32)),
  }
}

/** Seals a message for the owner alone; the result is the payload of a frame under the channel's key. */
export async function sealForInbox(
  suite: CipherSuite,
  address: InboxAddress,
  message: InboxMessage,
): Promise<Uint8Array> {
  const plaintext = encode((writer) => {
    writer.uint8(message.kind)
    writer.opaque(message.body)
  }, undefined)
  const { enc, ciphertext } = await hpkeSeal(suite, address.publicKey, INFO, address.seed, plaintext)
  return concat(enc, ciphertext)
}

/** @throws CoterieError `INBOX_UNREADABLE` (peer), for whatever reason */
export async function openFromInbox(
  suite: CipherSuite,
  owner: KeyPair,
  address: InboxAddress,
  payload: Uint8Array,
): Promise<InboxMessage> {
  const { encLength } = suite.kem
  try {
    const sealed = { enc: payload.slice(0, encLength), ciphertext: payload.slice(encLength) }
    const plaintext = await hpkeOpen(suite, sealed, owner, INFO, address.seed)
    return decode((reader) => ({ kind: reader.uint8(), body: reader.opaque() }), plaintext)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('INBOX_UNREADABLE', 'an inbox message that cannot be read')
  }
}

/** The body of a pointer. @param length - of the frame, in bytes */
export function encodePointer(frameId: Uint8Array, length: number): Uint8Array {
  return encode((writer) => {
    writer.fixed(frameId)
    writer.uint32(length)
  }, undefined)
}

/** @throws CoterieError `INBOX_UNREADABLE` (peer) */
export function decodePointer(body: Uint8Array): { readonly id: Uint8Array; readonly length: number } {
  try {
    return decode((reader) => ({ id: reader.fixed(FRAME_ID_BYTES), length: reader.uint32() }), body)
  } catch (cause) {
    return fail('INBOX_UNREADABLE', 'a pointer in an inbox that cannot be parsed', { cause })
  }
}

const FRAME_ID_BYTES = 32
const INFO = /* @__PURE__ */ utf8('coterie inbox 1')
