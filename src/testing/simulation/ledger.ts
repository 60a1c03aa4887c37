// What really happened in a simulation, seen from outside: what was sent, by whom and to whom; which epochs there were; what
// each device has signed. The invariants are checked against it.

import { toHex } from '../../bytes.ts'
import type { SessionMember } from '../../session/effects.ts'
import { identityOf } from '../../session/group-profile.ts'
import type { GroupSession } from '../../session/group-session.ts'
import type { Outline } from '../../session/inspecting.ts'
import type { Intent } from '../../session/intents.ts'
import type { StoredMessage } from '../../session/message-record.ts'
import { type Extremes, nothingKept } from './bounds.ts'
import type { Disk } from './disk.ts'

/** What must hold when a group has come to rest, whatever happened before. */
export type Invariant =
  /** All honest members are in the same epoch, with the same tree and the same secrets. */
  | 'converged'
  /** What was sent is with everybody for whom it was. */
  | 'nothing-lost'
  /** Nobody is out of the group whom nobody wanted out. */
  | 'nobody-lost'
  /** Whoever was added is in. */
  | 'wishes-kept'
  /** No message is in a log twice. */
  | 'delivered-once'
  /** A message says the same everywhere, and is shown behind those that its sender had before it. */
  | 'same-order'
  /** No device has published two different commits on one epoch, or two statements with one number; nor is it said to. */
  | 'no-equivocation'
  /** Keys and pools stay within their limits. */
  | 'bounded'
  /** When nothing more is done, nothing more happens. */
  | 'comes-to-rest'
  | 'no-internal-error'

/** What did not hold. */
export interface Failure {
  readonly invariant: Invariant
  readonly what: string
}

/** A message whose `send` resolved. */
export interface SentMessage {
  /** In hexadecimal. */
  readonly id: string
  readonly sender: string
  /** The identities that were members, as the sender saw it. */
  readonly audience: ReadonlySet<string>
  /** The epoch in which it was sent. */
  readonly epoch: string
}

/** An epoch that some device was in. */
interface KnownEpoch {
  readonly parent: string | undefined
  readonly roster: ReadonlySet<string>
  readonly admins: ReadonlySet<string>
}

/** How somebody went out of the group. */
export interface Departure {
  /** The signature keys of those who may have made the commit that did it: one, where somebody was in the epoch before it. */
  readonly committers: readonly string[]
  /** The admins of the last epoch that is known to have had who is gone. */
  readonly admins: ReadonlySet<string>
}

export interface Counts {
  forks: number
  readds: number
  detached: number
  commits: number
  refused: number
  crashes: number
}

export class Ledger {
  readonly sent: SentMessage[] = []
  readonly #epochs = new Map<string, KnownEpoch>()
  readonly #parents = new Map<string, string>()
  /** Of the commit that began an epoch: its sender's signature key. */
  readonly #committers = new Map<string, string>()
  /** Those whom somebody wants out, or who want out, with those who want it. */
  readonly #unwanted = new Map<string, Set<string>>()
  /** Newcomers whom somebody has added, with those who did: `add` resolved. */
  readonly invited: Map<string, string> = new Map()
  /** Those of whom somebody found that they said two different things. */
  readonly accused: Set<string> = new Set()
  readonly extremes: Extremes = nothingKept()
  /** What must never happen, whatever the network does. */
  readonly violations: Failure[] = []
  readonly counts: Counts = { forks: 0, readds: 0, detached: 0, commits: 0, refused: 0, crashes: 0 }

  /** @param members - of the epoch in which it was sent */
  messageSent(message: StoredMessage, members: readonly SessionMember[], epoch: string): void {
    const audience = new Set(members.map(({ identity }) => identity))
    this.sent.push({ id: toHex(message.id), sender: message.sender, audience, epoch })
  }

  /** A wish stands: it is on its device's disk. */
  wished(who: string, intent: Intent): void {
    const target = targetOf(who, intent)
    if (target === undefined) return
    this.#unwanted.set(target, new Set([...(this.#unwanted.get(target) ?? []), who]))
  }

