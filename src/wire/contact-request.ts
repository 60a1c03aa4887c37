// A contact request: somebody who has a device's contact card sends it their own, with a note (spec/inbox.md). It is signed for
// the inbox that it is left in: nobody who has two cards can introduce their owners to each other.

import { utf8 } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { encode, type Writer } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import { type ContactCard, decodeContactCard } from './contact-card.ts'
import type { InboxAddress } from './inbox.ts'

export interface ContactRequestContent {
  /** The sender's contact card: see `encodeContactCard`. */
  readonly card: Uint8Array
  readonly note: string
  /** By the sender's clock, in milliseconds since the Unix epoch. */
  readonly sentAtMs: number
}

export interface ReadContactRequest extends ContactRequestContent {
  readonly contact: ContactCard
}

/** The longest note, in bytes of UTF-8. */
const MAX_NOTE_BYTES = 256

/**
 * Signs a request for an inbox.
 * @param device - the key pair that the card is signed with
 * @throws CoterieError `ARGUMENT_INVALID` (caller): the note is too long
 */
export async function encodeContactRequest(
  suite: CipherSuite,
  device: KeyPair,
  inbox: InboxAddress,
  content: ContactRequestContent,
): Promise<Uint8Array> {
  if (utf8(content.note).length > MAX_NOTE_BYTES) {
    fail('ARGUMENT_INVALID', `a note has at most ${MAX_NOTE_BYTES} bytes of UTF-8`)
  }
  const signature = await suite.signature.sign(device.privateKey, toBeSigned(inbox, content))
  return encode((writer) => {
    writer.uint8(VERSION)
    writeContent(writer, content)
    writer.opaque(signature)
  }, undefined)
}

/**
 * Reads a request and verifies that it was made by the device of the card in it, for this inbox. Says nothing of who that is:
 * see `verifyDevice`.
 * @throws CoterieError `INBOX_UNREADABLE`, `CARD_MALFORMED`, `CARD_SIGNATURE` (peer)
 */
export async function readContactRequest(
  suite: CipherSuite,
  inbox: InboxAddress,
  body: Uint8Array,
): Promise<ReadContactRequest> {
  const { signature, ...content } = parse(body)
  const contact = await decodeContactCard(suite, content.card)
  try {
    await suite.signature.verify(contact.keyPackage.leafNode.signatureKey, toBeSigned(inbox, content), signature)
  } catch (cause) {
    return fail('INBOX_UNREADABLE', 'a contact request that its sender did not make for this inbox', { cause })
  }
  return { ...content, contact }
}

function parse(body: Uint8Array): ContactRequestContent & { readonly signature: Uint8Array } {
  try {
    return decode(decodeRequest, body)
  } catch (cause) {
    if (!CoterieError.is(cause) && !(cause instanceof TypeError)) throw cause
    return fail('INBOX_UNREADABLE', 'a contact request that cannot be parsed', { cause })
  }
}

const decodeRequest: Decoder<ContactRequestContent & { readonly signature: Uint8Array }> = (reader) => {
  const version = reader.uint8()
  if (version !== VERSION) fail('INBOX_UNREADABLE', `unknown version ${version} of a contact request`)
  const card = reader.opaque()
  const note = reader.opaque()
  if (note.length > MAX_NOTE_BYTES) fail('INBOX_UNREADABLE', `a note of ${note.length} bytes`)
  return {
    card,
    note: new TextDecoder('utf-8', { fatal: true }).decode(note),
    sentAtMs: Number(reader.uint64()),
    signature: reader.opaque(),
  }
}

function toBeSigned({ seed, publicKey }: InboxAddress, content: ContactRequestContent): Uint8Array {
  return encode((writer) => {
    writer.opaque(LABEL)
    writer.opaque(seed)
    writer.opaque(publicKey)
    writeContent(writer, content)
  }, undefined)
}

function writeContent(writer: Writer, { card, note, sentAtMs }: ContactRequestContent): void {
  writer.opaque(card)
  writer.opaque(utf8(note))
  writer.uint64(BigInt(sentAtMs))
}

const VERSION = 1
const LABEL = /* @__PURE__ */ utf8('coterie contact request 1')
