// Who is in the group of a random schedule, and what everybody else does when one of them commits (RFC 9420 §12.4).

import { type Leaves, leftHalfIsBlank, withMembers, withoutMembers } from './leaves.ts'
import { assertAgreement } from './peers/agreement.ts'
import { blame, expectText } from './peers/exchange.ts'
import { sameIdentity } from './peers/identities.ts'
import type { Ability, CommitOutput, ExternalSender, Peer, PeerMember } from './peers/peer.ts'
import { PeerDefect } from './peers/peer.ts'
import type { Random } from './random.ts'

export interface RosterOptions {
  readonly suite: number
  /** Newcomers are of one of these, each as likely as the others: list a stack twice to have more of it. */
  readonly peers: readonly Peer[]
  /** The form of identities that all the peers accept. */
  readonly identityOf: (serial: number) => Uint8Array
  readonly groupId: Uint8Array
  readonly externalSender?: ExternalSender
  readonly maxMembers: number
}

/** What a commit changes, next to the epoch. */
export interface Change {
  readonly joining?: readonly PeerMember[]
  readonly leaving?: readonly PeerMember[]
}

interface LateMessage {
  readonly sender: PeerMember
  readonly message: Uint8Array
  readonly text: string
  readonly readers: readonly PeerMember[]
  readonly commitsToWait: number
}

/** Peers keep the keys of at least three past epochs. */
const LATE_MESSAGE_EPOCHS = 2
const LATE_MESSAGE_CHANCE = 0.3
const RETURN_CHANCE = 0.4

export class Roster {
  /** One line per step. */
  readonly log: string[] = []
  /** Valid things that a peer refused. */
  readonly defects: string[] = []
  readonly random: Random
  readonly #options: RosterOptions
  readonly #names = new Map<PeerMember, string>()
  #members: PeerMember[] = []
  #leaves: Leaves<PeerMember> = []
  /** Clients that were in the group, and may come back. */
  #out: PeerMember[] = []
  #late: LateMessage[] = []

  constructor(options: RosterOptions, random: Random) {
    this.#options = options
    this.random = random
  }

  get members(): readonly PeerMember[] {
    return this.#members
  }

  get out(): readonly PeerMember[] {
    return this.#out
  }

  get room(): number {
    return this.#options.maxMembers - this.#members.length
  }

  note(line: string): void {
    this.log.push(`${this.#members.length} members: ${line}`)
  }

  name(client: PeerMember): string {
    return this.#names.get(client) ?? 'a stranger'
  }

  list(clients: readonly PeerMember[]): string {
    return clients.map((client) => this.name(client)).join(', ')
  }

  /** Whether all the peers can follow a commit that does this, or one that an external committer does it with. */
  allows(change: Change, external = false): boolean {
    const shrunk = withoutMembers(this.#leaves, change.leaving ?? [])
    const leaves = withMembers(shrunk, change.joining ?? [])
    if (leftHalfIsBlank(leaves) && !this.#all('blank-left-half')) return false
    const shrinksAndGrows = shrunk.length < this.#leaves.length && shrunk.length < leaves.length
    return !(external && shrinksAndGrows) || this.#all('shrink-and-grow')
  }

  able(ability: Ability): PeerMember[] {
    return this.#members.filter((member) => member.peer.abilities.has(ability))
  }

  async found(): Promise<PeerMember> {
    const creator = await this.newClient('create')
    this.note(`create: by ${this.name(creator)}, suite ${this.#options.suite}`)
    await blame(creator, 'create', () => creator.createGroup())
    this.#members = [creator]
    this.#leaves = [creator]
    return creator
  }

  /** Clients outside of the group, some of them former members. */
  async newcomers(count: number): Promise<PeerMember[]> {
    const chosen: PeerMember[] = []
    while (chosen.length < count) {
      const returning = this.#out.filter((client) => !chosen.includes(client))
      const again = returning.length > 0 && this.random.chance(RETURN_CHANCE)
      chosen.push(again ? this.random.pick(returning) : await this.newClient())
    }
    return chosen
  }

  async newClient(ability?: Ability): Promise<PeerMember> {
    const { peers, suite, groupId, externalSender, identityOf } = this.#options
    const able = peers.filter((peer) => ability === undefined || peer.abilities.has(ability))
    const peer = this.random.pick(able)
    const serial = this.#names.size + 1
    const client = await peer.newMember({
      suite,
      groupId,
      identity: identityOf(serial),
      privateHandshakes: this.#all('private-handshakes') && this.random.chance(0.5),
      newSignatureKeys: this.#all('new-signature-keys'),
      ...(externalSender === undefined ? {} : { externalSender }),
    })
    this.#names.set(client, `${peer.name}#${serial}`)
    return client
  }

  /** Now and then somebody sends a message that the others get after the next commits only. Call before a commit. */
  async maybeHoldMessage(): Promise<void> {
    const talkers = this.able('messages')
    if (talkers.length < 2 || !this.random.chance(LATE_MESSAGE_CHANCE)) return
    const sender = this.random.pick(talkers)
    const text = `late, of ${this.name(sender)}`
    this.#late.push({
      sender,
      message: await blame(sender, 'encrypt', () => sender.encrypt(Buffer.from(text))),
      text,
      readers: talkers.filter((reader) => reader !== sender),
      commitsToWait: 1 + this.random.below(LATE_MESSAGE_EPOCHS),
    })
  }

