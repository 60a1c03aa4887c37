// How much each peer, or each device, may ask for: so much at once, and so much more with time.

/** So much at once, and so much more with time. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

export class TokenBuckets {
  readonly #rate: Rate
  readonly #clock: () => number
  /** The longest unused first. */
  readonly #buckets = new Map<string, Bucket>()

  /** @param clock - in milliseconds */
  constructor(rate: Rate, clock: () => number) {
    this.#rate = rate
    this.#clock = clock
  }

  /** How many keys are known. */
  get size(): number {
    return this.#buckets.size
  }

  /** Takes so much, or nothing where there is not enough. */
  take(key: string, amount = 1): boolean {
    const now = this.#clock()
    const bucket = this.#buckets.get(key) ?? { tokens: this.#rate.burst, sinceMs: now }
    const elapsedMs = Math.max(0, now - bucket.sinceMs)
    const tokens = Math.min(this.#rate.burst, bucket.tokens + (elapsedMs / 1_000) * this.#rate.perSecond)
    const isEnough = tokens >= amount
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens: isEnough ? tokens - amount : tokens, sinceMs: now })
    this.#forgetOldest()
    return isEnough
  }

  /** Whoever has not asked for longest is the most likely to have everything again. */
  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size > MAX_BUCKETS && oldest !== undefined) this.#buckets.delete(oldest)
  }
}

interface Bucket {
  readonly tokens: number
  readonly sinceMs: number
}

const MAX_BUCKETS = 65_536
