// When to reconcile with whom: at once when a peer begins to hear a topic that matters now, or the session misses something,
// then again and again, more and more rarely where nothing was missing. One conversation at a time with each peer about each topic.

import type { ReconciliationResult } from '../../topics/reconciliation.ts'

/** What a schedule drives. */
export interface SyncRunner {
  /** Asks a peer; undefined where there is nothing to ask about any more. */
  run(peer: string, topic: string): Promise<Pick<ReconciliationResult, 'sent' | 'received' | 'hasMore'> | undefined>
  /** Whether the other side will ask, so that this one does so only if that does not. */
  isAnswerer(peer: string, topic: string): boolean
  urgencyOf(topic: string): Urgency
  /** What failed is tried again later. */
  onFailure(error: unknown): void
  /** From 0 to 1. */
  random(): number
}

/**
 * `now`: what comes on the topic is waited for. `soon`: it is held for somebody else, as others do. `later`: nobody is there any
 * more who would not ask by itself.
 */
export type Urgency = 'now' | 'soon' | 'later'

/** All in milliseconds. */
export interface SyncIntervals {
  /** How long after one conversation the next begins at the earliest. */
  readonly gapMs: number
  /** How long those who were asked first have to answer, where there are many, before others are asked for the same. */
  readonly askMs: number
  /** When to ask again where something was missing. Doubles each time that nothing was. */
  readonly firstMs: number
  readonly lastMs: number
  /** When to try again what failed. Doubles each time. */
  readonly retryMs: number
}

/** A second between two conversations; half a minute that grows to ten; a second that grows to ten minutes. */
export const SYNC_INTERVALS: SyncIntervals = {
  gapMs: 1_000,
  askMs: 5_000,
  firstMs: 30_000,
  lastMs: 600_000,
  retryMs: 1_000,
}

export class SyncSchedule {
  readonly #runner: SyncRunner
  readonly #intervals: SyncIntervals
  readonly #entries = new Map<string, Entry>()
  /** Those who hear any topic. */
  readonly #peers = new Set<string>()
  readonly #due: Entry[] = []
  readonly #running = new Set<Promise<void>>()
  #isStopped = false

  constructor(runner: SyncRunner, intervals: SyncIntervals = SYNC_INTERVALS) {
    this.#runner = runner
    this.#intervals = intervals
  }

  /** A peer hears a topic from now on. */
  heard(peer: string, topic: string): void {
    const entry = this.#enter(peer, topic)
    const { gapMs, firstMs, lastMs } = this.#intervals
    const urgency = this.#runner.urgencyOf(topic)
    if (urgency === 'now') this.#plan(entry, this.#runner.isAnswerer(peer, topic) ? gapMs : 0)
    // One of those who hold the same comes first, and the others find nothing to give.
    else if (urgency === 'soon') this.#plan(entry, this.#runner.random() * gapMs * this.#peers.size)
    else this.#plan(entry, firstMs + this.#runner.random() * (lastMs - firstMs))
  }

  /**
   * Something is known to be missing: asks some who hear the topic, as soon as may be. Where it is still missing then, others are
   * asked some seconds later, however often this is called meanwhile.
   */
  ask(topic: string, peers: readonly string[]): void {
    const nowMs = performance.now()
    const entries = peers.map((peer) => this.#enter(peer, topic))
    if (entries.length <= ASKED_AT_ONCE) {
      for (const entry of entries) this.#askAgain(entry, nowMs)
      return
    }
    const { gapMs, askMs } = this.#intervals
    const recent = entries.filter(({ askedMs }) => nowMs - askedMs < askMs)
    // The next ones are planned already.
    if (recent.length > ASKED_AT_ONCE) return
    const waitMs = Math.max(0, ...recent.map(({ askedMs }) => askMs - (nowMs - askedMs)))
    const others = entries.filter((entry) => entry.state !== 'running' && !recent.includes(entry))
    for (const entry of others.sort((a, b) => a.endedMs - b.endedMs).slice(0, ASKED_AT_ONCE)) {
      entry.askedMs = nowMs + waitMs
      this.#plan(entry, Math.max(waitMs, entry.endedMs + gapMs - nowMs))
    }
  }

  #askAgain(entry: Entry, nowMs: number): void {
    if (entry.state === 'running') entry.isAsked = true
    else this.#plan(entry, Math.max(0, entry.endedMs + this.#intervals.gapMs - nowMs))
  }

