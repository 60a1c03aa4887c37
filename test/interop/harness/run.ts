// One run of a script: who plays which actor, what the actors hold by now (states, key packages, signers), and what
// the steps so far have produced.
import { RpcError } from './client-api.ts'
import type { PreSharedKey } from './messages.ts'
import type { Call, RequestOf, ResponseOf, RpcName } from './mls-client.ts'

/** A stack that takes part. */
export interface Peer {
  /** What the stack calls itself. */
  readonly name: string
  readonly address: string
  readonly suites: ReadonlySet<number>
  readonly call: Call
}

/** What a run is of. `peers` has every actor of the script. */
export interface Casting {
  readonly suite: number
  readonly encryptHandshake: boolean
  readonly peers: ReadonlyMap<string, Peer>
}

/** An actor's state in a group. */
export interface Seat {
  readonly actor: string
  readonly stateId: number
  readonly groupId: Uint8Array
}

/** A commit and what it leads to. */
export interface CommitProduct {
  readonly commit: Uint8Array
  readonly welcome: Uint8Array
  readonly ratchetTree: Uint8Array
  readonly groupId: Uint8Array
  /** Of the new epoch, as the first actor to reach it tells. */
  epochAuthenticator?: Uint8Array
}

export interface SentMessage {
  readonly ciphertext: Uint8Array
  readonly authenticatedData: Uint8Array
  readonly plaintext: Uint8Array
}

/** A ReInit that is proposed. */
export interface ReInitProduct {
  readonly proposal: Uint8Array
  readonly cipherSuite: number
  readonly groupId: Uint8Array
}

/** A step that did not go as it must: at which actor, played by whom, and why. */
export class StepError extends Error {
  readonly actor: string
  readonly peer: Peer | undefined

  constructor(actor: string, peer: Peer | undefined, what: string, cause?: unknown) {
    super(what, { cause })
    this.name = 'StepError'
    this.actor = actor
    this.peer = peer
  }
}

export class Run {
  /** The suite of key packages to come: the script's, until a ReInit changes it. */
  suite: number
  readonly encryptHandshake: boolean

  /** Key packages that no Welcome has used yet, by actor. */
  readonly transactions: Map<string, number> = new Map()
  /** External signers by actor, each with its index among the group's external senders. */
  readonly signers: Map<string, { readonly signerId: number; readonly index: number }> = new Map()
  /** How many external senders the script has proposed. */
  externalSenders = 0
  /** The commit that an actor has created and not applied yet. */
  readonly pendingCommits: Map<string, CommitProduct> = new Map()

  readonly keyPackages: Map<number, Uint8Array> = new Map()
  readonly psks: Map<number, PreSharedKey> = new Map()
  readonly proposals: Map<number, Uint8Array> = new Map()
  readonly reinits: Map<number, ReInitProduct> = new Map()
  readonly commits: Map<number, CommitProduct> = new Map()
  readonly messages: Map<number, SentMessage> = new Map()

  readonly #peers: ReadonlyMap<string, Peer>
  readonly #seats: Map<string, Seat> = new Map()
  readonly #formerSeats: Seat[] = []

  constructor({ suite, encryptHandshake, peers }: Casting) {
    this.suite = suite
    this.encryptHandshake = encryptHandshake
    this.#peers = peers
  }

  /** Asks the stack that plays `actor`. */
  async call<N extends RpcName>(actor: string, name: N, request: RequestOf<N>): Promise<ResponseOf<N>> {
    const peer = this.#peers.get(actor)
    if (peer === undefined) return this.fail(actor, 'is played by no client')
    try {
      return await peer.call(name, request)
    } catch (error) {
      const what =
        error instanceof RpcError ? error.message : `${name}: ${error instanceof Error ? error.message : error}`
      throw new StepError(actor, peer, what, error)
    }
  }

  fail(actor: string, what: string): never {
    throw new StepError(actor, this.#peers.get(actor), what)
  }

  /** What `step` has produced. */
  product<T>(actor: string, products: ReadonlyMap<number, T>, step: number): T {
    return products.get(step) ?? this.fail(actor, `step ${step} has not produced what this step needs`)
  }

  /** The suite that a ReInit changes to. */
  nextSuite(): number | undefined {
    return nextSuite(this.#peers.values(), this.suite)
  }

  findSeat(actor: string): Seat | undefined {
    return this.#seats.get(actor)
  }

  seat(actor: string): Seat {
    return this.#seats.get(actor) ?? this.fail(actor, 'is in no group at this step')
  }

  /** `actor` is in the group of its seat at a later epoch, or in a group that takes that one's place. */
  move(actor: string, stateId: number, groupId: Uint8Array = this.seat(actor).groupId): void {
    this.#seats.set(actor, { actor, stateId, groupId })
  }

  /** `actor` has a state of its own in a further group, or anew in the same one. */
  sit(actor: string, stateId: number, groupId: Uint8Array): void {
    const former = this.#seats.get(actor)
    if (former !== undefined && former.stateId !== stateId) this.#formerSeats.push(former)
    this.#seats.set(actor, { actor, stateId, groupId })
  }

  /** Frees every state that the run still knows of, even where one fails; then throws the first failure. */
  async release(): Promise<void> {
    const failures: unknown[] = []
    for (const { actor, stateId } of [...this.#seats.values(), ...this.#formerSeats]) {
      await this.call(actor, 'Free', { stateId }).catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
}

/** The next higher suite that all peers have, or else their lowest; undefined when `suite` is their only one. */
export function nextSuite(peers: Iterable<Peer>, suite: number): number | undefined {
  const [first, ...rest] = [...peers].map(({ suites }) => suites)
  const common = [...(first ?? [])].filter((other) => rest.every((suites) => suites.has(other)))
  const sorted = common.filter((other) => other !== suite).sort((a, b) => a - b)
  return sorted.find((other) => other > suite) ?? sorted[0]
}
