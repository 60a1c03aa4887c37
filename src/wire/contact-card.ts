// Contact cards: what somebody needs to add a device to a group and to reach it (spec/contact-card.md). A card is a
// `coterie:` URL that fits in a QR code, signed by the device whose key package it carries.

import { fromString } from 'uint8arrays/from-string'
import { toString as encodeText } from 'uint8arrays/to-string'
import { utf8 } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { decodeKeyPackage, encodeKeyPackage, type KeyPackage } from '../messages/key-package.ts'
import type { InboxAddress } from './inbox.ts'

export interface ContactCardContent {
  readonly keyPackage: KeyPackage
  readonly inbox: InboxAddress
  /** Where the device can be reached: multiaddrs, or what the transport uses. */
  readonly addresses: readonly string[]
  /** The relays that keep what is sent to it: multiaddrs with their peer ids. See spec/relay.md. */
  readonly relays: readonly string[]
}

export interface ContactCard extends ContactCardContent {
  readonly signature: Uint8Array
}

/**
 * Signs a card and writes it as a URL.
 * @param signatureKeyPair - the one that the key package is signed with, of the wire suite's scheme
 */
export async function writeContactCard(
  suite: CipherSuite,
  signatureKeyPair: KeyPair,
  content: ContactCardContent,
): Promise<string> {
  return textOfCard(await encodeContactCard(suite, signatureKeyPair, content))
}

/** The URL of a card's bytes. */
export function textOfCard(card: Uint8Array): string {
  return PREFIX + encodeText(card, 'base64url')
}

/** Signs a card, as bytes: what the URL carries. */
export async function encodeContactCard(
  suite: CipherSuite,
  signatureKeyPair: KeyPair,
  content: ContactCardContent,
): Promise<Uint8Array> {
  const signature = await suite.signature.sign(signatureKeyPair.privateKey, toBeSigned(content))
  return encode((writer) => {
    encodeContent(writer, content)
    writer.opaque(signature)
  }, undefined)
}

/**
 * Reads a card and verifies that it comes from the device whose key package it carries. Says nothing of who that is: see
 * `verifyDevice`.
 * @throws CoterieError `CARD_MALFORMED`, `CARD_SIGNATURE` (peer)
 */
export async function readContactCard(suite: CipherSuite, url: string): Promise<ContactCard> {
  return decodeContactCard(suite, bytesOf(url))
}

/** As `readContactCard`, from bytes. @throws CoterieError `CARD_MALFORMED`, `CARD_SIGNATURE` (peer) */
export async function decodeContactCard(suite: CipherSuite, bytes: Uint8Array): Promise<ContactCard> {
  const card = parse(bytes)
  const { signatureKey } = card.keyPackage.leafNode
  try {
    await suite.signature.verify(signatureKey, toBeSigned(card), card.signature)
  } catch (cause) {
    return fail('CARD_SIGNATURE', 'this contact card is damaged, or was changed by someone', { cause })
  }
  return card
}

function bytesOf(url: string): Uint8Array {
  const text = url.trim()
  if (!text.startsWith(PREFIX)) fail('CARD_MALFORMED', `a contact card begins with ${PREFIX}`)
  if (text.length > MAX_CARD_LENGTH) fail('CARD_MALFORMED', `a contact card of ${text.length} characters`)
  try {
    return fromString(text.slice(PREFIX.length), 'base64url')
  } catch (cause) {
    return fail('CARD_MALFORMED', 'this is not a contact card, or part of one', { cause })
  }
}

function parse(bytes: Uint8Array): ContactCard {
  try {
    return decode(decodeCard, bytes)
  } catch (cause) {
    return fail('CARD_MALFORMED', 'this is not a contact card, or part of one', { cause })
  }
}

function toBeSigned(content: ContactCardContent): Uint8Array {
  return encode((writer) => {
    writer.opaque(LABEL)
    encodeContent(writer, content)
  }, undefined)
}

const encodeContent: Encoder<ContactCardContent> = (writer, content) => {
  writer.uint8(VERSION)
  encodeKeyPackage(writer, content.keyPackage)
  writer.opaque(content.inbox.seed)
  writer.opaque(content.inbox.publicKey)
  for (const list of [content.addresses, content.relays]) {
    writer.vector(list, (inner, address) => inner.opaque(utf8(address)))
  }
}

const decodeCard: Decoder<ContactCard> = (reader) => {
  const version = reader.uint8()
  if (version !== VERSION) fail('CARD_MALFORMED', `unknown version ${version} of a contact card`)
  return {
    keyPackage: decodeKeyPackage(reader),
    inbox: { seed: reader.opaque(), publicKey: reader.opaque() },
    addresses: reader.vector(decodeAddress),
    relays: reader.vector(decodeAddress),
    signature: reader.opaque(),
  }
}

const decodeAddress: Decoder<string> = (reader) => new TextDecoder('utf-8', { fatal: true }).decode(reader.opaque())

const VERSION = 1
const PREFIX = 'coterie:card/'
const MAX_CARD_LENGTH = 8_192
const LABEL = /* @__PURE__ */ utf8('coterie contact card 1')
