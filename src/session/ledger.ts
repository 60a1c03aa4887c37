// What a session keeps by name on disk: a map whose changes become records.

import type { RecordChange } from './effects.ts'
import { Overlay } from './overlay.ts'

export class Ledger<V> extends Overlay<V> {
  readonly #kind: string
  readonly #encode: (value: V) => Uint8Array
  readonly #nameOf: ((value: V) => string) | undefined
  /** Keys by a second name. */
  readonly #keys = new Map<string, string>()

  /**
   * @param kind - what the records' names begin with
   * @param nameOf - a second name, by which values are found too; it stays the same as long as the key is there
   */
  constructor(
    kind: string,
    encode: (value: V) => Uint8Array,
    kept: Iterable<readonly [string, V]> = [],
    nameOf?: (value: V) => string,
  ) {
    const entries = [...kept]
    super(entries)
    this.#kind = kind
    this.#encode = encode
    this.#nameOf = nameOf
    if (nameOf !== undefined) for (const [key, value] of entries) this.#keys.set(nameOf(value), key)
  }

  /** The entry with a second name. */
  find(name: string): readonly [key: string, value: V] | undefined {
    const known = this.#keys.get(name)
    const value = known === undefined ? undefined : this.get(known)
    if (known !== undefined && value !== undefined) return [known, value]
    for (const [key, changed] of this.changes) {
      if (changed !== undefined && this.#nameOf?.(changed) === name) return [key, changed]
    }
    return undefined
  }

  /** Makes the changes part of the map, and tells what they are on disk. */
  settle(): RecordChange[] {
    const records: RecordChange[] = []
    for (const [key, value] of this.changes) {
      this.#index(key, value)
      const name = `${this.#kind}/${key}`
      if (value === undefined) records.push({ op: 'delete', name })
      else records.push({ op: 'put', name, value: this.#encode(value) })
    }
    this.keep()
    return records
  }

  /** To be called while the value from before is still there. */
  #index(key: string, value: V | undefined): void {
    if (this.#nameOf === undefined) return
    if (value !== undefined) this.#keys.set(this.#nameOf(value), key)
    else {
      const gone = this.settled(key)
      if (gone !== undefined) this.#keys.delete(this.#nameOf(gone))
    }
  }
}
