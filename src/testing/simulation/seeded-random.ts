// Reproducible random numbers: one stream for each purpose, so that what one purpose draws changes nothing for another.

/** A stream of random numbers that a seed and a purpose decide (sfc32, seeded by FNV-1a). Not for keys. */
export class SeededRandom {
  readonly #seed: string
  readonly #state: Uint32Array

  constructor(seed: string) {
    this.#seed = seed
    this.#state = Uint32Array.from([0, 1, 2, 3], (i) => fnv1a(`${i} ${seed}`))
    for (let i = 0; i < WARMING_UP; i++) this.#next()
  }

  /** A stream of its own. */
  for(purpose: string): SeededRandom {
    return new SeededRandom(`${this.#seed} ${purpose}`)
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor((this.#next() / 2 ** 32) * bound)
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1)
  }

  chance(probability: number): boolean {
    return this.#next() / 2 ** 32 < probability
  }

  /** One of several; undefined where there is none. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)]
  }

  /** All in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => ({ item, key: this.#next() }))
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item)
  }

  /** A waiting time whose mean is `meanMs`, as of events that come independently of each other. */
  waitMs(meanMs: number): number {
    return Math.max(1, Math.round(-Math.log(1 - this.#next() / 2 ** 32) * meanMs))
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state
    const result = (a + b + counter) >>> 0
    this.#state[0] = b ^ (b >>> 9)
    this.#state[1] = c + (c << 3)
    this.#state[2] = ((c << 21) | (c >>> 11)) + result
    this.#state[3] = counter + 1
    return result
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

const WARMING_UP = 15
