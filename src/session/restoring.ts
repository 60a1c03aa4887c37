// A session from what was written of it.

import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { restoreKeyPackage } from '../group/key-package-record.ts'
import { decodeAdmission } from './admission-records.ts'
import type { EpochTree } from './epoch-tree.ts'
import { decodeOutboxEntry, decodeOwnCommit, decodePendingIntent } from './own-work.ts'
import {
  decodePeer,
  decodeReceived,
  decodeRecent,
  decodeRequest,
  decodeSpilled,
  decodeStoredVote,
  decodeTopic,
  decodeUnread,
} from './peers.ts'
import { decodeCounters, decodeStatement, restoreTree, type SessionCounters } from './session-records.ts'
import { type Ledgers, openLedgers } from './session-state.ts'

export interface RestoredSession {
  readonly tree: EpochTree
  readonly counters: SessionCounters
  readonly ledgers: Ledgers
}

/** @throws CoterieError `SNAPSHOT_INVALID`, `STORE_CORRUPT` (environment) */
export function restoreSession(suite: CipherSuite, records: ReadonlyMap<string, Uint8Array>): RestoredSession {
  const sorted = sortRecords(records)
  const of = <V>(kind: string, decode: (value: Uint8Array) => V): (readonly [string, V])[] =>
    [...(sorted.get(kind) ?? [])].map(([key, value]) => [key, decode(value)] as const)
  const counters = records.get('counters')
  if (counters === undefined) return fail('STORE_CORRUPT', "a group's counters are missing")
  const states = new Map<string, Map<string, Uint8Array>>()
  for (const [name, value] of sorted.get('state') ?? []) {
    const [id, record] = cut(name)
    states.set(id, (states.get(id) ?? new Map<string, Uint8Array>()).set(record, value))
  }
  const shared = new Map([...(sorted.get('tree') ?? [])].map(([name, value]) => [`tree/${name}`, value] as const))
  return {
    tree: restoreTree(suite, sorted.get('node') ?? new Map(), states, shared, sorted.get('roster') ?? new Map()),
    counters: decodeCounters(counters),
    ledgers: openLedgers({
      statements: of('statement', decodeStatement),
      votes: of('vote', decodeStoredVote),
      topics: of('topic', decodeTopic),
      outbox: inOrder(of('outbox', decodeOutboxEntry), ({ seq }) => seq),
      intents: inOrder(of('intent', decodePendingIntent), ({ number }) => number),
      commits: of('own', decodeOwnCommit),
      received: of('received', decodeReceived),
      peers: of('peer', decodePeer),
      recent: inOrder(of('recent', decodeRecent), ({ place }) => BigInt(place)),
      unread: inOrder(of('unread', decodeUnread), ({ arrival }) => arrival),
      spilled: inOrder(of('spilled', decodeSpilled), ({ arrival }) => arrival),
      entries: of('entry', (value) => restoreKeyPackage(suite, value)),
      requests: of('request', decodeRequest),
      admissions: of('admission', decodeAdmission),
    }),
  }
}

/** By what their names begin with. */
function sortRecords(records: ReadonlyMap<string, Uint8Array>): Map<string, Map<string, Uint8Array>> {
  const sorted = new Map<string, Map<string, Uint8Array>>()
  for (const [name, value] of records) {
    const [kind, rest] = cut(name)
    if (!KINDS.has(kind)) fail('STORE_CORRUPT', "an unknown record among a group's")
    sorted.set(kind, (sorted.get(kind) ?? new Map<string, Uint8Array>()).set(rest, value))
  }
  return sorted
}

function inOrder<V>(entries: (readonly [string, V])[], place: (value: V) => bigint): (readonly [string, V])[] {
  return entries.sort(([, a], [, b]) => (place(a) < place(b) ? -1 : 1))
}

function cut(name: string): [string, string] {
  const at = name.indexOf('/')
  return at < 0 ? [name, ''] : [name.slice(0, at), name.slice(at + 1)]
}

const KINDS: ReadonlySet<string> = new Set([
  ...['counters', 'node', 'state', 'tree', 'roster', 'statement', 'vote', 'topic', 'outbox', 'intent'],
  ...['own', 'received', 'peer', 'recent', 'unread', 'spilled', 'entry', 'request', 'admission'],
])
