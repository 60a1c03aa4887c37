// What the server holds between RPCs, under numbers: members' states, key packages that wait for a Welcome, groups that
// a ReInit has ended, and external signers.
import { fail } from '../../../src/errors.ts'
import type { CipherSuite, ExternalPsk, ExternalSender, GroupState, KeyPair, OwnKeyPackage } from '../../../src/mls.ts'

/** A member's state in a group, with what the interface keeps beside it. A change makes a new value. */
export interface Member {
  readonly group: GroupState
  readonly encryptHandshake: boolean
  readonly psks: readonly ExternalPsk[]
  /** References of this epoch's proposals, those that it sent and those that it took in, by their messages in hexadecimal. */
  readonly references: ReadonlyMap<string, Uint8Array>
  /** The state that a commit of its own leads to. */
  readonly pending: GroupState | undefined
}

/** A key package that waits for its Welcome. */
export interface Transaction {
  readonly suite: CipherSuite
  readonly keyPackage: OwnKeyPackage
  readonly psks: readonly ExternalPsk[]
}

/** A group that a ReInit has ended, and a key package for its successor. */
export interface EndedGroup extends Transaction {
  readonly old: GroupState
  readonly encryptHandshake: boolean
}

/** Someone outside all groups who may propose where a group lists it. */
export interface Signer {
  readonly suite: CipherSuite
  readonly signatureKeyPair: KeyPair
  readonly sender: ExternalSender
}

/** Everything that one server holds. No number is given twice, whatever it is for. */
export class Registry {
  readonly states: Shelf<Member>
  readonly transactions: Shelf<Transaction>
  readonly ended: Shelf<EndedGroup>
  readonly signers: Shelf<Signer>

  constructor() {
    let last = 0
    const nextId = (): number => {
      last += 1
      return last
    }
    this.states = new Shelf('state', nextId)
    this.transactions = new Shelf('transaction', nextId)
    this.ended = new Shelf('reinit', nextId)
    this.signers = new Shelf('signer', nextId)
  }
}

/** What an operation makes of an item, which is gone where that is undefined, and its result. */
export type Change<T, R> = readonly [next: T | undefined, result: R]

/** Items of one kind. Operations on an item take place one after the other, in the order in which they are asked for. */
export class Shelf<T> {
  readonly #what: string
  readonly #nextId: () => number
  readonly #places: Map<number, { item: T; lastTurn: Promise<unknown> }> = new Map()

  constructor(what: string, nextId: () => number) {
    this.#what = what
    this.#nextId = nextId
  }

  put(item: T): number {
    const id = this.#nextId()
    this.#places.set(id, { item, lastTurn: Promise.resolve() })
    return id
  }

  has(id: number): boolean {
    return this.#places.has(id)
  }

  /** Replaces an item, or takes it away. Where the operation fails, the item stays what it was. */
  async change<R>(id: number, operation: (item: T) => Promise<Change<T, R>>): Promise<R> {
    const place = this.#place(id)
    const turn = place.lastTurn.then(async () => {
      // The turn before may have taken the item away.
      const [next, result] = await operation(this.#place(id).item)
      if (next === undefined) this.#places.delete(id)
      else place.item = next
      return result
    })
    place.lastTurn = turn.catch(() => undefined)
    return turn
  }

  /** Looks at an item. */
  use<R>(id: number, operation: (item: T) => R | Promise<R>): Promise<R> {
    return this.change(id, async (item) => [item, await operation(item)])
  }

  #place(id: number): { item: T; lastTurn: Promise<unknown> } {
    return this.#places.get(id) ?? fail('ARGUMENT_INVALID', `there is no ${this.#what} ${id}`)
  }
}
