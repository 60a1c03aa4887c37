// Operations that must not overlap.

/** Runs operations one after another, in the order in which they were asked for, whether they succeed or not. */
export class Sequence {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#last.then(operation)
    this.#last = result.catch(() => undefined)
    return result
  }
}
