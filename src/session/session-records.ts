// A session as records, and back: epochs with their states, what they share, and the session's own counters.

import { utf8 } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { restoreState } from '../group/restore.ts'
import { ownStateRecords } from '../group/snapshot.ts'
import type { GroupState } from '../group/state.ts'
import { treeRecords } from '../tree/tree-records.ts'
import type { RecordChange } from './effects.ts'
import { type EpochNode, EpochTree, isOpen, type NodeId } from './epoch-tree.ts'
import { decodeRoster, encodeRoster } from './roster.ts'
import type { Statement } from './statement.ts'
import { stored, storedText } from './stored.ts'
import { decodePath, encodePath } from './vote.ts'

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
  readonly nextIntent: bigint
  /** How many frames have come that no key opened at first. */
  readonly arrivals: bigint
  /** Where this device stands. */
  readonly stand: NodeId
  /** Where this device's last vote put it: unlike its commits, votes are heard on all branches. */
  readonly voted: { readonly id: NodeId; readonly height: bigint } | undefined
  /** Whether this device was removed, or has left and told the app so. */
  readonly gone: boolean
}

/** What changes in the records when one tree of epochs replaces another. */
export function treeChanges(suite: CipherSuite, before: EpochTree | undefined, after: EpochTree): RecordChange[] {
  if (before === after) return []
  const changes: RecordChange[] = []
  // After a message nothing but states has changed, and not one of the many epochs without keys has to be looked at.
  const isSameShape = before !== undefined && after.hasShapeOf(before)
  for (const node of isSameShape ? after.open() : after.nodes()) {
    const known = before?.get(node.id)
    if (known === node) continue
    if (known === undefined || isOpen(known) !== isOpen(node) || known.broken !== node.broken) {
      changes.push({ op: 'put', name: `node/${node.id}`, value: encodeNode(node) })
    }
    changes.push(...stateChanges(node.id, known?.state, node.state))
  }
  for (const node of isSameShape ? [] : (before?.nodes() ?? [])) {
    if (after.get(node.id) !== undefined) continue
    changes.push({ op: 'delete', name: `node/${node.id}` }, ...stateChanges(node.id, node.state, undefined))
  }
  if (!isSameShape) changes.push(...rosterChanges(before, after))
  const shared = treeRecords(suite, treesOf(after), before === undefined ? [] : treesOf(before))
  for (const [name, value] of shared.put) changes.push({ op: 'put', name: `tree/${name}`, value })
  for (const name of shared.delete) changes.push({ op: 'delete', name: `tree/${name}` })
  return changes
}

function rosterChanges(before: EpochTree | undefined, after: EpochTree): RecordChange[] {
  const rostersOf = (tree: EpochTree | undefined): Map<string, EpochNode['roster']> =>
    new Map([...(tree?.nodes() ?? [])].map(({ roster }) => [roster.name, roster] as const))
  const [old, now] = [rostersOf(before), rostersOf(after)]
  const changes: RecordChange[] = []
  for (const [name, roster] of now) {
    if (!old.has(name)) changes.push({ op: 'put', name: `roster/${name}`, value: encodeRoster(roster) })
  }
  for (const name of old.keys()) if (!now.has(name)) changes.push({ op: 'delete', name: `roster/${name}` })
  return changes
}

function stateChanges(id: NodeId, before: GroupState | undefined, after: GroupState | undefined): RecordChange[] {
  if (before === after) return []
  const changes: RecordChange[] = []
  if (after === undefined) {
    for (const name of before === undefined ? [] : ownStateRecords(before).put.keys()) {
      changes.push({ op: 'delete', name: `state/${id}/${name}` })
    }
    return changes
  }
  const records = ownStateRecords(after, before)
  for (const [name, value] of records.put) changes.push({ op: 'put', name: `state/${id}/${name}`, value })
  for (const name of records.delete) changes.push({ op: 'delete', name: `state/${id}/${name}` })
  return changes
}

export function countersChange(counters: SessionCounters): RecordChange {
  return { op: 'put', name: 'counters', value: encodeCounters(counters) }
}

/**
 * The epochs from their records.
 * @param states - each epoch's records, by epoch and name
 * @param shared - nodes of ratchet trees, by name
 * @throws CoterieError `SNAPSHOT_INVALID`, `STORE_CORRUPT` (environment)
 */
