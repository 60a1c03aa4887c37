// What this device wants, has committed or sent, and cannot forget yet: it may have to be done again on another branch.

import { utf8 } from '../bytes.ts'
import type { Reader } from '../codec/reader.ts'
import { encode, type Writer } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import { decodeKeyPackage, encodeKeyPackage } from '../messages/key-package.ts'
import type { InboxAddress } from '../wire/inbox.ts'
import type { NodeId } from './epoch-tree.ts'
import { decodeGroupInvite, encodeGroupInvite } from './group-invites.ts'
import { LEVELS, PERMISSIONS, type Permissions } from './group-profile.ts'
import type { Intent, Newcomer } from './intents.ts'
import { stored, storedText } from './stored.ts'

/** A wish, until the commit that carried it out is so old that no other branch can win. */
export interface PendingIntent {
  readonly number: bigint
  readonly intent: Intent
  /** Whether a commit with it has lost, or it had to wait: then others may want to commit at the same time. */
  readonly queued: boolean
  /** Of `refresh`: since when, in milliseconds since the Unix epoch; undefined in records of before that was told. */
  readonly sinceMs?: number | undefined
}

/** A commit of this device, until it is as old as epochs are kept, and all whom it has added were heard. */
export interface OwnCommit {
  readonly node: NodeId
  /** The numbers of the intents that it carries out. */
  readonly intents: readonly bigint[]
  /** For the newcomers, and where to leave it. */
  readonly welcome: { readonly message: Uint8Array; readonly inboxes: readonly InboxAddress[] } | undefined
  /** When that was done last, in milliseconds since the Unix epoch. */
  readonly handedOutAtMs: number | undefined
  /** When the commit counts as settled if nothing competes, in milliseconds since the Unix epoch. */
  readonly settlesAtMs: number
}

/** Where a message stands that could not be encrypted yet. */
export const NOWHERE: NodeId = ''

/** A message of this device, until everybody has it. */
export interface OutboxEntry {
  readonly seq: bigint
  /** 32 bytes. */
  readonly id: Uint8Array
  /** The encoded content. */
  readonly content: Uint8Array
  /** The epoch in which it was encrypted last, or `NOWHERE`. */
  readonly node: NodeId
  readonly height: bigint
  readonly publishedAtMs: number | undefined
  readonly sentAtMs: number
}

