// The draft on which one call works: it takes effect as a whole, or is dropped.

import { toHex } from '../bytes.ts'
import { fail } from '../errors.ts'
import { wipeKeyPackage } from '../group/key-packages.ts'
import { wipeState } from '../group/wipe.ts'
import { members } from '../tree/ratchet-tree.ts'
import type { Rendezvous } from '../wire/topic.ts'
import type { Whereabouts } from './admission-records.ts'
import type {
  ArchivedName,
  Delivery,
  Effects,
  Mail,
  OutboundAnswer,
  OutboundFrame,
  OutboundWelcome,
  RecordChange,
  SessionEvent,
  WantedFrame,
} from './effects.ts'
import { type DeviceId, type EpochNode, type EpochTree, isOpen, type OpenEpoch } from './epoch-tree.ts'
import { identityOf } from './group-profile.ts'
import type { Overlay } from './overlay.ts'
import type { Ranges } from './ranges.ts'
import { countersChange, type SessionCounters, treeChanges } from './session-records.ts'
import type { Ledgers, SessionState, Watch } from './session-state.ts'

/** A state in the making, with what its making asks of the driver. */
export class Draft {
  tree: EpochTree
  counters: SessionCounters
  watch: Watch
  readonly ledgers: Ledgers
  readonly rendezvous: Map<string, Rendezvous>
  readonly frames: OutboundFrame[] = []
  readonly welcomes: OutboundWelcome[] = []
  readonly answers: OutboundAnswer[] = []
  readonly reach: Whereabouts[] = []
  readonly mail: Mail[] = []
  readonly again: ArchivedName[] = []
  readonly wanted: WantedFrame[] = []
  readonly events: SessionEvent[] = []
  readonly log: RecordChange[] = []
  /** Devices that have acknowledged messages, or moved on: what was sent to them is to be looked at. */
  readonly outboxNews: Set<DeviceId> = new Set()
  readonly told: Overlay<Delivery>
  /** Messages of this device that somebody has acknowledged now. */
  acknowledged: Ranges = []
  /** Topics on which something is missing, here or with others. */
  readonly sync: Set<string> = new Set()
  /** Whether epochs or statements came, so that the group may be elsewhere. */
  news = false
  /** Whether this device moved. */
  moved = false
  /** Whether there are other members where it is now. */
  hasOtherMembers = false
  readonly #before: SessionState | undefined
  #wakeAtMs: number[] = []

  constructor(start: SessionState, isNew: boolean) {
    this.tree = start.tree
    this.counters = start.counters
    this.watch = start.watch
    this.ledgers = start.ledgers
    this.rendezvous = new Map(start.rendezvous)
    this.told = start.told
    this.#before = isNew ? undefined : start
  }

  /** The epoch that this device is in: it always has its keys. */
  get here(): OpenEpoch {
    const node = this.tree.at(this.counters.stand)
    return isOpen(node) ? node : fail('INTERNAL_INVARIANT', 'this device stands in an epoch without keys')
  }

  /** Asks to be polled at a time. */
  wakeAt(atMs: number): void {
    this.#wakeAtMs.push(atMs)
  }

