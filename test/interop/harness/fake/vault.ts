// What the toy stack holds between RPCs, under IDs, and the operations that several RPCs share.
import { randomBytes } from 'node:crypto'
import type {
  CommitRequest,
  CommitResponse,
  CreateSubgroupResponse,
  HandleCommitRequest,
  HandleReInitCommitResponse,
  StateResponse,
} from '../messages.ts'
import { type Applied, applyCommit, authenticatorOf, epochSecret, fail, type Psks, type ToyState } from './group.ts'
import { decode, digest, encode, type ToyKeyPackage, type ToyProposal, type ToyTarget, toyProposal } from './wire.ts'

/** A group state. */
export interface Held {
  state: ToyState
  readonly psks: Map<string, string>
  /** Tags of the messages that have been read. */
  readonly read: Set<string>
  pending?: Applied
}

/** A key package that waits for its Welcome. */
export interface Joining {
  readonly keyPackage: ToyKeyPackage
  readonly psks: Map<string, string>
}

/** A group that a ReInit has ended. */
export interface Ended {
  readonly old: ToyState
  readonly target: ToyTarget
  readonly keyPackage: ToyKeyPackage
}

/** A new group that is linked to an old one. */
export interface Subgroup {
  readonly old: ToyState
  readonly target: ToyTarget
  readonly keyPackages: readonly Uint8Array[]
  readonly externalTree: boolean
}

export class Vault {
  readonly states: Shelf<Held>
  readonly transactions: Shelf<Joining>
  readonly ended: Shelf<Ended>
  readonly signers: Shelf<string>

  constructor() {
    let last = 0
    const nextId = (): number => {
      last += 1
      return last
    }
    this.states = new Shelf('state', nextId)
    this.transactions = new Shelf('transaction', nextId)
    this.ended = new Shelf('ReInit', nextId)
    this.signers = new Shelf('signer', nextId)
  }

  hold(state: ToyState, psks: Psks = new Map()): StateResponse {
    const stateId = this.states.put({ state, psks: new Map(psks), read: new Set() })
    return { stateId, epochAuthenticator: authenticatorOf(state) }
  }

  offer(suite: number, identity: string): { transactionId: number; keyPackage: ToyKeyPackage } {
    const keyPackage = newKeyPackage(suite, identity)
    return { transactionId: this.transactions.put({ keyPackage, psks: new Map() }), keyPackage }
  }

  commit({ stateId, byReference, byValue, externalTree }: CommitRequest): CommitResponse {
    const held = this.states.get(stateId)
    const { context, identity } = held.state
    const bytes = encode({
      kind: 'commit',
      groupId: context.groupId,
      epoch: context.epoch,
      from: identity,
      external: false,
      references: byReference.map((message) => digest(decode(message, 'proposal'))),
      values: byValue.map(toyProposal),
      nonce: nonce(),
    })
    held.pending = applyCommit(held.state, bytes, byReference, held.psks)
    const { welcome, state } = held.pending
    const joins = welcome.keyPackages.length > 0
    return {
      commit: bytes,
      welcome: joins ? encode({ ...welcome, members: externalTree ? null : state.members }) : EMPTY,
      ratchetTree: externalTree ? encode({ kind: 'tree', members: state.members }) : EMPTY,
    }
  }

  takePending(stateId: number): Applied {
    const held = this.states.get(stateId)
    const pending = held.pending ?? fail('no pending commit')
    delete held.pending
    return pending
  }

  handle({ stateId, proposal, commit }: HandleCommitRequest): Applied {
    const { state, psks } = this.states.get(stateId)
    return applyCommit(state, commit, proposal, psks)
  }

  advance(stateId: number, { state, proposals }: Applied): StateResponse {
    if (proposals.some(({ type }) => type === 'reinit')) fail('the commit of a ReInit')
    this.states.get(stateId).state = state
    return { stateId, epochAuthenticator: authenticatorOf(state) }
  }

  end(stateId: number, { state, proposals }: Applied): HandleReInitCommitResponse {
    const [proposal, ...rest] = proposals
    if (proposal?.type !== 'reinit' || rest.length > 0) fail('not the commit of a ReInit alone')
    const { type: _, ...target } = proposal
    this.states.take(stateId)
    const keyPackage = newKeyPackage(target.suite, state.identity)
    const reinitId = this.ended.put({ old: state, target, keyPackage })
    return { reinitId, keyPackage: encode(keyPackage), epochAuthenticator: authenticatorOf(state) }
  }

  found({ old, target, keyPackages, externalTree }: Subgroup): CreateSubgroupResponse {
    const joiners = keyPackages.map((bytes) => decode(bytes, 'keyPackage'))
    if (joiners.some(({ suite }) => suite !== target.suite)) fail('a key package of another suite')
    const members = [old.identity, ...joiners.map(({ identity }) => identity)]
    const link: ToyProposal = { type: 'resumption', epoch: old.context.epoch }
    const context = { ...target, epoch: 1 }
    const joinerSecret = digest('subgroup', nonce())
    const secret = epochSecret(joinerSecret, [link], new Map(), old.secrets)
    const inline = externalTree ? null : members
    const joining = joiners.map((keyPackage) => digest(keyPackage))
    return {
      ...this.hold({ identity: old.identity, context, members, secrets: new Map([[1, secret]]) }),
      welcome: encode({ kind: 'welcome', context, joinerSecret, psks: [link], keyPackages: joining, members: inline }),
      ratchetTree: externalTree ? encode({ kind: 'tree', members }) : EMPTY,
    }
  }
}

/** Items of one kind under IDs that no other kind uses. */
export class Shelf<T> {
  readonly #what: string
  readonly #nextId: () => number
  readonly #items: Map<number, T> = new Map()

  constructor(what: string, nextId: () => number) {
    this.#what = what
    this.#nextId = nextId
  }

  put(item: T): number {
    const id = this.#nextId()
    this.#items.set(id, item)
    return id
  }

  find(id: number): T | undefined {
    return this.#items.get(id)
  }

  get(id: number): T {
    return this.#items.get(id) ?? fail(`unknown ${this.#what} ${id}`)
  }

  take(id: number): T {
    const item = this.get(id)
    this.#items.delete(id)
    return item
  }

  get size(): number {
    return this.#items.size
  }
}

export function nonce(): string {
  return randomBytes(32).toString('hex')
}

function newKeyPackage(suite: number, identity: string): ToyKeyPackage {
  return { kind: 'keyPackage', suite, identity, key: nonce() }
}

const EMPTY = new Uint8Array(0)
