// Who of many has most, while what they have changes all the time: a heap of what was so when it was noted. What is so no more
// is passed over.

/** How somebody stands: more comes first, and of equals whoever came to it last. */
export interface Standing {
  readonly amount: number
  /** Grows with time. */
  readonly since: number
}

export class Ranking<T> {
  readonly #all: ReadonlyMap<unknown, T>
  readonly #standingOf: (one: T) => Standing
  #heap: Noted<T>[] = []

  /**
   * @param all - those who have something now
   * @param standingOf - how one stands now; no amount for one who has nothing
   */
  constructor(all: ReadonlyMap<unknown, T>, standingOf: (one: T) => Standing) {
    this.#all = all
    this.#standingOf = standingOf
  }

  /** One stands otherwise than before. */
  note(one: T): void {
    this.#push(one)
    if (this.#heap.length <= MOST_STALE + 1.5 * this.#all.size) return
    this.#heap = []
    for (const each of this.#all.values()) this.#push(each)
  }

  /** The one that has most now. */
  first(): T | undefined {
    for (let [top] = this.#heap; top !== undefined; [top] = this.#heap) {
      const now = this.#standingOf(top.one)
      if (now.amount === top.amount && now.since === top.since) return top.one
      this.#pop()
    }
    return undefined
  }

  #push(one: T): void {
    const added = { one, ...this.#standingOf(one) }
    if (added.amount <= 0) return
    let at = this.#heap.length
    for (; at > 0; at = above(at)) {
      const parent = this.#heap[above(at)]
      if (parent === undefined || !isBefore(added, parent)) break
      this.#heap[at] = parent
    }
    this.#heap[at] = added
  }

  #pop(): void {
    const moved = this.#heap.pop()
    if (moved === undefined || this.#heap.length === 0) return
    let at = 0
    for (;;) {
      const [left, right] = [this.#heap[2 * at + 1], this.#heap[2 * at + 2]]
      const next = right !== undefined && left !== undefined && isBefore(right, left) ? right : left
      if (next === undefined || !isBefore(next, moved)) break
      this.#heap[at] = next
      at = 2 * at + (next === right ? 2 : 1)
    }
    this.#heap[at] = moved
  }
}

interface Noted<T> extends Standing {
  readonly one: T
}

function isBefore(a: Standing, b: Standing): boolean {
  return a.amount > b.amount || (a.amount === b.amount && a.since > b.since)
}

function above(at: number): number {
  return (at - 1) >> 1
}

/** What is so no more is cleared away when there is more of it than this, and than half of those who have something. */
const MOST_STALE = 1_024
