// The groups of a client: those that are there, and those that come.

import { fail } from '../errors.ts'
import { checkOptions, TEXT } from './check-options.ts'
import type { Group } from './group.ts'
import { LiveList } from './live-list.ts'

/** What a new group is called. */
export interface NewGroup {
  /** At most 256 bytes. */
  readonly name: string
  /** At most 4,096 bytes. */
  readonly description?: string
}

/** The groups of a client: create one, find one, or wait for those that others add it to. */
export class Groups implements AsyncIterable<Group> {
  readonly #create: (group: NewGroup) => Promise<Group>
  readonly #all = new LiveList<Group>()

  /** Made by the client. */
  constructor(create: (group: NewGroup) => Promise<Group>) {
    this.#create = create
  }

  /** Creates a group with this client as its only member and admin. @throws CoterieError `ARGUMENT_INVALID` */
  async create(group: NewGroup): Promise<Group> {
    checkOptions('groups.create', group, { name: TEXT, description: TEXT })
    if (group.name === undefined) fail('ARGUMENT_INVALID', 'a group needs a name')
    return this.#create(group)
  }

  /** @throws CoterieError `GROUP_UNKNOWN` */
  get(id: string): Group {
    return (
      this.list().find((group) => group.id === id) ?? fail('GROUP_UNKNOWN', 'this client is in no group with this id')
    )
  }

  /** Those that are there now. */
  list(): readonly Group[] {
    return this.#all.items
  }

  /** The next group that this method has not given yet: one that is there, or the first that comes. */
  next(signal?: AbortSignal): Promise<Group> {
    return this.#all.next(signal)
  }

  /** All groups that are there, then new ones as they come. Ends when the client closes. */
  [Symbol.asyncIterator](): AsyncGenerator<Group, void, undefined> {
    return this.#all.follow()
  }

  /** For the client. */
  enter(group: Group): void {
    this.#all.add(group)
  }

  /** For the client. */
  close(): void {
    this.#all.close()
  }
}
