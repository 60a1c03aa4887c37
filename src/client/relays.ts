// The relays of a client: its own, which carry all its topics and hand out its key packages, and those on the contact cards of
// people that it has added to groups, which carry what those need to follow.

import { equalBytes, utf8 } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import { validateKeyPackage } from '../group/key-packages.ts'
import { decodeKeyPackage, type KeyPackage } from '../messages/key-package.ts'
import { identityOf } from '../session/group-profile.ts'
import { sessionPolicy } from '../session/session-policy.ts'
import type { Store } from '../storage/store.ts'
import type { Transport, TransportEvent } from '../transport/transport.ts'
import type { ContactCard } from '../wire/contact-card.ts'
import { stockKeys } from '../wire/relay-messages.ts'
import type { TopicKeys } from '../wire/topic.ts'
import { notAfterMs } from './key-package-lifetime.ts'
import type { OwnIdentity } from './own-identity.ts'
import type { OwnStock } from './own-stock.ts'
import { RelayConversation } from './relay-conversation.ts'
import { RelayLink } from './relay-link.ts'
import { RelayStock } from './relay-stock.ts'

export interface RelaysHost {
  readonly suite: CipherSuite
  readonly wire: CipherSuite
  readonly transport: Transport
  readonly store: Store
  readonly clock: () => number
  readonly own: OwnIdentity
  readonly stock: OwnStock
  /** The client's own: multiaddrs with the relay's peer id. */
  readonly addresses: readonly string[]
  /** Every topic whose key the client has. */
  topics(): readonly TopicKeys[]
  /** Whether a topic is an inbox: the client's own, or one in which it, or somebody in a group with it, has left something. */
  isMailbox(topic: string): boolean
  /** Whether the client takes in frames of a topic, or only leaves some there for others. */
  takes(topic: string): boolean
  /** The topics of a group. */
  topicsOf(groupId: string): readonly TopicKeys[]
  /** Resolves when every Welcome that is due has gone out. */
  handedOut(signal: AbortSignal): Promise<void>
  /** Reconciles a topic with a peer. */
  reconcile(peer: string, topic: string): Promise<void>
  warn(error: unknown): void
}

export class Relays {
  readonly #host: RelaysHost
  readonly #stock: RelayStock
  /** By address. */
  readonly #links = new Map<string, RelayLink>()
  /** Relays of others: which groups they carry. By address. */
  readonly #others = new Map<string, ReadonlySet<string>>()
  /** Topics on which this client has published something since it was opened. */
  readonly #left = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isStopped = false

  constructor(host: RelaysHost) {
    this.#host = host
    this.#stock = new RelayStock({ ...host, warn: (error) => host.warn(error) })
    for (const address of host.addresses) this.#enter(address)
  }

