// The groups of a client: those that are there, and those that come.

import { fail } from '../errors.ts'
import type { Group } from './group.ts'
import { Signal } from './signal.ts'

/** What a new group is called. */
export interface NewGroup {
  readonly name: string
  readonly description?: string
}

/** The groups of a client: create one, find one, or wait for those that others add it to. */
export class Groups implements AsyncIterable<Group> {
  readonly #create: (group: NewGroup) => Promise<Group>
  readonly #all: Group[] = []
  readonly #changed = new Signal()
  #taken = 0

  /** Made by the client. */
  constructor(create: (group: NewGroup) => Promise<Group>) {
    this.#create = create
  }

  /** Creates a group with this client as its only member and admin. @throws CoterieError `ARGUMENT_INVALID` */
  create(group: NewGroup): Promise<Group> {
    return this.#create(group)
  }

  /** @throws CoterieError `GROUP_UNKNOWN` */
  get(id: string): Group {
    return (
      this.#all.find((group) => group.id === id) ?? fail('GROUP_UNKNOWN', 'this client is in no group with this id')
    )
  }

  /** Those that are there now. */
  list(): readonly Group[] {
    return [...this.#all]
  }

  /** The next group that this method has not given yet: one that is there, or the first that comes. */
  async next(signal?: AbortSignal): Promise<Group> {
    const place = this.#taken++
    for (;;) {
      const seen = this.#changed.version
      const group = this.#all[place]
      if (group !== undefined) return group
      if (this.#changed.closed) fail('CLIENT_CLOSED', 'this client has been closed')
      await this.#changed.after(seen, signal)
    }
  }

  /** All groups that are there, then new ones as they come. Ends when the client closes. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Group, void, undefined> {
    for (let place = 0; ; ) {
      const seen = this.#changed.version
      for (; place < this.#all.length; place++) yield this.#all[place] as Group
      if (this.#changed.closed) return
      await this.#changed.after(seen)
    }
  }

  /** For the client. */
  enter(group: Group): void {
    this.#all.push(group)
    this.#changed.notify()
  }

  /** For the client. */
  close(): void {
    this.#changed.close()
  }
}
