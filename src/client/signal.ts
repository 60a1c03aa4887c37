// Waiting for something to change, without queues: whoever reads keeps its own place and asks what is new.

import { CoterieError } from '../errors.ts'

/** Counts what happened, and wakes those who wait for more. */
export class Signal {
  readonly #waiting = new Set<() => void>()
  #version = 0
  #closed = false
  #failure: CoterieError | undefined

  /** How often something has happened. To be read before looking at what is there. */
  get version(): number {
    return this.#version
  }

  get closed(): boolean {
    return this.#closed
  }

  notify(): void {
    this.#version++
    for (const wake of this.#waiting) wake()
  }

  /** Lets everybody who waits, now or later, fail. */
  fail(error: unknown): void {
    this.#failure = CoterieError.is(error)
      ? error
      : new CoterieError('INTERNAL_INVARIANT', 'something unexpected failed', { cause: error })
    this.notify()
  }

  /** Wakes everybody for good. */
  close(): void {
    this.#closed = true
    this.notify()
  }

  /** Resolves once something happened after `version`, or at closing. Rejects with what failed, or with the abort's reason. */
  async after(version: number, abort?: AbortSignal): Promise<void> {
    while (this.#version === version && !this.#closed) {
      abort?.throwIfAborted()
      await this.#wake(abort)
    }
    abort?.throwIfAborted()
    if (this.#failure !== undefined) throw this.#failure
  }

  #wake(abort: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        abort?.removeEventListener('abort', wake)
        this.#waiting.delete(wake)
        resolve()
      }
      this.#waiting.add(wake)
      abort?.addEventListener('abort', wake)
    })
  }
}
