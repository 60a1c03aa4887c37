// Who takes part in a soak, what was asked for each of them, and what must therefore hold.

import { House, type Listener, Resident } from './houses.ts'
import type { SoakOptions } from './plan.ts'

/** A client, and what became of its membership. */
export class Person extends Resident {
  /** Guests come and go; all others are members from the beginning to the end. */
  readonly isGuest: boolean
  isAdmin = false
  /** Whether something is being asked for it. */
  isPending = false
  #adds = 0
  #removes = 0
  /** Whether it is in, as far as those were told who asked; undefined where an answer has not come. */
  #isIn: boolean | undefined = false

  constructor(name: string, house: House, folder: string, isGuest: boolean) {
    super(name, house, folder)
    this.isGuest = isGuest
  }

  noteWish(wish: 'add' | 'remove'): void {
    if (wish === 'add') this.#adds++
    else this.#removes++
  }

  /** @param answer - `unknown`: whoever asked was ended before the answer */
  noteAnswer(wish: 'add' | 'remove', answer: 'done' | 'refused' | 'unknown'): void {
    if (answer === 'done') this.#isIn = wish === 'add'
    if (answer === 'unknown') this.#isIn = undefined
  }

  get isIn(): boolean | undefined {
    return this.#isIn
  }

  /** Whether nobody has ever asked to remove it. */
  get hasStayed(): boolean {
    return this.#removes === 0
  }

  /**
   * Whether it must be a member in the end; undefined where that depends on which of several wishes was carried out last, or
   * on one that was perhaps not on disk.
   */
  get mustBeIn(): boolean | undefined {
    if (this.#removes === 0) return this.#isIn
    return this.#adds === 1 && this.#removes === 1 && this.#isIn === false ? false : undefined
  }
}

/** Everybody, in their processes. The first is the founder; every third is a guest. */
export class People {
  readonly all: readonly Person[]
  readonly #houses: readonly House[]

  constructor(folder: string, { clients, processes }: SoakOptions, listener: Listener) {
    this.#houses = Array.from({ length: processes }, () => new House(listener))
    this.all = Array.from({ length: clients }, (_, at) => {
      const house = this.#houses[at % processes] as House
      return new Person(`c${at}`, house, folder, at > 0 && at % 3 === 0)
    })
  }

  get founder(): Person {
    return this.all[0] as Person
  }

  get open(): readonly Person[] {
    return this.all.filter(({ isOpen }) => isOpen)
  }

  get away(): readonly Person[] {
    return this.all.filter(({ isAway }) => isAway)
  }

  /** Opens somebody, with a few others as its first peers. */
  start(person: Person): Promise<void> {
    const open = this.open
    const at = this.all.indexOf(person)
    const peers = Array.from({ length: Math.min(PEERS, open.length) }, (_, turn) => {
      return open[(at + turn * 7) % open.length] as Person
    })
    return person.open([...new Set(peers)].map(({ opened }) => opened.address))
  }

  /** Everybody connects to the next: whoever lost all peers while others moved is back among them. */
  async connect(): Promise<void> {
    await Promise.all(
      this.all.map((person, at) => {
        const next = this.all[(at + 1) % this.all.length] as Person
        return person.ask({ cmd: 'connect', address: next.opened.address })
      }),
    )
  }

  named(identities: readonly string[]): string[] {
    const names = new Map(this.all.map(({ identity, name }) => [identity, name]))
    return identities.map((identity) => names.get(identity) ?? identity)
  }

  async end(): Promise<void> {
    await Promise.all(this.#houses.map((house) => house.kill()))
  }
}

const PEERS = 4