export function restoreTree(
  suite: CipherSuite,
  nodes: ReadonlyMap<NodeId, Uint8Array>,
  states: ReadonlyMap<NodeId, ReadonlyMap<string, Uint8Array>>,
  shared: ReadonlyMap<string, Uint8Array>,
  rosters: ReadonlyMap<string, Uint8Array>,
): EpochTree {
  const opened = new Map([...rosters].map(([name, value]) => [name, decodeRoster(name, value)] as const))
  return EpochTree.from(
    [...nodes].map(([id, value]) => {
      const { roster, open, ...outline } = decodeNode(value)
      const state = open ? restoreState(suite, new Map([...(states.get(id) ?? []), ...shared])) : undefined
      return {
        ...outline,
        id,
        state,
        roster: opened.get(roster) ?? fail('STORE_CORRUPT', 'a list of members is missing'),
      }
    }),
  )
}

export function encodeStatement(statement: Statement): Uint8Array {
  return encode((writer) => {
    writer.opaque(utf8(statement.device))
    writer.uint64(statement.number)
    writer.uint8((statement.stuck ? 1 : 0) | (statement.conflict ? 2 : 0))
    encodePath(writer, statement.path)
  }, undefined)
}

export function decodeStatement(bytes: Uint8Array): Statement {
  return stored((reader) => {
    const device = storedText(reader)
    const number = reader.uint64()
    const flags = reader.uint8()
    return { device, number, stuck: (flags & 1) !== 0, conflict: (flags & 2) !== 0, path: decodePath(reader) }
  }, bytes)
}

/** Nodes of ratchet trees are named by content, and kept once for all epochs. */
function treesOf(tree: EpochTree): GroupState['tree'][] {
  return tree.open().map(({ state }) => state.tree)
}

function encodeNode(node: EpochNode): Uint8Array {
  return encode((writer) => {
    writer.optional(node.parent, (inner, parent) => inner.opaque(utf8(parent)))
    writer.uint64(node.height)
    writer.optional(node.committer, (inner, committer) => inner.uint32(committer))
    writer.vector(node.removed, (inner, leaf) => inner.uint32(leaf))
    writer.opaque(utf8(node.roster.name))
    writer.optional(node.device, (inner, device) => inner.opaque(utf8(device)))
    writer.vector(node.readded, (inner, device) => inner.opaque(utf8(device)))
    writer.opaque(utf8(node.topic))
    writer.uint8((isOpen(node) ? 1 : 0) | (node.broken ? 2 : 0))
  }, undefined)
}

interface StoredNode extends Omit<EpochNode, 'id' | 'state' | 'roster'> {
  readonly roster: string
  readonly open: boolean
}

function decodeNode(bytes: Uint8Array): StoredNode {
  return stored((reader) => {
    const parent = reader.optional(storedText)
    const height = reader.uint64()
    const committer = reader.optional((inner) => inner.uint32())
    const removed = reader.vector((inner) => inner.uint32())
    const roster = storedText(reader)
    const device = reader.optional(storedText)
    const readded = reader.vector(storedText)
    const topic = storedText(reader)
    const flags = reader.uint8()
    return {
      parent,
      height,
      committer,
      removed,
      roster,
      device,
      readded,
      topic,
      open: (flags & 1) !== 0,
      broken: (flags & 2) !== 0,
    }
  }, bytes)
}

function encodeCounters(counters: SessionCounters): Uint8Array {
  return encode((writer) => {
    writer.uint64(counters.nextSeq)
    writer.opaque(counters.lastMessage)
    writer.uint64(counters.lamport)
    writer.uint64(counters.statement)
    writer.uint64(BigInt(counters.nextPlace))
    writer.uint64(counters.nextIntent)
    writer.uint64(counters.arrivals)
    writer.opaque(utf8(counters.stand))
    writer.optional(counters.voted, (inner, { id, height }) => {
      inner.opaque(utf8(id))
      inner.uint64(height)
    })
    writer.uint8(counters.gone ? 1 : 0)
  }, undefined)
}

export function decodeCounters(bytes: Uint8Array): SessionCounters {
  return stored(
    (reader) => ({
      nextSeq: reader.uint64(),
      lastMessage: reader.opaque(),
      lamport: reader.uint64(),
      statement: reader.uint64(),
      nextPlace: Number(reader.uint64()),
      nextIntent: reader.uint64(),
      arrivals: reader.uint64(),
      stand: storedText(reader),
      voted: reader.optional((inner) => ({ id: storedText(inner), height: inner.uint64() })),
      gone: reader.uint8() === 1,
    }),
    bytes,
  )
}
