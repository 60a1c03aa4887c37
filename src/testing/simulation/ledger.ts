// What really happened in a simulation, seen from outside: what was sent, by whom and to whom; which epochs there were; what
// each device has signed. The invariants are checked against it.

import { toHex } from '../../bytes.ts'
import type { GroupSession } from '../../session/group-session.ts'
import type { Outline } from '../../session/inspecting.ts'
import type { StoredMessage } from '../../session/message-record.ts'

/** What must hold when a group has come to rest, whatever happened before. */
export type Invariant =
  /** All honest members are in the same epoch, with the same tree and the same secrets. */
  | 'converged'
  /** What was sent is with everybody for whom it was. */
  | 'nothing-lost'
  /** Whoever was added is in. */
  | 'wishes-kept'
  /** No message is in a log twice. */
  | 'delivered-once'
  /** All show messages in the same order. */
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
}

export interface Extremes {
  /** The most epochs, on all branches, of which a device kept the keys. */
  epochs: number
  /** The deepest of them, in epochs behind the head. */
  depth: number
  /** The most frames that a device held unread. */
  unread: number
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
  /** Those whom somebody ever wanted out, or who wanted out. */
  readonly unwanted: Set<string> = new Set()
  /** Those of whom somebody found that they said two different things. */
  /** Newcomers whom somebody has added, with those who did: `add` resolved. */
  readonly invited: Map<string, string> = new Map()
  readonly accused: Set<string> = new Set()
  readonly extremes: Extremes = { epochs: 0, depth: 0, unread: 0 }
  /** What must never happen, whatever the network does. */
  readonly violations: Failure[] = []
  readonly counts: Counts = { forks: 0, readds: 0, detached: 0, commits: 0, refused: 0, crashes: 0 }

  /** @param epoch - in which it was sent */
  messageSent(message: StoredMessage, session: GroupSession, epoch: string): void {
    const audience = new Set(session.members.map(({ identity }) => identity))
    this.sent.push({ id: toHex(message.id), sender: message.sender, audience, epoch })
  }

  /** Looks at a session after something happened in it. */
  observe(session: GroupSession): Outline {
    const { outline } = session
    const { head, epochs, unread } = outline
    const kept = epochs.filter(({ hasKeys }) => hasKeys)
    const depths = kept.map(({ epoch }) => Number(session.epoch - epoch))
    for (const { id, parent } of epochs) if (parent !== undefined) this.#parents.set(id, parent)
    if (!this.#epochs.has(head)) {
      const roster = new Set(session.members.map(({ identity }) => identity))
      this.#epochs.set(head, { parent: this.#parents.get(head), roster })
    }
    this.extremes.epochs = Math.max(this.extremes.epochs, kept.length)
    this.extremes.depth = Math.max(this.extremes.depth, ...depths)
    this.extremes.unread = Math.max(this.extremes.unread, unread)
    return outline
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
}

const NOBODY: ReadonlySet<string> = new Set()
