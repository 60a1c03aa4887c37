// What this device has committed or sent and cannot forget yet: it may have to be done again on another branch.

import { utf8 } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import { CoterieError, fail } from '../errors.ts'
import { decodeKeyPackage, encodeKeyPackage } from '../messages/key-package.ts'
import type { NodeId } from './epoch-tree.ts'
import type { Intent, Newcomer } from './intents.ts'

/** A commit of this device, until it is as old as epochs are kept. */
export interface OwnCommit {
  readonly node: NodeId
  readonly intent: Intent
  /** For the newcomers, until it has been handed out. */
  readonly welcome: Uint8Array | undefined
  /** When the commit counts as settled if nothing competes, in milliseconds since the Unix epoch. */
  readonly settlesAtMs: number
}

/** A message of this device, until its epoch is as old as epochs are kept. */
export interface OutboxEntry {
  readonly seq: bigint
  /** The encoded content. */
  readonly content: Uint8Array
  /** The epoch in which it was encrypted last. */
  readonly node: NodeId
}

export function encodeOwnCommit(own: OwnCommit): Uint8Array {
  return encode((writer) => {
    writer.opaque(utf8(own.node))
    writer.optional(own.welcome, (inner, welcome) => inner.opaque(welcome))
    writer.uint64(BigInt(own.settlesAtMs))
    const { intent } = own
    writer.uint8(KINDS.indexOf(intent.kind))
    if (intent.kind === 'add') {
      writer.vector(intent.newcomers, (inner, { keyPackage, inbox }) => {
        encodeKeyPackage(inner, keyPackage)
        inner.opaque(inbox.seed)
        inner.opaque(inbox.publicKey)
      })
    } else writer.opaque(utf8(intent.kind === 'rename' ? intent.name : intent.identity))
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodeOwnCommit(bytes: Uint8Array): OwnCommit {
  return stored((reader) => {
    const node = text(reader.opaque())
    const welcome = reader.optional((inner) => inner.opaque())
    const settlesAtMs = Number(reader.uint64())
    const kind = KINDS[reader.uint8()] ?? fail('STORE_CORRUPT', 'a stored commit of an unknown kind')
    if (kind === 'add') {
      const newcomers = reader.vector((inner): Newcomer => {
        const keyPackage = decodeKeyPackage(inner)
        return { keyPackage, inbox: { seed: inner.opaque(), publicKey: inner.opaque() } }
      })
      return { node, welcome, settlesAtMs, intent: { kind, newcomers } }
    }
    const argument = text(reader.opaque())
    const intent: Intent = kind === 'rename' ? { kind, name: argument } : { kind, identity: argument }
    return { node, welcome, settlesAtMs, intent }
  }, bytes)
}

export function encodeOutboxEntry(entry: OutboxEntry): Uint8Array {
  return encode((writer) => {
    writer.uint64(entry.seq)
    writer.opaque(entry.content)
    writer.opaque(utf8(entry.node))
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodeOutboxEntry(bytes: Uint8Array): OutboxEntry {
  return stored((reader) => ({ seq: reader.uint64(), content: reader.opaque(), node: text(reader.opaque()) }), bytes)
}

function stored<T>(decoder: Parameters<typeof decode<T>>[0], bytes: Uint8Array): T {
  try {
    return decode(decoder, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('STORE_CORRUPT', "a record of this device's own work cannot be read", { cause })
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** In the order in which they are numbered in records. */
const KINDS: readonly Intent['kind'][] = ['add', 'remove', 'rename', 'promote']
