// A map whose changes are collected while a call works on it, and take effect together or not at all.

export class Overlay<V> {
  readonly #kept: Map<string, V>
  /** `undefined` stands for what is to be deleted. */
  #changes = new Map<string, V | undefined>()

  constructor(kept: Iterable<readonly [string, V]> = []) {
    this.#kept = new Map(kept)
  }

  get(key: string): V | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#kept.get(key)
  }

  /** What there was before the changes. */
  settled(key: string): V | undefined {
    return this.#kept.get(key)
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  set(key: string, value: V): void {
    if (this.get(key) !== value) this.#changes.set(key, value)
  }

  delete(key: string): void {
    if (this.#kept.has(key)) this.#changes.set(key, undefined)
    else this.#changes.delete(key)
  }

  get size(): number {
    let size = this.#kept.size
    for (const [key, value] of this.#changes) {
      if (value === undefined) size--
      else if (!this.#kept.has(key)) size++
    }
    return size
  }

  /** In the order in which the keys came, the oldest first. */
  *entries(): Generator<readonly [string, V], void, undefined> {
    for (const [key, value] of this.#kept) {
      if (!this.#changes.has(key)) yield [key, value]
      else {
        const changed = this.#changes.get(key)
        if (changed !== undefined) yield [key, changed]
      }
    }
    for (const [key, value] of this.#changes) if (value !== undefined && !this.#kept.has(key)) yield [key, value]
  }

  *values(): Generator<V, void, undefined> {
    for (const [, value] of this.entries()) yield value
  }

  /** What has changed, and to what; `undefined` where it is to be deleted. */
  get changes(): ReadonlyMap<string, V | undefined> {
    return this.#changes
  }

  /** What the changes delete, as it was before. */
  get deleted(): V[] {
    return [...this.#changes].flatMap(([key, value]) => {
      const before = this.#kept.get(key)
      return value === undefined && before !== undefined ? [before] : []
    })
  }

  /** Makes the changes part of the map. */
  keep(): void {
    for (const [key, value] of this.#changes) {
      if (value === undefined) this.#kept.delete(key)
      else this.#kept.set(key, value)
    }
    this.#changes = new Map()
  }

  /** Forgets the changes. */
  revert(): void {
    this.#changes = new Map()
  }
}