  /** The peer has asked: both have what the other had. */
  answered(peer: string, topic: string, hasMoved: boolean): void {
    const entry = this.#entries.get(keyOf(peer, topic))
    if (entry === undefined || entry.state !== 'waiting') return
    entry.failures = 0
    this.#rest(entry, hasMoved)
  }

  /** A peer has gone. */
  lost(peer: string): void {
    this.#peers.delete(peer)
    for (const entry of [...this.#entries.values()]) if (entry.peer === peer) this.#forget(entry)
  }

  /** Resolves when nothing runs any more. What runs ends by itself or with its stream. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const entry of [...this.#entries.values()]) this.#forget(entry)
    await Promise.all(this.#running)
  }

  #enter(peer: string, topic: string): Entry {
    const key = keyOf(peer, topic)
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      const { firstMs } = this.#intervals
      entry = { key, peer, topic, state: 'waiting', timer: undefined, failures: 0, restMs: firstMs, ...NEW }
      this.#entries.set(key, entry)
      this.#peers.add(peer)
    }
    return entry
  }

  #plan(entry: Entry, delayMs: number): void {
    if (this.#isStopped || entry.state !== 'waiting') return
    clearTimeout(entry.timer)
    entry.timer = setTimeout(() => {
      entry.state = 'due'
      this.#due.push(entry)
      this.#startDue()
    }, delayMs)
    // What may be missing keeps no program from ending.
    if (typeof entry.timer === 'object') entry.timer.unref()
  }

  #startDue(): void {
    while (this.#running.size < MAX_RUNNING) {
      const entry = this.#due.shift()
      if (entry === undefined) return
      if (this.#entries.get(entry.key) !== entry) continue
      const run: Promise<void> = this.#run(entry).finally(() => {
        this.#running.delete(run)
        this.#startDue()
      })
      this.#running.add(run)
    }
  }

  async #run(entry: Entry): Promise<void> {
    entry.state = 'running'
    entry.isAsked = false
    try {
      const result = await this.#runner.run(entry.peer, entry.topic)
      if (result === undefined) return this.#forget(entry)
      entry.failures = 0
      this.#settle(entry)
      if (result.hasMore || entry.isAsked) this.#plan(entry, this.#intervals.gapMs)
      else this.#rest(entry, result.sent + result.received > 0)
    } catch (error) {
      this.#settle(entry)
      if (this.#entries.get(entry.key) !== entry) return
      const delayMs = Math.min(this.#intervals.lastMs, this.#intervals.retryMs * 2 ** entry.failures)
      entry.failures++
      this.#plan(entry, this.#jittered(delayMs))
      this.#runner.onFailure(error)
    }
  }

  #settle(entry: Entry): void {
    entry.state = 'waiting'
    entry.endedMs = performance.now()
  }

  #rest(entry: Entry, hasMoved: boolean): void {
    const { firstMs, lastMs } = this.#intervals
    if (this.#runner.urgencyOf(entry.topic) !== 'now') entry.restMs = lastMs
    else entry.restMs = hasMoved ? firstMs : Math.min(lastMs, entry.restMs * 2)
    if (this.#entries.get(entry.key) === entry) this.#plan(entry, this.#jittered(entry.restMs))
  }

  #forget(entry: Entry): void {
    clearTimeout(entry.timer)
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key)
  }

  /** A fifth more or less, so that peers do not all ask at once. */
  #jittered(delayMs: number): number {
    return delayMs * (0.8 + 0.4 * this.#runner.random())
  }
}

interface Entry {
  readonly key: string
  readonly peer: string
  readonly topic: string
  state: 'waiting' | 'due' | 'running'
  timer: ReturnType<typeof setTimeout> | undefined
  failures: number
  /** How long to rest after the next conversation that found nothing is twice this. */
  restMs: number
  /** Whether to run again at once: something was found missing while it ran. */
  isAsked: boolean
  endedMs: number
  /** When it was asked, or is to be, for something that is missing. */
  askedMs: number
}

function keyOf(peer: string, topic: string): string {
  return `${topic} ${peer}`
}

const NEW = { isAsked: false, endedMs: Number.MIN_SAFE_INTEGER, askedMs: Number.MIN_SAFE_INTEGER }
const MAX_RUNNING = 4
/** How many of those who hear a topic are asked for what is missing: those first who have not been asked for longest. */
const ASKED_AT_ONCE = 3