  /** Brings back the relays of others that groups use. */
  async restore(): Promise<void> {
    for await (const [address, value] of this.#host.store.entries(RELAYS)) {
      // Of a version that did not look.
      if (!this.#host.transport.isAddress(address)) continue
      this.#others.set(address, new Set(decode(readGroups, value)))
      this.#enter(address)
    }
    await this.#host.stock.restore()
  }

  /** Connects to all, and keeps on trying. To be called when the transport runs. */
  start(): void {
    for (const link of this.#links.values()) link.tend()
  }

  /** Something is being published. */
  noteLeft(topics: readonly string[]): void {
    for (const topic of topics) this.#left.add(topic)
  }

  /**
   * Sees to it that the relays that are connected, and some of the others who hear a topic, have what this client has published:
   * it goes off, and what gossip had not passed on yet would wait for its return. Not for long, and never rejects.
   */
  async settle(): Promise<void> {
    const isAlone = this.#left.size === 0 || this.#host.transport.connectedPeers().length === 0
    if (this.#connected.length === 0 && isAlone) return
    await this.#host.handedOut(AbortSignal.timeout(HAND_OUT_MS)).catch(() => undefined)
    const meetings = this.#connected.map(async (link) => {
      if (this.#left.size > 0) await link.pin().catch(() => undefined)
      const peer = await link.reach()
      // One that a relay does not carry is no reason to leave out the others.
      for (const topic of this.#left) await this.#host.reconcile(peer, topic).catch(() => undefined)
    })
    const others = [...this.#left].flatMap((topic) =>
      this.#hearers(topic).map((peer) => this.#host.reconcile(peer, topic)),
    )
    await within(SETTLE_MS, Promise.allSettled([...meetings, ...others])).catch(() => undefined)
  }

  /** Some who hear a topic and are no relays. */
  #hearers(topic: string): readonly string[] {
    const { transport } = this.#host
    const relays = new Set(this.#connected.map(({ peer }) => peer))
    return transport
      .peers(topic)
      .filter((peer) => !relays.has(peer))
      .slice(0, MAX_TOLD)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await Promise.all([...this.#links.values()].map((link) => link.stop()))
  }

  /** The addresses of the client's own, for its contact card. */
  get addresses(): readonly string[] {
    return this.#host.addresses
  }

  /**
   * Whether a peer is a relay that carries a topic for this client. Those of others, who were on somebody's contact card, carry
   * the groups that they were meant for, and take what is left in inboxes; the rest is none of their business.
   */
  isRelay(peer: string, topic: string): boolean {
    return [...this.#links.values()].some(
      (link) =>
        link.peer === peer &&
        (this.#host.addresses.includes(link.address) ||
          !this.#host.takes(topic) ||
          this.#topicsAt(link.address).some(({ name }) => name === topic)),
    )
  }

  onEvent(event: TransportEvent): void {
    if (event.type !== 'connected') return
    for (const link of this.#links.values()) if (link.peer === event.peer) link.connected()
  }

  /** The client has other topics than before. */
  noteTopics(): void {
    if (this.#isStopped || this.#links.size === 0 || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      for (const link of this.#links.values()) link.tend()
    }, GATHER_MS)
  }

  /** From now on a group's topics are carried by these relays too: those of somebody who was added to it. */
  async use(groupId: string, addresses: readonly string[]): Promise<void> {
    const taken: string[] = []
    for (const address of this.#usable(addresses)) {
      const groups = this.#others.get(address)
      if (this.#host.addresses.includes(address) || groups?.has(groupId) === true) continue
      if (groups === undefined && this.#others.size >= MAX_OTHERS) continue
      this.#others.set(address, new Set([...(groups ?? []), groupId]))
      this.#enter(address)
      taken.push(address)
    }
    if (taken.length > 0) {
      await this.#host.store.write((batch) => {
        for (const address of taken) batch.put(RELAYS, address, encodeGroups(this.#others.get(address) ?? new Set()))
      })
    }
    this.noteTopics()
  }

  /** Relays that carried something for a group alone are used no longer. */
  async forget(groupId: string): Promise<void> {
    const left = [...this.#others].filter(([, groups]) => groups.has(groupId))
    if (left.length === 0) return
    for (const [address, groups] of left) {
      const others = new Set([...groups].filter((group) => group !== groupId))
      if (others.size > 0) this.#others.set(address, others)
      else {
        this.#others.delete(address)
        const link = this.#links.get(address)
        this.#links.delete(address)
        link?.stop().catch((error: unknown) => this.#host.warn(error))
      }
    }
    await this.#host.store.write((batch) => {
      for (const [address] of left) {
        const groups = this.#others.get(address)
        if (groups === undefined) batch.delete(RELAYS, address)
        else batch.put(RELAYS, address, encodeGroups(groups))
      }
    })
  }

  /**
   * The key package to add somebody with: one that a relay of theirs hands out once, where there is one that is really theirs,
   * else a younger one than that on the card, else that.
   */
  async keyPackageFor(card: ContactCard): Promise<KeyPackage> {
    let best = card.keyPackage
    for (const address of this.#usable(card.relays)) {
      try {
        const given = await within(TAKE_MS, this.#take(address, card))
        if (given === undefined) continue
        if (!given.isLastResort) return given.keyPackage
        if (notAfterMs(given.keyPackage) > notAfterMs(best)) best = given.keyPackage
      } catch (error) {
        this.#host.warn(error)
      }
    }
    return best
  }

  async #take(
    address: string,
    card: ContactCard,
  ): Promise<{ keyPackage: KeyPackage; isLastResort: boolean } | undefined> {
    const { suite, wire, clock, transport } = this.#host
    const peer = await (this.#links.get(address) ?? new RelayLink(address, this.#linkHost(address))).reach()
    const stock = await stockKeys(wire, card.inbox)
    const { signatureKey } = card.keyPackage.leafNode
    const given = await RelayConversation.with({ wire, transport }, peer, (conversation) =>
      conversation.take(signatureKey, stock.keyPair),
    )
    if (given === undefined) return undefined
    try {
      const keyPackage = decode(decodeKeyPackage, given.keyPackage)
      const { leafNode } = keyPackage
      const isOfDevice =
        equalBytes(leafNode.signatureKey, signatureKey) && identityOf(leafNode) === identityOf(card.keyPackage.leafNode)
      if (!isOfDevice) fail('RELAY_REFUSED', 'a key package of somebody else')
      await validateKeyPackage(suite, keyPackage, { nowMs: clock(), policy: sessionPolicy(wire) })
      return { keyPackage, isLastResort: given.isLastResort }
    } catch (cause) {
      if (!CoterieError.is(cause)) throw cause
      return fail('RELAY_REFUSED', 'a relay that gives a key package of no use', { cause })
    }
  }

  /** Of the relays on a card or link: what is no address is the mistake of whoever made it, and nothing to try or to warn of. */
  #usable(addresses: readonly string[]): readonly string[] {
    return addresses.filter((address) => this.#host.transport.isAddress(address)).slice(0, MAX_RELAYS_OF_CARD)
  }

  get #connected(): readonly RelayLink[] {
    const connected = this.#host.transport.connectedPeers()
    return [...this.#links.values()].filter(({ peer }) => peer !== undefined && connected.includes(peer))
  }

  #enter(address: string): void {
    if (this.#links.has(address)) return
    this.#links.set(address, new RelayLink(address, this.#linkHost(address)))
  }

  #linkHost(address: string): ConstructorParameters<typeof RelayLink>[1] {
    const { wire, transport, clock } = this.#host
    const isOwn = this.#host.addresses.includes(address)
    return {
      wire,
      transport,
      clock,
      isMailbox: (topic) => this.#host.isMailbox(topic),
      topics: () => (isOwn ? this.#host.topics() : this.#topicsAt(address)),
      supply: async (conversation) => {
        if (isOwn) await this.#stock.supply(address, conversation)
      },
      warn: (error) => this.#host.warn(error),
    }
  }

  #topicsAt(address: string): readonly TopicKeys[] {
    return [...(this.#others.get(address) ?? [])].flatMap((groupId) => this.#host.topicsOf(groupId))
  }
}

/** @throws CoterieError `SYNC_SILENT` (peer) */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CoterieError('SYNC_SILENT', 'a relay took too long')), limitMs)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}

function encodeGroups(groups: ReadonlySet<string>): Uint8Array {
  return encode((writer) => writer.vector([...groups], (inner, group) => inner.opaque(utf8(group))), undefined)
}

const readGroups: Decoder<string[]> = (reader) => reader.vector((inner) => new TextDecoder().decode(inner.opaque()))

/** The bucket of the relays of others, by address. */
const RELAYS = 'relays'
const MAX_OTHERS = 64
/** Whoever makes a card does not make others connect to half the world. */
const MAX_RELAYS_OF_CARD = 4
/** Commits settle within a second. */
const HAND_OUT_MS = 3_000
const SETTLE_MS = 5_000
/** How many members are sure to have what this client has published before it goes off. */
const MAX_TOLD = 2
/** Whoever adds somebody waits for it. */
const TAKE_MS = 5_000
/** Topics that come together are pinned together. */
const GATHER_MS = 20
