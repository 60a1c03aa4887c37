// What a member can do with its keys when it does not keep to the rules: commit in any epoch that it has the keys of, as
// often as it likes, say whatever it likes to all branches, and keep all of it back.
import { toHex } from '../../src/bytes.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { commit } from '../../src/group/commit.ts'
import { exportSecret } from '../../src/group/exporter.ts'
import { createKeyPackage, lifetimeOfDays, type OwnKeyPackage } from '../../src/group/key-packages.ts'
import type { GroupState } from '../../src/group/state.ts'
import { ProposalType } from '../../src/messages/code-points.ts'
import type { Proposal } from '../../src/messages/proposal.ts'
import { nodeIdOf } from '../../src/session/epoch-tree.ts'
import { type Intent, Planner } from '../../src/session/intents.ts'
import { encodePayload, PayloadKind } from '../../src/session/payload.ts'
import { rendezvousOf } from '../../src/session/rendezvous.ts'
import {
  encodeCommitNote,
  encodeReentryRequest,
  inboxHash,
  REENTRY_EXTENSION,
  reentryExtension,
} from '../../src/session/requests.ts'
import { restoreSession } from '../../src/session/restoring.ts'
import { sessionPolicy } from '../../src/session/session-policy.ts'
import { type PathEntry, pathTo } from '../../src/session/statement.ts'
import { signVote } from '../../src/session/vote.ts'
import { sealFrame } from '../../src/wire/frame.ts'
import type { Rendezvous } from '../../src/wire/topic.ts'
import type { Actor, OnAir } from './actor.ts'

export interface HandCommit {
  /** What the commit does: as an honest member would put it, or as it is. Default: fresh keys only. */
  readonly intents?: readonly Intent[]
  readonly proposals?: readonly Proposal[]
  /** Default: one more than the last. */
  readonly statement?: bigint
  /** Encrypts path secrets so that those who hold one of these public keys alone can decrypt them. */
  readonly readableFor?: readonly Uint8Array[]
}

export interface MadeCommit {
  readonly frame: OnAir
  /** The name of the epoch that it begins. */
  readonly id: string
  /** To go on from there. */
  readonly next: Hand
  readonly welcome: Uint8Array | undefined
}

export class Hand {
  readonly actor: Actor
  readonly state: GroupState
  /** The last statement's number. */
  readonly statement: bigint
  /** From the epoch back towards the root. */
  readonly path: readonly PathEntry[]
  readonly #nowMs: number

  private constructor(actor: Actor, nowMs: number, at: Pick<Hand, 'state' | 'statement' | 'path'>) {
    this.actor = actor
    this.#nowMs = nowMs
    this.state = at.state
    this.statement = at.statement
    this.path = at.path
  }

  /** From what is on a device's disk, or was. */
  static of(actor: Actor, nowMs: number, records: ReadonlyMap<string, Uint8Array> = actor.records): Hand {
    const { tree, counters } = restoreSession(actor.suite, records)
    const { state } = tree.at(counters.stand)
    if (state === undefined) throw new Error(`${actor.name} has no keys`)
    return new Hand(actor, nowMs, { state, statement: counters.statement, path: pathTo(tree, counters.stand) })
  }

  get id(): string {
    return nodeIdOf(this.state)
  }