  /** A wish is given up. What was wished of somebody else may have been done on some branch before. */
  gaveUp(who: string, device: string, intent: Intent): void {
    if (intent.kind === 'add') {
      for (const one of intent.newcomers) this.invited.delete(identityOf(one.keyPackage.leafNode))
    }
    const target = targetOf(who, intent)
    if (target !== undefined && !this.#hasRemoved(device, target)) this.#unwanted.get(target)?.delete(who)
  }

  /** Whether somebody's removal was wished, and that not given up without effect; or its leave. */
  isUnwanted(identity: string): boolean {
    return (this.#unwanted.get(identity)?.size ?? 0) > 0
  }

  /** Looks at a session after something happened in it. */
  observe(session: GroupSession): Outline {
    const { outline } = session
    const { head, epochs, unread } = outline
    const kept = epochs.filter(({ hasKeys }) => hasKeys)
    const depths = kept.map(({ epoch }) => Number(session.epoch - epoch))
    for (const { id, parent, committer } of epochs) {
      if (parent !== undefined) this.#parents.set(id, parent)
      if (committer !== undefined) this.#committers.set(id, committer)
    }
    if (!this.#epochs.has(head)) {
      const { members } = session
      const roster = new Set(members.map(({ identity }) => identity))
      const admins = new Set(members.filter(({ admin }) => admin).map(({ identity }) => identity))
      this.#epochs.set(head, { parent: this.#parents.get(head), roster, admins })
    }
    this.#note({ epochs: kept.length, depth: Math.max(0, ...depths), unread, topics: session.topics.length })
    return outline
  }

  /** Looks at what a device has written. */
  weigh(disk: Disk): void {
    this.#note({ spilled: disk.weightOf('spilled').records, unreadBytes: disk.weightOf('unread').bytes })
  }

  /** Looks at how far back a session remembers, which changes as it moves. */
  lookBack({ head, epochs }: Outline): void {
    const known = new Map(epochs.map((epoch) => [epoch.id, epoch] as const))
    const here = known.get(head)
    if (here === undefined) return
    const way = new Map<string, bigint>()
    for (let at = known.get(head); at !== undefined; at = known.get(at.parent ?? '')) way.set(at.id, at.epoch)
    const depthOf = (epoch: bigint): number => Number(here.epoch - epoch)
    for (const epoch of way.values()) this.#note({ way: depthOf(epoch) })
    for (const { id, parent } of epochs) {
      const forkedAt = way.has(id) ? undefined : way.get(parent ?? '')
      if (forkedAt !== undefined) this.#note({ branches: depthOf(forkedAt) })
    }
  }

  #note(kept: Partial<Extremes>): void {
    for (const what of Object.keys(kept) as (keyof Extremes)[]) {
      this.extremes[what] = Math.max(this.extremes[what], kept[what] ?? 0)
    }
  }

  /** The members of an epoch's nearest ancestor, or itself, among some epochs. */
  rosterAt(epoch: string, among: ReadonlySet<string>): ReadonlySet<string> {
    for (let at: string | undefined = epoch; at !== undefined; at = this.#parents.get(at)) {
      const known = this.#epochs.get(at)
      if (known !== undefined && among.has(at)) return known.roster
    }
    return NOBODY
  }

  /** An epoch and those before it, as far as anybody saw. */
  history(epoch: string): Set<string> {
    const history = new Set<string>()
    for (let at: string | undefined = epoch; at !== undefined; at = this.#parents.get(at)) history.add(at)
    return history
  }

  /** How somebody who is not in an epoch went, who was there before; undefined where it never was. */
  departure(identity: string, epoch: string): Departure | undefined {
    let committers: string[] = []
    for (let at: string | undefined = epoch; at !== undefined; at = this.#parents.get(at)) {
      const known = this.#epochs.get(at)
      if (known?.roster.has(identity)) return { committers, admins: known.admins }
      // By then it was gone already.
      if (known !== undefined) committers = []
      const committer = this.#committers.get(at)
      if (committer !== undefined) committers.push(committer)
    }
    return undefined
  }

  /** Whether there is an epoch, on any branch, with which a device has removed somebody. */
  #hasRemoved(device: string, target: string): boolean {
    for (const [id, { parent, roster }] of this.#epochs) {
      const before = parent === undefined ? undefined : this.#epochs.get(parent)
      if (this.#committers.get(id) === device && !roster.has(target) && before?.roster.has(target)) return true
    }
    return false
  }
}

/** Whom a wish wants out. */
function targetOf(who: string, intent: Intent): string | undefined {
  if (intent.kind === 'leave') return who
  return intent.kind === 'remove' ? intent.identity : undefined
}

const NOBODY: ReadonlySet<string> = new Set()
