// A session as records, and back: epochs with their states, the tree nodes that they share, and the session's own counters.

import { concat, toHex, utf8 } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import { restoreState } from '../group/restore.ts'
import { stateRecords } from '../group/snapshot.ts'
import { treeRecords } from '../tree/tree-records.ts'
import type { Frame } from '../wire/frame.ts'
import { TOPIC_KEY_BYTES } from '../wire/topic.ts'
import type { RecordChange } from './effects.ts'
import { type EpochNode, EpochTree, type NodeId } from './epoch-tree.ts'
import { decodeOutboxEntry, decodeOwnCommit, type OutboxEntry, type OwnCommit } from './own-work.ts'
import { rendezvousOf } from './rendezvous.ts'

/** What a session counts. */
export interface SessionCounters {
  /** The next message's number in this device's log. */
  readonly nextSeq: bigint
  /** The id of this device's last message; empty before the first. */
  readonly lastMessage: Uint8Array
  readonly lamport: bigint
  /** The number of this device's last statement. */
  readonly statement: bigint
  /** The next free place in the message log. */
  readonly nextPlace: number
  /** Where each device's latest statement puts it. */
  readonly statements: ReadonlyMap<string, { readonly number: bigint; readonly node: NodeId }>
}

export const NEW_COUNTERS: SessionCounters = {
  nextSeq: 0n,
  lastMessage: new Uint8Array(0),
  lamport: 0n,
  statement: 0n,
  nextPlace: 0,
  statements: new Map(),
}

/** What changes in the records when one tree of epochs replaces another. */
export function treeChanges(suite: CipherSuite, before: EpochTree | undefined, after: EpochTree): RecordChange[] {
  const changes: RecordChange[] = []
  for (const node of after.nodes) {
    const known = before?.get(node.id)
    if (known === node) continue
    if (known === undefined) changes.push({ op: 'put', name: `node/${node.id}`, value: encodeNode(node) })
    const records = stateRecords(node.state, known?.state)
    for (const [name, value] of records.put) {
      if (!isShared(name)) changes.push({ op: 'put', name: `state/${node.id}/${name}`, value })
    }
    for (const name of records.delete) {
      if (!isShared(name)) changes.push({ op: 'delete', name: `state/${node.id}/${name}` })
    }
  }
  for (const node of before?.nodes ?? []) {
    if (after.get(node.id) !== undefined) continue
    changes.push({ op: 'delete', name: `node/${node.id}` })
    for (const name of stateRecords(node.state).put.keys()) {
      if (!isShared(name)) changes.push({ op: 'delete', name: `state/${node.id}/${name}` })
    }
  }
  const shared = treeRecords(suite, treesOf(after), before === undefined ? [] : treesOf(before))
  for (const [name, value] of shared.put) changes.push({ op: 'put', name: `tree/${name}`, value })
  for (const name of shared.delete) changes.push({ op: 'delete', name: `tree/${name}` })
  return changes
}

export function countersChange(counters: SessionCounters): RecordChange {
  return { op: 'put', name: 'counters', value: encodeCounters(counters) }
}

/** A frame with the name of the topic that it came on. */
interface StoredFrame {
  readonly topic: string
  readonly bytes: Uint8Array
}

/** What a session's records hold. */
export interface RestoredSession {
  readonly tree: EpochTree
  readonly counters: SessionCounters
  readonly outbox: ReadonlyMap<bigint, OutboxEntry>
  readonly ownCommits: ReadonlyMap<NodeId, OwnCommit>
  readonly known: ReadonlyMap<string, number>
  /** Frames that no key opened. */
  readonly unread: readonly StoredFrame[]
}

/**
 * A session from its records.
 * @throws CoterieError `SNAPSHOT_INVALID`, `STORE_CORRUPT` (environment)
 */
