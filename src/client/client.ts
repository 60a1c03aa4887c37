// The one class a person needs to know: it opens the store, runs the groups, and is how they reach the network.

import { toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { CoterieError, fail } from '../errors.ts'
import { createGroup } from '../group/create-group.ts'
import { joinGroup } from '../group/join-welcome.ts'
import { lifetimeOfDays } from '../group/key-packages.ts'
import { DEFAULT_PERMISSIONS, groupProfileExtension } from '../session/group-profile.ts'
import { GroupSession } from '../session/group-session.ts'
import { sessionPolicy } from '../session/session-policy.ts'
import type { SessionContext } from '../session/session-state.ts'
import { openStore } from '../storage/level/open-store.ts'
import type { Store } from '../storage/store.ts'
import { Sequence } from '../transport/sequence.ts'
import type { Transport, TransportEvent, Verdict } from '../transport/transport.ts'
import { writeContactCard } from '../wire/contact-card.ts'
import { isForKey, openFrame, readFrame } from '../wire/frame.ts'
import { InboxKind, openFromInbox } from '../wire/inbox.ts'
import { RENDEZVOUS_BYTES, type TopicKeys, topicFromSeed } from '../wire/topic.ts'
import { FrameArchive } from './frame-archive.ts'
import { answerExchange, EXCHANGE_PROTOCOL, type ExchangeHost, exchange } from './frame-exchange.ts'
import { Group } from './group.ts'
import { type BatchPart, type DriverContext, GROUPS, GroupDriver, TOPICS } from './group-driver.ts'
import { Groups, type NewGroup } from './groups.ts'
import { type ClientOptions, defaultTransport, fastestProvider, GROUP_SUITE, suiteOf, WIRE_SUITE } from './options.ts'
import { leafOptions, type OwnIdentity, ownIdentity } from './own-identity.ts'
import { Signal } from './signal.ts'

/** A problem that ended nothing: what a peer sent could not be used, or a peer could not be reached. */
export type WarningListener = (error: CoterieError) => void

/** A person or program on one device: an identity, its groups, and the network that they live on. */
export class Client {
  readonly groups: Groups
  readonly #suite: CipherSuite
  readonly #wire: CipherSuite
  readonly #store: Store
  readonly #transport: Transport
  readonly #archive: FrameArchive
  readonly #own: OwnIdentity
  readonly #clock: () => number
  readonly #drivers = new Map<string, GroupDriver>()
  /** Topics on which this client has left something for others, by name. */
  readonly #foreignTopics = new Map<string, TopicKeys>()
  readonly #warnings = new Set<WarningListener>()
  readonly #inbox = new Sequence()
  #closing: Promise<void> | undefined

  private constructor(parts: OpenedParts) {
    this.#suite = parts.suite
    this.#wire = parts.wire
    this.#store = parts.store
    this.#transport = parts.transport
    this.#own = parts.own
    this.#clock = parts.clock
    this.#archive = new FrameArchive(parts.store)
    this.groups = new Groups((group) => this.#createGroup(group))
  }

  /**
   * Opens a client, or makes a new one where the storage is empty.
   * @throws CoterieError `STORE_*`, `TRANSPORT_*`, `ARGUMENT_INVALID`
   */
  static async open(options: ClientOptions): Promise<Client> {
    const provider = options.provider ?? (await fastestProvider())
    const suite = suiteOf(provider, GROUP_SUITE)
    const wire = suiteOf(provider, WIRE_SUITE)
    const clock = options.clock ?? Date.now
    const store = await openStore(options, wire.randomBytes)
    try {
      const own = await ownIdentity(suite, wire, store, options.name ?? 'anonymous', clock())
      const transport = await (options.transport ?? defaultTransport)(own.peerSeed)
      const client = new Client({ suite, wire, store, own, clock, transport })
      await client.#start()
      return client
    } catch (error) {
      await store.close()
      throw error
    }
  }

  /** `did:key:…` */
  get identity(): string {
    return this.#own.identity
  }

  get name(): string {
    return this.#own.name
  }

  /** The addresses under which the transport can be reached. */
  get addresses(): readonly string[] {
    return this.#transport.addresses()
  }

  /** This client's contact card, as a `coterie:` URL: what others need to add it to a group. */
  card(): Promise<string> {
    const { keyPackage, inbox, device } = this.#own
    const addresses = this.#transport.addresses()
    return writeContactCard(this.#wire, device, { keyPackage: keyPackage.keyPackage, inbox: inbox.address, addresses })
  }

  /** Connects to a peer by an address. @throws CoterieError `TRANSPORT_UNREACHABLE` */
  async connect(address: string): Promise<void> {
    await this.#transport.connect(address)
  }

  onWarning(listener: WarningListener): () => void {
    this.#warnings.add(listener)
    return () => this.#warnings.delete(listener)
  }

  /** Ends all streams, waits for what is being written, and closes the store. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(): Promise<void> {
    // Everything is back from disk before anybody is heard: what comes again has to find its group.
    for await (const [name, seed] of this.#store.entries(TOPICS)) {
      this.#foreignTopics.set(name, await topicFromSeed(this.#wire, seed))
    }
    for await (const [id] of this.#store.entries(GROUPS)) await this.#restoreGroup(id)
    // Peers may be there before `start` resolves: nothing of them is missed, and they wait until everybody listens.
    const listening = new Signal()
    this.#transport.handle(EXCHANGE_PROTOCOL, async (stream) => {
      await listening.after(0)
      await answerExchange(this.#exchangeHost(), stream)
    })
    this.#transport.onEvent((event) => {
      listening
        .after(0)
        .then(() => this.#onTransport(event))
        .catch((error: unknown) => this.#warn(error))
    })
    await this.#transport.start()
    for (const driver of this.#drivers.values()) driver.start()
    const { topic } = this.#own.inbox.channel
    this.#transport.subscribe(topic.name, (frame) => this.#takeFromInbox(frame))
    listening.notify()
  }

  async #close(): Promise<void> {
    this.groups.close()
    await this.#transport.stop()
    await this.#inbox.run(async () => undefined)
    await Promise.all([...this.#drivers.values()].map((driver) => driver.stop()))
    await this.#store.close()
  }

  get #driverContext(): DriverContext {
    return {
      wire: this.#wire,
      store: this.#store,
      archive: this.#archive,
      transport: this.#transport,
      clock: this.#clock,
      noteTopic: (topic) => this.#foreignTopics.set(topic.name, topic),
    }
  }

  get #sessionContext(): SessionContext {
    return { wire: this.#wire, device: this.#own.device }
  }

  async #createGroup({ name, description = '' }: NewGroup): Promise<Group> {
    if (this.#closing !== undefined) fail('CLIENT_CLOSED', 'this client has been closed')
    const profile = {
      name,
      description,
      admins: [this.identity],
      permissions: DEFAULT_PERMISSIONS,
      rendezvousSecret: new Secret(this.#wire.randomBytes(RENDEZVOUS_BYTES)),
    }
    const state = await createGroup(this.#suite, {
      ...leafOptions(this.#own.device, this.#own.credential),
      lifetime: lifetimeOfDays(this.#clock(), FOUNDER_LIFETIME_DAYS),
      groupExtensions: [groupProfileExtension(profile)],
      // The session keeps past epochs itself, as whole states.
      limits: { pastEpochs: 0 },
      policy: sessionPolicy(this.#wire.signature),
    })
    return this.#enter(
      await GroupDriver.begin(this.#driverContext, await GroupSession.begin(this.#sessionContext, state)),
    )
  }

  async #restoreGroup(id: string): Promise<void> {
    const records = new Map<string, Uint8Array>()
    for await (const [name, value] of this.#store.entries(GroupDriver.bucketOf(id))) records.set(name, value)
    const session = await GroupSession.restore(this.#sessionContext, this.#suite, records)
    this.#enter(new GroupDriver(this.#driverContext, session))
  }

  #enter(driver: GroupDriver): Group {
    const group = new Group(driver, this.#driverContext)
    this.#drivers.set(driver.id, driver)
    driver.onEvent((event) => {
      if (event.type === 'rejected') this.#warn(event.error)
    })
    this.groups.enter(group)
    return group
  }

  /** One after the other: the same frame may come by the topic and from several peers at once. */
  #takeFromInbox(bytes: Uint8Array): Promise<Verdict> {
    return this.#inbox.run(() => this.#openFromInbox(bytes))
  }

  /** Whatever was left in the inbox; junk is not passed on, and what cannot be used is told and forgotten. */
  async #openFromInbox(bytes: Uint8Array): Promise<Verdict> {
    const { channel, keyPair, address } = this.#own.inbox
    try {
      const frame = await readFrame(this.#wire, channel.topic.name, bytes)
      if (await this.#archive.has(channel.topic.name, toHex(frame.id))) return 'ignore'
      if (!isForKey(this.#wire, frame, channel.frameKey)) return 'reject'
      const payload = openFrame(this.#wire, channel.frameKey, frame)
      const message = await openFromInbox(this.#wire, keyPair, address, payload)
      const archived: BatchPart = (batch) => this.#archive.add(batch, channel.topic.name, frame.id, frame.bytes)
      if (message.kind === InboxKind.welcome) await this.#join(message.body, archived)
      else await this.#store.write(archived)
      return 'accept'
    } catch (error) {
      if (!CoterieError.is(error) || error.origin !== 'peer') throw error
      this.#warn(error)
      return 'reject'
    }
  }

  /** @param also - written together with the group: a Welcome takes effect once */
  async #join(welcome: Uint8Array, also: BatchPart): Promise<void> {
    const state = await joinGroup(this.#suite, welcome, [this.#own.keyPackage], {
      nowMs: this.#clock(),
      policy: sessionPolicy(this.#wire.signature),
      limits: { pastEpochs: 0 },
      isOwnGroup: (groupId) => this.#drivers.has(toHex(groupId)),
    })
    const begun = await GroupSession.begin(this.#sessionContext, state)
    this.#enter(await GroupDriver.begin(this.#driverContext, begun, also))
  }

  /** A peer that hears a topic may lack what was sent before, and have what this client lacks. */
  #onTransport(event: TransportEvent): void {
    if (event.type !== 'subscribed' || this.#closing !== undefined) return
    const topic = this.#topicKeys(event.topic)
    if (topic === undefined) return
    this.#transport
      .open(event.peer, EXCHANGE_PROTOCOL)
      .then((stream) => exchange(this.#exchangeHost(), stream, topic))
      .catch((error: unknown) => this.#warn(error))
  }

  #topicKeys(name: string): TopicKeys | undefined {
    const { topic } = this.#own.inbox.channel
    if (topic.name === name) return topic
    for (const { session } of this.#drivers.values()) {
      const found = session.topics.find((topic) => topic.name === name)
      if (found !== undefined) return found
    }
    return this.#foreignTopics.get(name)
  }

  #exchangeHost(): ExchangeHost {
    return {
      wire: this.#wire,
      peer: this.#transport.peer,
      topicKeys: (name) => this.#topicKeys(name),
      ids: (topic) => this.#archive.ids(topic),
      frame: (topic, id) => this.#archive.get(topic, id),
      take: async (topic, frame) => {
        if (topic === this.#own.inbox.channel.topic.name) await this.#takeFromInbox(frame)
        const drivers = [...this.#drivers.values()].filter((driver) => driver.isOn(topic))
        for (const driver of drivers) await (await driver.judge(topic, frame)).processed
      },
    }
  }

  #warn(error: unknown): void {
    if (this.#closing !== undefined) return
    const warning = CoterieError.is(error)
      ? error
      : new CoterieError('INTERNAL_INVARIANT', 'something unexpected failed', { cause: error })
    for (const listener of this.#warnings) listener(warning)
  }
}

interface OpenedParts {
  readonly suite: CipherSuite
  readonly wire: CipherSuite
  readonly store: Store
  readonly transport: Transport
  readonly own: OwnIdentity
  readonly clock: () => number
}

/** A founder's leaf is replaced by its first commit. */
const FOUNDER_LIFETIME_DAYS = 90
