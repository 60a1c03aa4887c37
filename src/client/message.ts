// A message as the app sees it: what was sent, with the edits and reactions that came to it (spec/message.md).

import { toHex } from '../bytes.ts'
import { decodeBody, type MessageBody, type UnknownBody } from '../content/message-body.ts'
import { compareMessages } from '../content/message-content.ts'
import { CoterieError } from '../errors.ts'
import type { Delivery } from '../session/effects.ts'
import type { StoredMessage } from '../session/message-record.ts'
import type { Deliveries } from './own-deliveries.ts'

/** Who sent a message, as it was when it was sent. */
export interface MessageSender {
  /** `did:key:…` */
  readonly identity: string
  readonly name: string
  /** The device's signature key in hexadecimal. */
  readonly device: string
}

/** An emoji on a message, and whose it is. */
export interface Reaction {
  readonly emoji: string
  /** Identities, in the order in which they put it there. */
  readonly by: readonly string[]
}

/** A message as the app sees it. */
export interface Message {
  /** 64 hexadecimal digits, the same on every device. */
  readonly id: string
  readonly sender: MessageSender
  /** As the sender's clock says. */
  readonly sentAt: Date
  /** The text, after its last edit; empty where the content is not a text. */
  readonly text: string
  /** As it was sent, before any edit. `unknown`: this version cannot read it. */
  readonly content: MessageBody | UnknownBody
  /** The id of the message that this one answers. */
  readonly replyTo: string | undefined
  readonly reactions: readonly Reaction[]
  /** Whether its sender has changed the text. */
  readonly edited: boolean
  /** Who has acknowledged it by now: identities of members, all devices of each. Known of what this device has sent; else empty. */
  readonly deliveredTo: readonly string[]
  /** How far it has come by now, and who is missing. Of what this device has sent, in whichever process; else undefined. */
  readonly delivery: Delivery | undefined
  /** Where to resume from. Of this device alone. */
  readonly cursor: number
}

/** What is said about another message, not for itself. */
export type Note = Extract<MessageBody, { readonly kind: 'reaction' | 'edit' }>

/** What a message says. What cannot be read is `unknown`: it keeps nothing else from being read. */
export function bodyOf({ content }: StoredMessage): MessageBody | UnknownBody {
  try {
    return decodeBody(content.body)
  } catch (error) {
    if (!CoterieError.is(error)) throw error
    return { kind: 'unknown' }
  }
}

export function isNote(body: MessageBody | UnknownBody): body is Note {
  return body.kind === 'reaction' || body.kind === 'edit'
}

/** The id of the message that a note is about. */
export function targetOf(note: Note): string {
  return note.kind === 'edit' ? note.of : note.to
}

/** @param notes - the reactions and edits that are about the message */
export function asMessage(stored: StoredMessage, notes: readonly StoredMessage[], deliveries: Deliveries): Message {
  const { id, sender, senderName, deviceKey, content, place } = stored
  const body = bodyOf(stored)
  const ordered = [...notes].sort(compareMessages)
  const edit = body.kind === 'text' ? lastEdit(ordered, sender) : undefined
  return {
    id: toHex(id),
    sender: { identity: sender, name: senderName, device: toHex(deviceKey) },
    sentAt: new Date(content.sentAtMs),
    text: edit ?? (body.kind === 'text' ? body.text : ''),
    content: body,
    replyTo: body.kind === 'text' ? body.replyTo : undefined,
    reactions: reactionsIn(ordered),
    edited: edit !== undefined,
    get deliveredTo() {
      return deliveries.to(stored)
    },
    get delivery() {
      return deliveries.of(stored)
    },
    cursor: place,
  }
}

/** Only a message's own sender can change it. */
function lastEdit(notes: readonly StoredMessage[], author: string): string | undefined {
  let text: string | undefined
  for (const note of notes) {
    const body = bodyOf(note)
    if (body.kind === 'edit' && note.sender === author) text = body.text
  }
  return text
}

function reactionsIn(notes: readonly StoredMessage[]): Reaction[] {
  const byEmoji = new Map<string, Set<string>>()
  for (const note of notes) {
    const body = bodyOf(note)
    if (body.kind !== 'reaction') continue
    const identities = byEmoji.get(body.emoji) ?? new Set()
    if (body.removed === true) identities.delete(note.sender)
    else identities.add(note.sender)
    byEmoji.set(body.emoji, identities)
  }
  return [...byEmoji].filter(([, by]) => by.size > 0).map(([emoji, by]) => ({ emoji, by: [...by] }))
}