export async function restoreSession(
  suite: CipherSuite,
  wire: CipherSuite,
  records: ReadonlyMap<string, Uint8Array>,
): Promise<RestoredSession> {
  const shared: [string, Uint8Array][] = []
  const states = new Map<NodeId, Map<string, Uint8Array>>()
  const nodes: [NodeId, Uint8Array][] = []
  const outbox = new Map<bigint, OutboxEntry>()
  const ownCommits = new Map<NodeId, OwnCommit>()
  const known = new Map<string, number>()
  const unread: StoredFrame[] = []
  let counters: SessionCounters | undefined
  for (const [name, value] of records) {
    const [kind, rest] = cut(name)
    if (kind === 'tree') shared.push([name, value])
    else if (kind === 'node') nodes.push([rest, value])
    else if (kind === 'state') {
      const [id, record] = cut(rest)
      states.set(id, (states.get(id) ?? new Map()).set(record, value))
    } else if (kind === 'outbox') outbox.set(BigInt(rest), decodeOutboxEntry(value))
    else if (kind === 'own') ownCommits.set(rest, decodeOwnCommit(value))
    else if (kind === 'known')
      known.set(
        rest,
        stored((reader) => Number(reader.uint64()), value),
      )
    else if (kind === 'unread') unread.push(decodeFrame(value))
    else if (kind === 'counters') counters = decodeCounters(value)
    else fail('STORE_CORRUPT', "an unknown record among a group's")
  }
  if (counters === undefined) return fail('STORE_CORRUPT', "a group's counters are missing")
  const restored = nodes.map(async ([id, value]) => {
    const state = restoreState(suite, new Map([...(states.get(id) ?? []), ...shared]))
    return decodeNode(id, value, state, await rendezvousOf(wire, state))
  })
  const tree = EpochTree.from(await Promise.all(restored))
  return { tree, counters, outbox, ownCommits, known, unread }
}

export function encodeFrame(frame: Frame): Uint8Array {
  return concat(frame.topicKey, frame.bytes)
}

function decodeFrame(value: Uint8Array): StoredFrame {
  return { topic: toHex(value.slice(0, TOPIC_KEY_BYTES)), bytes: value.slice(TOPIC_KEY_BYTES) }
}

/** Nodes of ratchet trees are named by content, and kept once for all epochs. */
function isShared(name: string): boolean {
  return name.startsWith('tree/')
}

function treesOf(tree: EpochTree): EpochNode['state']['tree'][] {
  return tree.nodes.map(({ state }) => state.tree)
}

function cut(name: string): [string, string] {
  const at = name.indexOf('/')
  return at < 0 ? [name, ''] : [name.slice(0, at), name.slice(at + 1)]
}

function encodeNode(node: EpochNode): Uint8Array {
  return encode((writer) => {
    writer.optional(node.parent, (inner, parent) => inner.opaque(utf8(parent)))
    writer.optional(node.committer, (inner, committer) => inner.opaque(utf8(committer)))
    writer.opaque(utf8(node.rank))
    writer.uint64(node.height)
  }, undefined)
}

function decodeNode(
  id: NodeId,
  bytes: Uint8Array,
  state: EpochNode['state'],
  rendezvous: EpochNode['rendezvous'],
): EpochNode {
  return stored((reader) => {
    const text = (): string => new TextDecoder().decode(reader.opaque())
    const parent = reader.optional(text)
    const committer = reader.optional(text)
    return { id, parent, committer, rank: text(), height: reader.uint64(), state, rendezvous }
  }, bytes)
}

function encodeCounters(counters: SessionCounters): Uint8Array {
  return encode((writer) => {
    writer.uint64(counters.nextSeq)
    writer.opaque(counters.lastMessage)
    writer.uint64(counters.lamport)
    writer.uint64(counters.statement)
    writer.uint64(BigInt(counters.nextPlace))
    writer.vector(counters.statements, (inner, [device, { number, node }]) => {
      inner.opaque(utf8(device))
      inner.uint64(number)
      inner.opaque(utf8(node))
    })
  }, undefined)
}

function decodeCounters(bytes: Uint8Array): SessionCounters {
  return stored(
    (reader) => ({
      nextSeq: reader.uint64(),
      lastMessage: reader.opaque(),
      lamport: reader.uint64(),
      statement: reader.uint64(),
      nextPlace: Number(reader.uint64()),
      statements: new Map(
        reader.vector((inner) => {
          const device = new TextDecoder().decode(inner.opaque())
          return [device, { number: inner.uint64(), node: new TextDecoder().decode(inner.opaque()) }] as const
        }),
      ),
    }),
    bytes,
  )
}

function stored<T>(decoder: Parameters<typeof decode<T>>[0], bytes: Uint8Array): T {
  try {
    return decode(decoder, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('STORE_CORRUPT', "a record of a group's session cannot be read", { cause })
  }
}