  /**
   * Everybody gets the commit, the Welcome and the late messages that are due, and has to agree afterwards. An external
   * committer is among those who join, and among those who leave if it was a member.
   */
  async settle(committer: PeerMember, output: CommitOutput, change: Change = {}): Promise<void> {
    const { joining = [], leaving = [] } = change
    const before = this.#members
    for (const member of this.random.sample(before, before.length)) {
      if (member === committer) continue
      const leaves = leaving.includes(member)
      const notices = joining.length === 0 || member.peer.abilities.has('notices-replacement')
      if (!leaves || notices) await this.#follow(member, output, leaves)
    }
    const stuck: PeerMember[] = []
    for (const newcomer of joining) {
      if (newcomer !== committer && !(await this.#welcome(newcomer, output))) stuck.push(newcomer)
    }
    for (const member of leaving) this.#forget(member)
    this.#members = [...before.filter((member) => !leaving.includes(member)), ...without(joining, stuck)]
    this.#out = [...without(this.#out, joining), ...without(leaving, joining)]
    await this.#seat(change)
    await assertAgreement(this.#members)
    await this.#deliverLateMessages()
    if (stuck.length > 0) await this.#evict(stuck)
  }

  async close(): Promise<void> {
    for (const client of this.#names.keys()) await client.close()
  }

  async #follow(member: PeerMember, output: CommitOutput, leaves: boolean): Promise<void> {
    for (const proposal of output.proposals) await blame(member, 'proposal', () => member.processProposal(proposal))
    const outcome = await blame(member, 'commit', () => member.processCommit(output.commit))
    if (outcome !== (leaves ? 'removed' : 'member')) throw new Error(`${this.name(member)} believes to be ${outcome}`)
  }

  /** The leaves that follow from the change have to be those that members tell. */
  async #seat({ joining = [], leaving = [] }: Change): Promise<void> {
    const seats = withMembers(withoutMembers(this.#leaves, leaving), joining)
    // Proposals by reference may be committed to in another order than they were sent in.
    const told = await this.random.pick(this.#members).members()
    const order = told.map((identity) => [...this.#names.keys()].find((one) => sameIdentity(one.identity, identity)))
    this.#leaves = seats.map((member) => (member === undefined ? undefined : order.shift()))
    if (order.length > 0) throw new Error(`${order.length} members more than there should be`)
    for (const member of this.#members) {
      const leafIndex = await member.leafIndex()
      if (leafIndex === undefined || leafIndex === this.#leaves.indexOf(member)) continue
      throw new Error(`${this.name(member)} believes to be at leaf ${leafIndex}, not ${this.#leaves.indexOf(member)}`)
    }
  }

  async #welcome(newcomer: PeerMember, { welcome }: CommitOutput): Promise<boolean> {
    if (welcome === undefined) throw new Error('no Welcome')
    try {
      await blame(newcomer, 'welcome', () => newcomer.joinWelcome(welcome))
      return true
    } catch (error) {
      if (!(error instanceof Error && error.cause instanceof PeerDefect)) throw error
      this.defects.push(error.cause.message)
      return false
    }
  }

  /** It leaves: late messages are not for it any more, and not all peers can read those of its own. */
  #forget(member: PeerMember): void {
    this.#late = this.#late.map((late) => {
      const lost = (reader: PeerMember): boolean =>
        reader === member || (late.sender === member && !reader.peer.abilities.has('past-senders'))
      return { ...late, readers: late.readers.filter((reader) => !lost(reader)) }
    })
  }

  async #deliverLateMessages(): Promise<void> {
    const due = this.#late.filter((late) => late.commitsToWait === 1)
    this.#late = this.#late
      .filter((late) => !due.includes(late))
      .map((late) => ({ ...late, commitsToWait: late.commitsToWait - 1 }))
    for (const { message, text, readers } of due) {
      for (const reader of readers) await expectText(reader, message, text)
    }
  }

  /** Newcomers that could not join are in the tree all the same: the others remove them. */
  async #evict(stuck: readonly PeerMember[]): Promise<void> {
    const committer = this.random.pick(this.able('commit-remove'))
    this.log.push(`  evict: ${this.list(stuck)} by ${this.name(committer)}`)
    const output = await blame(committer, 'evict', () => committer.commitRemove(stuck))
    await this.settle(committer, output, { leaving: stuck })
  }

  #all(ability: Ability): boolean {
    return this.#options.peers.every((peer) => peer.abilities.has(ability))
  }
}

function without<Item>(items: readonly Item[], others: readonly Item[]): Item[] {
  return items.filter((item) => !others.includes(item))
}
