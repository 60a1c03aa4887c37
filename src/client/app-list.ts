// What all lists have in common that an app looks at while things come and go: groups, invitations, applicants, contact requests.

import { type ErrorCode, fail } from '../errors.ts'
import { ABORT_SIGNAL, checkOptions } from './check-options.ts'
import { LiveList } from './live-list.ts'

/** What a list is called, and what its items are known by. */
export interface AppListNames<T> {
  /** As apps write it. */
  readonly call: string
  readonly keyOf: (item: T) => string
  /** What `get` fails with. */
  readonly unknown: readonly [code: ErrorCode, message: string]
}

/** A list of what is there and of what comes, until the client closes. */
export abstract class AppList<T> implements AsyncIterable<T> {
  readonly #names: AppListNames<T>
  readonly #all = new LiveList<T>()
  readonly #removals = new Map<string, () => void>()

  /** Made by the client. */
  constructor(names: AppListNames<T>) {
    this.#names = names
  }

  /** Those that are there now, the oldest first. */
  list(): readonly T[] {
    return this.#all.items
  }

  /** The one with this id, or of this identity. @throws CoterieError `GROUP_UNKNOWN`, `REQUEST_UNKNOWN` */
  get(id: string): T {
    const { keyOf, unknown } = this.#names
    return this.list().find((item) => keyOf(item) === id) ?? fail(...unknown)
  }

  /** The next one that this method has not given yet: one that is there, or the first that comes. @throws the signal's reason */
  next(signal?: AbortSignal): Promise<T> {
    return this.#all.next(signal)
  }

  /** All that are there, then new ones as they come. Ends when the client closes. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.#all.follow()
  }

  /** The same, until a signal ends it with its reason. @throws CoterieError `ARGUMENT_INVALID` */
  follow(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<T, void, undefined> {
    checkOptions(`${this.#names.call}.follow`, options, { signal: ABORT_SIGNAL })
    return this.#all.follow(options.signal)
  }

  /** For the client. One that is known by the same key makes room. */
  enter(item: T, key: string = this.#names.keyOf(item)): void {
    this.remove(key)
    this.#removals.set(key, this.#all.add(item))
  }

  /** For the client. */
  remove(key: string): void {
    this.#removals.get(key)?.()
    this.#removals.delete(key)
  }

  /** For the client. */
  close(): void {
    this.#all.close()
  }
}
