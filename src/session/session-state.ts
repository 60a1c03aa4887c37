// What a session holds in memory, and the draft on which one call works: it replaces the state as a whole, or is dropped.

import { toHex } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { wipeState } from '../group/wipe.ts'
import type { Frame } from '../wire/frame.ts'
import type { Effects, OutboundFrame, OutboundWelcome, RecordChange, SessionEvent } from './effects.ts'
import type { EpochTree, NodeId } from './epoch-tree.ts'
import type { Intent } from './intents.ts'
import { encodeOutboxEntry, encodeOwnCommit, type OutboxEntry, type OwnCommit } from './own-work.ts'
import { countersChange, encodeFrame, type SessionCounters, treeChanges } from './session-records.ts'

/** What a session is given once and for all. */
export interface SessionContext {
  /** The suite of frames, topics and inboxes, and the hash of message ids. */
  readonly wire: CipherSuite
  /** This device's signature key. */
  readonly device: KeyPair
}

/** Never changes; a call that succeeds puts another in its place. */
export interface SessionState {
  readonly tree: EpochTree
  readonly head: NodeId
  readonly counters: SessionCounters
  readonly outbox: ReadonlyMap<bigint, OutboxEntry>
  readonly ownCommits: ReadonlyMap<NodeId, OwnCommit>
  /** Places in the log of the messages that are known, by id in hexadecimal. */
  readonly known: ReadonlyMap<string, number>
  /** Frames that no key opens yet, the oldest first. */
  readonly unread: readonly Frame[]
}

/** A state in the making, with what its making asks of the driver. */
export class Draft {
  tree: EpochTree
  head: NodeId
  counters: SessionCounters
  readonly outbox: Map<bigint, OutboxEntry>
  readonly ownCommits: Map<NodeId, OwnCommit>
  readonly known: Map<string, number>
  unread: Frame[]
  readonly frames: OutboundFrame[] = []
  readonly welcomes: OutboundWelcome[] = []
  readonly events: SessionEvent[] = []
  readonly log: RecordChange[] = []
  /** What this device wanted and lost in a race. */
  readonly lostIntents: Intent[] = []
  readonly #before: SessionState | undefined

  constructor(start: SessionState, isNew: boolean) {
    this.tree = start.tree
    this.head = start.head
    this.counters = start.counters
    this.outbox = new Map(start.outbox)
    this.ownCommits = new Map(start.ownCommits)
    this.known = new Map(start.known)
    this.unread = [...start.unread]
    this.#before = isNew ? undefined : start
  }

  /** Ends the draft. */
  finish(): { state: SessionState; effects: Effects } {
    const { tree, head, counters, outbox, ownCommits, known, unread } = this
    const state: SessionState = { tree, head, counters, outbox, ownCommits, known, unread }
    const due = [...ownCommits.values()].filter(({ welcome }) => welcome !== undefined)
    const effects: Effects = {
      writes: [...this.#changes(), ...this.log],
      frames: this.frames,
      welcomes: this.welcomes,
      events: this.events,
      wakeAtMs: due.length === 0 ? undefined : Math.min(...due.map(({ settlesAtMs }) => settlesAtMs)),
      afterWrite: () => this.#wipeReplaced(),
    }
    return { state, effects }
  }

  #changes(): RecordChange[] {
    const before = this.#before
    const { suite } = this.tree.at(this.tree.root).state
    const changes = treeChanges(suite, before?.tree, this.tree)
    if (before === undefined || before.counters !== this.counters) changes.push(countersChange(this.counters))
    compare(changes, 'outbox', before?.outbox, this.outbox, encodeOutboxEntry)
    compare(changes, 'own', before?.ownCommits, this.ownCommits, encodeOwnCommit)
    compare(changes, 'unread', byId(before?.unread), byId(this.unread), encodeFrame)
    for (const [id, place] of this.known) {
      if (before?.known.has(id) !== true) changes.push({ op: 'put', name: `known/${id}`, value: placeBytes(place) })
    }
    return changes
  }

  /** Key material that the new state no longer holds is used up: it is on disk that it is gone. */
  #wipeReplaced(): void {
    const kept = this.tree.nodes.map(({ state }) => state)
    for (const node of this.#before?.tree.nodes ?? []) {
      if (this.tree.get(node.id)?.state !== node.state) wipeState(node.state, kept)
    }
  }
}

export function messageKey(id: Uint8Array): string {
  return toHex(id)
}

function compare<K extends bigint | string, V>(
  changes: RecordChange[],
  kind: string,
  before: ReadonlyMap<K, V> | undefined,
  after: ReadonlyMap<K, V>,
  encode: (value: V) => Uint8Array,
): void {
  for (const [key, value] of after) {
    if (before?.get(key) !== value) changes.push({ op: 'put', name: `${kind}/${key}`, value: encode(value) })
  }
  for (const key of before?.keys() ?? []) if (!after.has(key)) changes.push({ op: 'delete', name: `${kind}/${key}` })
}

function byId(frames: readonly Frame[] | undefined): Map<string, Frame> {
  return new Map((frames ?? []).map((frame) => [toHex(frame.id), frame]))
}

function placeBytes(place: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(place))
  return bytes
}