export function encodePendingIntent({ number, intent, queued, sinceMs }: PendingIntent): Uint8Array {
  return encode((writer) => {
    writer.uint64(number)
    writer.uint8(queued ? 1 : 0)
    writer.uint8(KINDS.indexOf(intent.kind))
    if (intent.kind === 'add') {
      writer.vector(intent.newcomers, (inner, { keyPackage, inbox }) => {
        encodeKeyPackage(inner, keyPackage)
        encodeInbox(inner, inbox)
      })
    } else if (intent.kind === 'rename') writer.opaque(utf8(intent.name))
    else if (intent.kind === 'describe') writer.opaque(utf8(intent.description))
    else if (intent.kind === 'permit') encodeChange(writer, intent.permissions)
    else if (intent.kind === 'invite') encodeGroupInvite(writer, intent.invite)
    else if (intent.kind === 'revoke') writer.opaque(utf8(intent.invite))
    else if (intent.kind === 'remove' || intent.kind === 'promote') writer.opaque(utf8(intent.identity))
    if (sinceMs !== undefined) writer.uint64(BigInt(sinceMs))
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodePendingIntent(bytes: Uint8Array): PendingIntent {
  return stored((reader) => {
    const number = reader.uint64()
    const queued = reader.uint8() === 1
    const intent = decodeIntent(reader)
    return { number, queued, intent, sinceMs: reader.remaining > 0 ? Number(reader.uint64()) : undefined }
  }, bytes)
}

function decodeIntent(reader: Reader): Intent {
  const kind = KINDS[reader.uint8()]
  switch (kind) {
    case 'add':
      return {
        kind,
        newcomers: reader.vector(
          (inner): Newcomer => ({ keyPackage: decodeKeyPackage(inner), inbox: decodeInbox(inner) }),
        ),
      }
    case 'rename':
      return { kind, name: storedText(reader) }
    case 'describe':
      return { kind, description: storedText(reader) }
    case 'remove':
    case 'promote':
      return { kind, identity: storedText(reader) }
    case 'permit':
      return { kind, permissions: decodeChange(reader) }
    case 'invite':
      return { kind, invite: decodeGroupInvite(reader) }
    case 'revoke':
      return { kind, invite: storedText(reader) }
    case 'leave':
    case 'refresh':
      return { kind }
    default:
      return fail('STORE_CORRUPT', 'a stored intent of an unknown kind')
  }
}

export function encodeOwnCommit(own: OwnCommit): Uint8Array {
  return encode((writer) => {
    writer.opaque(utf8(own.node))
    writer.vector(own.intents, (inner, number) => inner.uint64(number))
    writer.optional(own.welcome, (inner, { message, inboxes }) => {
      inner.opaque(message)
      inner.vector(inboxes, encodeInbox)
    })
    writer.uint8(own.handedOutAtMs === undefined ? 0 : 1)
    writer.uint64(BigInt(own.settlesAtMs))
    if (own.handedOutAtMs !== undefined) writer.uint64(BigInt(own.handedOutAtMs))
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodeOwnCommit(bytes: Uint8Array): OwnCommit {
  return stored((reader) => {
    const node = storedText(reader)
    const intents = reader.vector((inner) => inner.uint64())
    const welcome = reader.optional((inner) => ({ message: inner.opaque(), inboxes: inner.vector(decodeInbox) }))
    const isHandedOut = reader.uint8() === 1
    const settlesAtMs = Number(reader.uint64())
    // Older records do not say when.
    const atMs = reader.remaining > 0 ? Number(reader.uint64()) : settlesAtMs
    return { node, intents, welcome, handedOutAtMs: isHandedOut ? atMs : undefined, settlesAtMs }
  }, bytes)
}

export function encodeOutboxEntry(entry: OutboxEntry): Uint8Array {
  return encode((writer) => {
    writer.uint64(entry.seq)
    writer.opaque(entry.id)
    writer.opaque(entry.content)
    writer.opaque(utf8(entry.node))
    writer.uint64(entry.height)
    writer.optional(entry.publishedAtMs, (inner, ms) => inner.uint64(BigInt(ms)))
    writer.uint64(BigInt(entry.sentAtMs))
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodeOutboxEntry(bytes: Uint8Array): OutboxEntry {
  return stored(
    (reader) => ({
      seq: reader.uint64(),
      id: reader.opaque(),
      content: reader.opaque(),
      node: storedText(reader),
      height: reader.uint64(),
      publishedAtMs: reader.optional((inner) => Number(inner.uint64())),
      sentAtMs: Number(reader.uint64()),
    }),
    bytes,
  )
}

function encodeChange(writer: Writer, change: Partial<Permissions>): void {
  for (const name of PERMISSIONS) {
    const level = change[name]
    writer.uint8(level === undefined ? UNCHANGED : LEVELS.indexOf(level))
  }
}

function decodeChange(reader: Reader): Partial<Permissions> {
  const change: { -readonly [N in keyof Permissions]?: Permissions[N] } = {}
  for (const name of PERMISSIONS) {
    const number = reader.uint8()
    if (number === UNCHANGED) continue
    change[name] = LEVELS[number] ?? fail('STORE_CORRUPT', 'an unknown permission in a stored intent')
  }
  return change
}

function encodeInbox(writer: Writer, { seed, publicKey }: InboxAddress): void {
  writer.opaque(seed)
  writer.opaque(publicKey)
}

function decodeInbox(reader: Reader): InboxAddress {
  return { seed: reader.opaque(), publicKey: reader.opaque() }
}

/** In the order in which they are numbered in records. */
const KINDS: readonly Intent['kind'][] = [
  'add',
  'remove',
  'rename',
  'promote',
  'leave',
  'refresh',
  'invite',
  'revoke',
  'describe',
  'permit',
]
/** In place of a permission's number. */
const UNCHANGED = 0xff