  async commit({ intents = [], proposals, statement, readableFor }: HandCommit = {}): Promise<MadeCommit> {
    const number = statement ?? this.statement + 1n
    const planner = new Planner(this.actor.wire, this.state, this.#nowMs)
    for (const intent of intents) planner.want(intent)
    const list = proposals ?? planner.plan().proposals
    const suite = readableFor === undefined ? this.state.suite : readableOnly(this.state.suite, readableFor)
    const made = await commit(
      { ...this.state, suite },
      {
        nowMs: this.#nowMs,
        proposals: list,
        policy: sessionPolicy(this.actor.wire),
        wireFormat: 'public',
        authenticatedData: encodeCommitNote({ statement: number, leaves: [] }),
      },
    )
    const state = { ...made.state, suite: this.state.suite }
    const removed = list.flatMap((one) =>
      one.proposalType === ProposalType.remove && 'removed' in one ? [one.removed] : [],
    )
    const entry = { id: nodeIdOf(state), height: state.groupContext.epoch, committer: state.own.leafIndex, removed }
    return {
      frame: await this.inEpoch(PayloadKind.commit, made.message),
      id: entry.id,
      next: new Hand(this.actor, this.#nowMs, { state, statement: number, path: [entry, ...this.path] }),
      welcome: made.welcome,
    }
  }

  /** A frame under the key of the epoch. */
  async inEpoch(kind: PayloadKind, body: Uint8Array): Promise<OnAir> {
    const key = exportSecret(this.state, 'coterie frame', new Uint8Array(0), 32)
    return this.#seal(await this.#meeting(), key, kind, body)
  }

  /** A frame that all branches read. */
  async toAll(kind: PayloadKind, body: Uint8Array): Promise<OnAir> {
    const meeting = await this.#meeting()
    return this.#seal(meeting, meeting.controlKey, kind, body)
  }

  async vote(number: bigint, path: readonly PathEntry[] = this.path, stuck = false): Promise<OnAir> {
    return this.toAll(PayloadKind.vote, await this.signedVote(number, path, stuck))
  }

  signedVote(number: bigint, path: readonly PathEntry[] = this.path, stuck = false): Promise<Uint8Array> {
    const { wire, own } = this.actor
    return signVote(wire, own.device, this.state.groupContext.groupId, { number, path, stuck })
  }

  /** A key package of its own with which it can be added again. */
  async reentry(generation: bigint): Promise<OwnKeyPackage> {
    const { leaf } = this.actor.own
    return createKeyPackage(this.actor.suite, {
      ...leaf,
      capabilities: {
        ...leaf.capabilities,
        extensions: [...(leaf.capabilities?.extensions ?? []), REENTRY_EXTENSION],
      },
      leafExtensions: [
        reentryExtension({
          groupId: this.state.groupContext.groupId,
          generation,
          inbox: inboxHash(this.actor.wire, this.actor.own.inbox.address),
        }),
      ],
      lifetime: lifetimeOfDays(this.#nowMs, 30),
    })
  }

  async askFor(keyPackage: OwnKeyPackage['keyPackage']): Promise<OnAir> {
    const inbox = this.actor.own.inbox.address
    return this.toAll(PayloadKind.reentry, encodeReentryRequest({ keyPackage, inbox }))
  }

  /** A frame on the topic that nobody can open. */
  async junk(payload: Uint8Array): Promise<OnAir> {
    const { topic } = await this.#meeting()
    const key = new Secret(this.actor.wire.randomBytes(32))
    return this.actor.onAir(topic.name, await sealFrame(this.actor.wire, topic, key, payload, this.#nowMs))
  }

  #meeting(): Promise<Rendezvous> {
    return rendezvousOf(this.actor.wire, this.state)
  }

  async #seal({ topic }: Rendezvous, key: Secret, kind: PayloadKind, body: Uint8Array): Promise<OnAir> {
    const bytes = await sealFrame(this.actor.wire, topic, key, encodePayload(kind, body), this.#nowMs)
    return this.actor.onAir(topic.name, bytes)
  }
}

/** RFC 9420 §16.12: whoever holds another key finds a path secret that it cannot decrypt. */
function readableOnly(suite: CipherSuite, publicKeys: readonly Uint8Array[]): CipherSuite {
  const readable = new Set(publicKeys.map(toHex))
  return {
    ...suite,
    kem: {
      ...suite.kem,
      async encap(publicKey, ikmE) {
        const { enc, sharedSecret } = await suite.kem.encap(publicKey, ikmE)
        const wrong = readable.has(toHex(publicKey))
          ? sharedSecret
          : new Secret(suite.randomBytes(suite.kem.sharedSecretLength))
        return { enc, sharedSecret: wrong }
      },
    },
  }
}
