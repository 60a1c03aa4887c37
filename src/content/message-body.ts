// The body of an application message: what people and programs say to each other (spec/message.md). Knows nothing of
// groups; whoever does not know a kind yet still carries it.

import { fromHex, toHex, utf8 } from '../bytes.ts'
import { type Decoder, decode, type Reader } from '../codec/reader.ts'
import { type Encoder, encode, type Writer } from '../codec/writer.ts'
import { CoterieError, fail } from '../errors.ts'

/** The longest encoded body. */
export const MAX_MESSAGE_BYTES = 1_048_576

/** What a message says. Ids of messages are in hexadecimal, as `Message.id`. */
export type MessageBody =
  /** Something to read, maybe as an answer. */
  | { readonly kind: 'text'; readonly text: string; readonly replyTo?: string }
  /** An emoji put on a message, or taken back. */
  | { readonly kind: 'reaction'; readonly to: string; readonly emoji: string; readonly removed?: boolean }
  /** Another text for a message of one's own. */
  | { readonly kind: 'edit'; readonly of: string; readonly text: string }
  /** Whatever an application wants: `contentType` names the format of the bytes, like `image/png`. */
  | { readonly kind: 'custom'; readonly contentType: string; readonly bytes: Uint8Array }

/** A body of a kind that this version does not know. */
export interface UnknownBody {
  readonly kind: 'unknown'
}

/**
 * @throws CoterieError `MESSAGE_TOO_LARGE` (caller) beyond 1,048,576 bytes; `ARGUMENT_INVALID` (caller) for an id that is
 * none, an emoji of none or more than 64 bytes, a content type of none or more than 255
 */
export function encodeBody(body: MessageBody): Uint8Array {
  if (typeof body !== 'object' || body === null) fail('ARGUMENT_INVALID', NO_BODY)
  const bytes = encode(encodeFields, body)
  checkBodyLength(bytes.length)
  return bytes
}

/** @throws CoterieError `MESSAGE_MALFORMED` (peer) */
export function decodeBody(bytes: Uint8Array): MessageBody | UnknownBody {
  try {
    return decode(decodeFields, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause) || cause.code === 'MESSAGE_MALFORMED') throw cause
    return fail('MESSAGE_MALFORMED', 'a message whose body cannot be read', { cause })
  }
}

/** @throws CoterieError `MESSAGE_TOO_LARGE` (caller) */
export function checkBodyLength(length: number): void {
  if (length > MAX_MESSAGE_BYTES) {
    fail('MESSAGE_TOO_LARGE', `a message of ${length} bytes; at most ${MAX_MESSAGE_BYTES} can be sent`)
  }
}

const encodeFields: Encoder<MessageBody> = (writer, body) => {
  switch (body.kind) {
    case 'text':
      writer.uint8(Kind.text)
      writer.opaque(bytesOf(body.text))
      writer.optional(body.replyTo, writeMessageId)
      return
    case 'reaction':
      writer.uint8(Kind.reaction)
      writeMessageId(writer, body.to)
      writeShort(writer, body.emoji, MAX_EMOJI_BYTES, 'an emoji')
      writer.uint8(body.removed === true ? 1 : 0)
      return
    case 'edit':
      writer.uint8(Kind.edit)
      writeMessageId(writer, body.of)
      writer.opaque(bytesOf(body.text))
      return
    case 'custom':
      writer.uint8(Kind.custom)
      writeShort(writer, body.contentType, MAX_CONTENT_TYPE_BYTES, 'a content type')
      if (!(body.bytes instanceof Uint8Array)) fail('ARGUMENT_INVALID', 'the bytes of a message are a Uint8Array')
      writer.opaque(body.bytes)
      return
    default:
      // Programs without types come this far.
      fail('ARGUMENT_INVALID', NO_BODY)
  }
}

const decodeFields: Decoder<MessageBody | UnknownBody> = (reader) => {
  switch (reader.uint8()) {
    case Kind.text: {
      const text = readText(reader, MAX_MESSAGE_BYTES)
      const replyTo = reader.optional(readMessageId)
      return { kind: 'text', text, ...(replyTo !== undefined && { replyTo }) }
    }
    case Kind.reaction: {
      const to = readMessageId(reader)
      const emoji = readText(reader, MAX_EMOJI_BYTES)
      if (emoji === '') fail('MESSAGE_MALFORMED', 'a reaction with nothing')
      const removed = reader.uint8()
      if (removed > 1) fail('MESSAGE_MALFORMED', 'a reaction that is neither put nor taken back')
      return { kind: 'reaction', to, emoji, ...(removed === 1 && { removed: true }) }
    }
    case Kind.edit:
      return { kind: 'edit', of: readMessageId(reader), text: readText(reader, MAX_MESSAGE_BYTES) }
    case Kind.custom: {
      const contentType = readText(reader, MAX_CONTENT_TYPE_BYTES)
      if (contentType === '') fail('MESSAGE_MALFORMED', 'a body of no content type')
      return { kind: 'custom', contentType, bytes: reader.opaque() }
    }
    default:
      reader.rest()
      return { kind: 'unknown' }
  }
}

function writeMessageId(writer: Writer, id: string): void {
  const bytes = typeof id === 'string' ? fromHex(id) : undefined
  if (bytes?.length !== MESSAGE_ID_BYTES) fail('ARGUMENT_INVALID', 'the id of a message has 64 hexadecimal digits')
  writer.fixed(bytes)
}

function readMessageId(reader: Reader): string {
  return toHex(reader.fixed(MESSAGE_ID_BYTES))
}

function writeShort(writer: Writer, text: string, maxBytes: number, what: string): void {
  const bytes = bytesOf(text)
  if (bytes.length === 0 || bytes.length > maxBytes) fail('ARGUMENT_INVALID', `${what} has 1 to ${maxBytes} bytes`)
  writer.opaque(bytes)
}

/** Programs without types may give anything. */
function bytesOf(text: string): Uint8Array {
  return typeof text === 'string' ? utf8(text) : fail('ARGUMENT_INVALID', 'a text of a message is a string')
}

function readText(reader: Reader, maxBytes: number): string {
  const bytes = reader.opaque()
  if (bytes.length > maxBytes)
    fail('MESSAGE_MALFORMED', `a text of ${bytes.length} bytes where ${maxBytes} are allowed`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return fail('MESSAGE_MALFORMED', 'a text that is not UTF-8')
  }
}

const NO_BODY = 'a message is a text, or has the kind text, reaction, edit or custom'
const Kind = { text: 1, reaction: 2, edit: 3, custom: 4 } as const
const MESSAGE_ID_BYTES = 32
const MAX_EMOJI_BYTES = 64
const MAX_CONTENT_TYPE_BYTES = 255
