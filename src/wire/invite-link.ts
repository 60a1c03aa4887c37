// Invite links: what somebody needs to ask to be let into a group (spec/invite.md). A link is a `coterie:` URL that fits in a
// QR code, signed by the device of the member who gives it away.

import { fromString } from 'uint8arrays/from-string'
import { toString as encodeText } from 'uint8arrays/to-string'
import { utf8 } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { type CertifiedDevice, verifyDevice } from '../identity/device-credential.ts'
import { type BasicCredential, basicCredential } from '../messages/credential.ts'
import { type InviteAddress, SEED_BYTES } from './invite.ts'

export interface InviteLinkContent extends InviteAddress {
  /** In seconds since the Unix epoch. */
  readonly expiresAt: bigint
  /** Whether an admin decides. */
  readonly approve: boolean
  /** What the group is called, cut to 64 bytes. */
  readonly groupName: string
  /** Of the member who gives the link away. */
  readonly credential: BasicCredential
  /** Where that member can be reached. */
  readonly addresses: readonly string[]
  /** The relays that keep requests for the members. */
  readonly relays: readonly string[]
}

export interface InviteLink extends InviteLinkContent {
  /** Who gives the link away; verified. */
  readonly invitedBy: CertifiedDevice
}

/** Signs a link with the device that the credential is of, and writes it as a URL. */
export async function writeInviteLink(
  suite: CipherSuite,
  device: KeyPair,
  content: InviteLinkContent,
): Promise<string> {
  const signed = { ...content, groupName: cut(content.groupName), deviceKey: device.publicKey }
  const signature = await suite.signature.sign(device.privateKey, toBeSigned(signed))
  const bytes = encode((writer) => {
    encodeContent(writer, signed)
    writer.opaque(signature)
  }, undefined)
  return PREFIX + encodeText(bytes, 'base64url')
}

/**
 * Reads a link and verifies that it comes from the device, and that from the identity, that it names. Says nothing of whether
 * they are in the group, nor of whether the link is still good.
 * @throws CoterieError `INVITE_MALFORMED`, `INVITE_SIGNATURE` (peer)
 */
export async function readInviteLink(suite: CipherSuite, url: string): Promise<InviteLink> {
  const { signature, ...content } = parse(url)
  const { credential, deviceKey } = content
  try {
    await suite.signature.verify(deviceKey, toBeSigned(content), signature)
    return { ...content, invitedBy: await verifyDevice(suite.signature, credential, deviceKey) }
  } catch (cause) {
    return fail('INVITE_SIGNATURE', 'this link is damaged, or was changed by someone', { cause })
  }
}

interface SignedContent extends InviteLinkContent {
  readonly deviceKey: Uint8Array
}

function parse(url: string): SignedContent & { readonly signature: Uint8Array } {
  const text = url.trim()
  if (!text.startsWith(PREFIX)) fail('INVITE_MALFORMED', `an invite link begins with ${PREFIX}`)
  if (text.length > MAX_LINK_LENGTH) fail('INVITE_MALFORMED', `an invite link of ${text.length} characters`)
  try {
    return decode(decodeLink, fromString(text.slice(PREFIX.length), 'base64url'))
  } catch (cause) {
    return fail('INVITE_MALFORMED', 'this is not an invite link, or part of one', { cause })
  }
}

function toBeSigned(content: SignedContent): Uint8Array {
  return encode((writer) => {
    writer.opaque(LABEL)
    encodeContent(writer, content)
  }, undefined)
}

const encodeContent: Encoder<SignedContent> = (writer, content) => {
  writer.uint8(VERSION)
  writer.fixed(content.topicSeed)
  writer.opaque(content.publicKey)
  writer.uint64(content.expiresAt)
  writer.uint8(content.approve ? FLAG_APPROVE : 0)
  writer.opaque(utf8(content.groupName))
  writer.opaque(content.credential.identity)
  writer.opaque(content.deviceKey)
  for (const list of [content.addresses, content.relays]) {
    writer.vector(list, (inner, address) => inner.opaque(utf8(address)))
  }
}

const decodeLink: Decoder<SignedContent & { readonly signature: Uint8Array }> = (reader) => {
  const version = reader.uint8()
  if (version !== VERSION) fail('INVITE_MALFORMED', `unknown version ${version} of an invite link`)
  const topicSeed = reader.fixed(SEED_BYTES)
  const publicKey = reader.opaque()
  const expiresAt = reader.uint64()
  const flags = reader.uint8()
  if (flags > FLAG_APPROVE) fail('INVITE_MALFORMED', 'unknown flags of an invite link')
  const name = reader.opaque()
  if (name.length > MAX_NAME_BYTES) fail('INVITE_MALFORMED', `a group's name of ${name.length} bytes`)
  return {
    topicSeed,
    publicKey,
    expiresAt,
    approve: flags === FLAG_APPROVE,
    groupName: readText(name),
    credential: basicCredential(reader.opaque()),
    deviceKey: reader.opaque(),
    addresses: reader.vector((inner) => readText(inner.opaque())),
    relays: reader.vector((inner) => readText(inner.opaque())),
    signature: reader.opaque(),
  }
}

/** As many whole characters as fit. */
function cut(name: string): string {
  let result = ''
  for (const character of name) {
    if (utf8(result + character).length > MAX_NAME_BYTES) break
    result += character
  }
  return result
}

function readText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}

const VERSION = 1
const PREFIX = 'coterie:invite/'
const MAX_LINK_LENGTH = 4_096
const MAX_NAME_BYTES = 64
const FLAG_APPROVE = 1
const LABEL = /* @__PURE__ */ utf8('coterie invite link 1')
