// Time that passes only as events happen: a queue of what is to happen when, one event at a time.

import type { SeededRandom } from './seeded-random.ts'

interface QueuedEvent {
  readonly atMs: number
  /** Orders events of one time: drawn at random, so that no order is taken for granted. */
  readonly tie: number
  /** Orders events of one time and one tie: as they were scheduled. */
  readonly sequence: number
  readonly run: () => Promise<void> | void
  cancelled: boolean
}

/** A clock that stands still while something happens, and jumps to the next thing that is to happen. */
export class VirtualClock {
  readonly #random: SeededRandom
  /** A binary heap: no event comes before the one at half its place. */
  readonly #heap: QueuedEvent[] = []
  #nowMs: number
  #sequence = 0

  /** @param random - decides the order of events of the same time */
  constructor(startMs: number, random: SeededRandom) {
    this.#nowMs = startMs
    this.#random = random
  }

  /** Milliseconds since the Unix epoch. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** Whether nothing is scheduled. */
  get idle(): boolean {
    return this.#heap.length === 0
  }

  /**
   * Schedules an event; one of the past happens now.
   * @returns what cancels it
   */
  at(atMs: number, run: () => Promise<void> | void): () => void {
    const event: QueuedEvent = {
      atMs: Math.max(atMs, this.#nowMs),
      tie: this.#random.below(TIES),
      sequence: this.#sequence++,
      run,
      cancelled: false,
    }
    this.#heap.push(event)
    this.#rise(this.#heap.length - 1)
    return () => {
      event.cancelled = true
    }
  }

  /** Lets happen all that is scheduled until a time, which is the time then. */
  async runUntil(untilMs: number): Promise<void> {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#take()
      if (next.cancelled) continue
      this.#nowMs = next.atMs
      await next.run()
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs)
  }

  /** Removes the first event. */
  #take(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink()
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const above = (at - 1) >> 1
      if (!this.#precedes(at, above)) return
      this.#swap(at, above)
      at = above
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      let first = at
      for (const below of [2 * at + 1, 2 * at + 2]) if (this.#precedes(below, first)) first = below
      if (first === at) return
      this.#swap(at, first)
      at = first
    }
  }

  #precedes(i: number, j: number): boolean {
    const [a, b] = [this.#heap[i], this.#heap[j]]
    if (a === undefined || b === undefined) return false
    if (a.atMs !== b.atMs) return a.atMs < b.atMs
    return a.tie === b.tie ? a.sequence < b.sequence : a.tie < b.tie
  }

  #swap(i: number, j: number): void {
    const [a, b] = [this.#heap[i], this.#heap[j]]
    if (a === undefined || b === undefined) return
    this.#heap[i] = b
    this.#heap[j] = a
  }
}

const TIES = 2 ** 30
