// What an application message says, inside MLS: its place in the sender's log, and its content (spec/message.md).

import { compareBytes, utf8 } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import { checkBodyLength, MAX_MESSAGE_BYTES } from './message-body.ts'

/** A message as its sender wrote it; the same in every encryption of it. */
export interface MessageContent {
  /** 0, 1, 2, … for each device in a group, without gaps. */
  readonly seq: bigint
  /** The id of the sender's message before this one; empty for the first. */
  readonly previous: Uint8Array
  /** A logical clock: greater than that of all messages that the sender had seen, and of all earlier epochs. */
  readonly lamport: bigint
  /** Milliseconds since the Unix epoch, as the sender's clock says. */
  readonly sentAtMs: number
  /** What it says: an encoded `MessageBody`, at most 1,048,576 bytes. */
  readonly body: Uint8Array
}

/** A message with what identifies it and who sent it. */
export interface IdentifiedMessage {
  /** 32 bytes. */
  readonly id: Uint8Array
  readonly content: MessageContent
}

/** @throws CoterieError `MESSAGE_TOO_LARGE` (caller) */
export function encodeMessageContent(content: MessageContent): Uint8Array {
  checkBodyLength(content.body.length)
  return encode(encodeContent, content)
}

/** @throws CoterieError `MESSAGE_MALFORMED` (peer) */
export function decodeMessageContent(bytes: Uint8Array): MessageContent {
  try {
    return decode(decodeContent, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause) || cause.code === 'MESSAGE_MALFORMED') throw cause
    return fail('MESSAGE_MALFORMED', 'a message whose content cannot be read', { cause })
  }
}

/**
 * The name of a message: a hash over the group, the sending device and the content.
 * @param deviceKey - the sender's signature key
 * @returns 32 bytes
 */
export function messageId(
  suite: CipherSuite,
  groupId: Uint8Array,
  deviceKey: Uint8Array,
  content: Uint8Array,
): Uint8Array {
  const preimage = encode((writer) => {
    writer.opaque(ID_LABEL)
    writer.opaque(groupId)
    writer.opaque(deviceKey)
    writer.opaque(content)
  }, undefined)
  return suite.hash.digest(preimage)
}

/** The order in which messages are shown, the same on every device: by logical clock, then by id. */
export function compareMessages(a: IdentifiedMessage, b: IdentifiedMessage): number {
  if (a.content.lamport !== b.content.lamport) return a.content.lamport < b.content.lamport ? -1 : 1
  return compareBytes(a.id, b.id)
}

const encodeContent: Encoder<MessageContent> = (writer, content) => {
  writer.uint8(VERSION)
  writer.uint64(content.seq)
  writer.opaque(content.previous)
  writer.uint64(content.lamport)
  writer.uint64(BigInt(content.sentAtMs))
  writer.opaque(content.body)
}

const decodeContent: Decoder<MessageContent> = (reader) => {
  const version = reader.uint8()
  if (version !== VERSION) fail('MESSAGE_MALFORMED', `unknown version ${version} of a message`)
  const seq = reader.uint64()
  const previous = reader.opaque()
  const lamport = reader.uint64()
  const sentAt = reader.uint64()
  if (sentAt > BigInt(Number.MAX_SAFE_INTEGER)) fail('MESSAGE_MALFORMED', 'a message from beyond the end of time')
  const body = reader.opaque()
  if (body.length > MAX_MESSAGE_BYTES) fail('MESSAGE_MALFORMED', `a message of ${body.length} bytes`)
  return { seq, previous, lamport, sentAtMs: Number(sentAt), body }
}

const VERSION = 1
const ID_LABEL = /* @__PURE__ */ utf8('coterie message 1')
