// Things that come and go while the app looks on.

import { fail } from '../errors.ts'
import { Signal } from './signal.ts'

/** A list that tells everybody who reads it of what is added, until the client closes. */
export class LiveList<T> {
  readonly #items = new Map<number, T>()
  readonly #changed = new Signal()
  /** The number of the next item. */
  #end = 0
  /** Up to where `next` has given items. */
  #taken = 0

  /** @returns what takes the item off the list */
  add(item: T): () => void {
    const number = this.#end++
    this.#items.set(number, item)
    this.#changed.notify()
    return () => this.#items.delete(number)
  }

  get items(): readonly T[] {
    return [...this.#items.values()]
  }

  /** The next item that this method has not given yet. @throws CoterieError `CLIENT_CLOSED` (caller) */
  async next(signal?: AbortSignal): Promise<T> {
    for (;;) {
      const seen = this.#changed.version
      while (this.#taken < this.#end) {
        const item = this.#items.get(this.#taken++)
        if (item !== undefined) return item
      }
      if (this.#changed.closed) fail('CLIENT_CLOSED', 'this client has been closed')
      await this.#changed.after(seen, signal)
    }
  }

  /** All that are there, then those that come. Ends when the list is closed, or with the signal's reason. */
  async *follow(signal?: AbortSignal): AsyncGenerator<T, void, undefined> {
    for (let number = 0; !this.#changed.closed; ) {
      const seen = this.#changed.version
      while (number < this.#end) {
        signal?.throwIfAborted()
        const item = this.#items.get(number++)
        if (item !== undefined) yield item
      }
      await this.#changed.after(seen, signal)
    }
  }

  close(): void {
    this.#changed.close()
  }
}
