// Which keys a frame was tried with that none has opened yet: it is tried with new ones alone. Not on disk.

/** Knows frames and keys by name; of keys only the order in which they came counts. */
export class KeyTrials {
  readonly #order = new Map<string, number>()
  #count = 0
  /** How many keys had come when a frame was last tried with all of them. */
  readonly #tried = new Map<string, number>()

  /** Whether a frame has not been tried with a key. */
  isNew(frame: string, key: string): boolean {
    let place = this.#order.get(key)
    if (place === undefined) {
      place = this.#count++
      this.#order.set(key, place)
    }
    return place >= (this.#tried.get(frame) ?? 0)
  }

  /** A frame has been tried with all keys that there are, and none fits. */
  failed(frame: string): void {
    this.#tried.set(frame, this.#count)
  }

  /** A key is not there any more. */
  dropKey(key: string): void {
    this.#order.delete(key)
  }

  /** The frame waits no more. */
  forget(frame: string): void {
    this.#tried.delete(frame)
  }

  /** Keys that were new may not be there any more, and come again. */
  clear(): void {
    this.#order.clear()
    this.#tried.clear()
  }
}