  /** Runs something, and tells when it asks to be looked at again. */
  async wakeTimesOf(work: () => Promise<void>): Promise<number | undefined> {
    const before = this.#wakeAtMs
    this.#wakeAtMs = []
    await work()
    const times = this.#wakeAtMs
    this.#wakeAtMs = [...before, ...times]
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Asks to be reconciled with peers on all topics whose frames this device may be able to open. */
  askPeers(): void {
    for (const { topic } of this.tree.open()) this.sync.add(topic)
  }

  /** Asks to look again at what was sent to a device. */
  wakeForOutbox(device: DeviceId, atMs: number): void {
    const known = this.watch.outboxAtMs.get(device) ?? Number.POSITIVE_INFINITY
    if (atMs < known) this.watch = { ...this.watch, outboxAtMs: new Map(this.watch.outboxAtMs).set(device, atMs) }
  }

  /** Asks to look again at messages that are held back. */
  hold(untilMs: number): void {
    const known = this.watch.heldUntilMs ?? Number.POSITIVE_INFINITY
    if (untilMs < known) this.watch = { ...this.watch, heldUntilMs: untilMs }
  }

  /** Adds or replaces an epoch. */
  put(node: EpochNode): void {
    this.tree = this.tree.with(node)
  }

  rendezvousAt(topic: string): Rendezvous {
    return this.rendezvous.get(topic) ?? fail('INTERNAL_INVARIANT', 'a topic whose keys are not at hand')
  }

  /** Makes a topic one of those that are listened to. */
  openTopic({ topic, controlKey }: Rendezvous): void {
    this.rendezvous.set(topic.name, { topic, controlKey })
    const known = this.ledgers.topics.get(topic.name)
    if (known !== undefined && known.leftAtMs === undefined) return
    const seed = topic.keyPair.privateKey.bytes
    this.ledgers.topics.set(topic.name, { seed, controlKey: controlKey.bytes, leftAtMs: undefined })
  }

  /** Ends the draft. */
  finish(): { state: SessionState; effects: Effects } {
    const { tree, counters, ledgers, rendezvous, watch, told } = this
    told.keep()
    for (const atMs of watch.outboxAtMs.values()) this.wakeAt(atMs)
    if (watch.heldUntilMs !== undefined) this.wakeAt(watch.heldUntilMs)
    const usedUp = ledgers.entries.deleted
    const writes = [...this.#changes(), ...this.log]
    const state: SessionState = { tree, counters, ledgers, watch, told, rendezvous }
    const effects: Effects = {
      writes,
      frames: this.frames,
      welcomes: this.welcomes,
      answers: this.answers,
      reach: this.reach,
      mail: this.mail,
      again: this.again,
      wanted: this.wanted,
      events: this.events,
      sync: [...this.sync].filter((topic) => this.rendezvous.has(topic)),
      wakeAtMs: this.#wakeAtMs.length === 0 ? undefined : Math.min(...this.#wakeAtMs),
      afterWrite: () => {
        this.#wipeReplaced()
        for (const keyPackage of usedUp) wipeKeyPackage(keyPackage)
      },
    }
    return { state, effects }
  }

  /** Takes back what was changed in place. */
  drop(): void {
    for (const ledger of Object.values(this.ledgers)) ledger.revert()
    this.told.revert()
  }

  #changes(): RecordChange[] {
    const changes = treeChanges(this.here.state.suite, this.#before?.tree, this.tree)
    if (this.#before === undefined || this.#before.counters !== this.counters)
      changes.push(countersChange(this.counters))
    for (const ledger of Object.values(this.ledgers)) changes.push(...ledger.settle())
    return changes
  }

  /** Key material that the new state no longer holds is used up: it is on disk that it is gone. */
  #wipeReplaced(): void {
    for (const node of this.#before?.tree.open() ?? []) {
      const now = this.tree.get(node.id)?.state
      if (now === node.state) continue
      // Within an epoch only message keys are used up, which no other epoch has; but one that removed this device has all
      // that the epoch before it had.
      const removed = this.tree.children(node.id).flatMap(({ state }) => (state?.status === 'removed' ? [state] : []))
      wipeState(node.state, now === undefined ? this.tree.open().map(({ state }) => state) : [now, ...removed])
    }
  }
}

/** Tells the app that a device said two things where it may say one. */
export function tellOfConflict(draft: Draft, device: DeviceId): void {
  const member = [...members(draft.here.state.tree)].find(({ leafNode }) => toHex(leafNode.signatureKey) === device)
  if (member !== undefined) {
    draft.events.push({ type: 'equivocation', identity: identityOf(member.leafNode), device })
  }
}
