// The one class a person needs to know: it opens the store, runs the groups, and is how they reach the network.

import { toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import type { GroupState } from '../group/state.ts'
import { GroupSession } from '../session/group-session.ts'
import type { SessionContext } from '../session/session-state.ts'
import { openStore } from '../storage/level/open-store.ts'
import type { Store } from '../storage/store.ts'
import { FrameArchive } from '../topics/frame-archive.ts'
import type { Retention } from '../topics/frame-index.ts'
import { Sequence } from '../transport/sequence.ts'
import type { Transport } from '../transport/transport.ts'
import { writeContactCard } from '../wire/contact-card.ts'
import { type ClientStatus, StatusWatch } from './client-status.ts'
import { foundGroup } from './found-group.ts'
import { Group } from './group.ts'
import { type DriverContext, GROUPS, GroupDriver, type Work } from './group-driver.ts'
import { GroupJournal } from './group-journal.ts'
import { Groups, type NewGroup } from './groups.ts'
import { Inbox } from './inbox.ts'
import { Invitations } from './invitations.ts'
import type { JoinRequests } from './join-requests.ts'
import { migrations } from './migrations.ts'
import { type ClientOptions, checkClientOptions, defaultTransport, fastestProvider, retentionOf } from './options.ts'
import { leafOptions, type OwnIdentity, ownIdentity } from './own-identity.ts'
import { OwnStock } from './own-stock.ts'
import { Relays } from './relays.ts'
import { Signal } from './signal.ts'
import { GROUP_SUITE, suiteOf, WIRE_SUITE } from './suites.ts'
import { TopicSync } from './sync/topic-sync.ts'
import { TopicBook } from './topic-book.ts'

/** A problem that ended nothing: what a peer sent could not be used, or a peer could not be reached. */
export type WarningListener = (error: CoterieError) => void

/** A device of an identity. */
export interface Device {
  /** Its signature key in hexadecimal. */
  readonly id: string
  readonly name: string
  /** Whether it is this one. */
  readonly current: boolean
}

/** A person or program on one device: an identity, its groups, and the network that they live on. */
export class Client {
  readonly groups: Groups
  /** Invitations that wait for an answer: none where `invitations` is `accept`. */
  readonly requests: JoinRequests
  readonly #invitations: Invitations
  readonly #suite: CipherSuite
  readonly #wire: CipherSuite
  readonly #store: Store
  readonly #transport: Transport
  readonly #archive: FrameArchive
  readonly #own: OwnIdentity
  readonly #clock: () => number
  readonly #drivers = new Map<string, GroupDriver>()
  readonly #topics: TopicBook
  readonly #warnings = new Set<WarningListener>()
  readonly #inboxTurns = new Sequence()
  readonly #inbox: Inbox
  readonly #sync: TopicSync
  readonly #relays: Relays
  /** Once everybody listens. */
  readonly #listening = new Signal()
  readonly #status: StatusWatch
  #closing: Promise<void> | undefined

  private constructor(parts: OpenedParts) {
    this.#suite = parts.suite
    this.#wire = parts.wire
    this.#store = parts.store
    this.#transport = parts.transport
    this.#own = parts.own
    this.#clock = parts.clock
    this.#archive = new FrameArchive(parts.store, parts.clock, parts.retention)
    this.#status = new StatusWatch(() => this.#transport.connectedPeers().length)
    const stock = new OwnStock({
      suite: parts.suite,
      store: parts.store,
      clock: parts.clock,
      leaf: leafOptions(parts.own.device, parts.own.credential),
    })
    this.groups = new Groups((group) => this.#createGroup(group))
    this.#invitations = new Invitations({
      suite: parts.suite,
      wire: parts.wire,
      store: parts.store,
      archive: this.#archive,
      own: parts.own,
      clock: parts.clock,
      ask: parts.ask,
      stock,
      isMember: (groupId) => this.#drivers.get(groupId)?.session.isMember === true,
      reentryKeyPackages: () => [...this.#drivers.values()].flatMap(({ session }) => session.reentryKeyPackages),
      inTurn: (operation) => this.#inboxTurns.run(operation),
      enter: (state, work) => this.#joined(state, work),
      warn: (error) => this.#warn(error),
    })
    this.requests = this.#invitations.requests
    this.#topics = new TopicBook({
      wire: parts.wire,
      store: parts.store,
      archive: this.#archive,
      inbox: parts.own.inbox.channel.topic,
      drivers: this.#drivers,
    })
    this.#relays = new Relays({
      ...parts,
      stock,
      addresses: parts.relays,
      topics: () => this.#topics.all(),
      takes: (topic) => this.#takes(topic),
      topicsOf: (groupId) => this.#drivers.get(groupId)?.session.topics ?? [],
      handedOut: async (signal) => {
        await Promise.all([...this.#drivers.values()].map((driver) => driver.handedOut(signal)))
      },
      reconcile: async (peer, topic) => {
        await this.#sync.meet(peer, topic)
      },
      warn: (error) => this.#warn(error),
    })
    this.#sync = this.#createSync()
    this.#inbox = new Inbox({
      wire: parts.wire,
      archive: this.#archive,
      inbox: parts.own.inbox,
      turns: this.#inboxTurns,
      takeWelcome: (welcome, frame) => this.#invitations.take(welcome, frame),
      want: (pointer, from) => this.#sync.want(pointer, from),
      warn: (error) => this.#warn(error),
    })
  }

  /**
   * Opens a client, or makes a new one where the storage is empty.
   * @throws CoterieError `STORE_*`, `TRANSPORT_*`, `ARGUMENT_INVALID`
   */
  static async open(options: ClientOptions): Promise<Client> {
    checkClientOptions(options)
    const provider = options.provider ?? (await fastestProvider())
    const suite = suiteOf(provider, GROUP_SUITE)
    const wire = suiteOf(provider, WIRE_SUITE)
    const clock = options.clock ?? Date.now
    const store = await openStore(options, wire.randomBytes, migrations({ suite, wire, clock }))
    try {
      const own = await ownIdentity(suite, wire, store, options.name ?? 'anonymous', clock())
      const { relays = [], transport: factory = (seed) => defaultTransport(seed, relays.length > 0) } = options
      const transport = await factory(own.peerSeed)
      const client = new Client({
        suite,
        wire,
        store,
        own,
        clock,
        transport,
        ask: options.invitations === 'ask',
        retention: retentionOf(options),
        relays,
      })
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

  /** How this client is doing. */
  get status(): ClientStatus {
    return this.#status.now
  }

  /** The status now, then each that is another, with back-pressure. The last one is `closed`. */
  statusChanges(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<ClientStatus, void, undefined> {
    return this.#status.follow(options)
  }

  /** The peers that this client is connected to, as the transport names them. */
  get peers(): readonly string[] {
    return this.#closing === undefined ? this.#transport.connectedPeers() : []
  }

  /** The devices of this identity: this one. */
  get devices(): readonly Device[] {
    return [{ id: toHex(this.#own.device.publicKey), name: this.#own.name, current: true }]
  }

  /** The addresses under which the transport can be reached. */
  get addresses(): readonly string[] {
    return this.#transport.addresses()
  }

  /** This client's contact card, as a `coterie:` URL: what others need to add it to a group. */
  card(): Promise<string> {
    const { keyPackage, inbox, device } = this.#own
    return writeContactCard(this.#wire, device, {
      keyPackage: keyPackage.keyPackage,
      inbox: inbox.address,
      addresses: this.#transport.addresses(),
      relays: this.#relays.addresses,
    })
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
    await this.#topics.restore()
    await this.#relays.restore()
    for await (const [id] of this.#store.entries(GROUPS)) await this.#restoreGroup(id)
    await this.#invitations.restore()
    // Peers may be there before `start` resolves: nothing of them is missed, and they wait until everybody listens.
    this.#sync.answer()
    this.#transport.onEvent((event) => {
      this.#listening
        .after(0)
        .then(() => {
          this.#status.noteChange()
          this.#sync.onEvent(event)
          this.#relays.onEvent(event)
        })
        .catch((error: unknown) => this.#warn(error))
    })
    await this.#transport.start()
    for (const driver of this.#drivers.values()) driver.start()
    this.#transport.subscribe(this.#inbox.topic, (bytes, from) => this.#inbox.hear(bytes, from))
    this.#listening.notify()
    this.#relays.start()
  }

  async #close(): Promise<void> {
    this.groups.close()
    this.requests.close()
    this.#status.close()
    await this.#relays.settle()
    await this.#transport.stop()
    await this.#sync.stop()
    await this.#relays.stop()
    await this.#inboxTurns.run(async () => undefined)
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
      journalOf: (groupId) => GroupJournal.open(this.#store, groupId),
      sync: {
        ask: (topic) => this.#sync.ask(topic),
        follow: (topic) => {
          this.#sync.follow(topic)
          this.#relays.noteTopics()
        },
        want: (pointer, from) => this.#sync.want(pointer, from),
      },
      relays: this.#relays,
      noteTopic: (topic) => {
        this.#topics.note(topic)
        this.#sync.ask(topic.name)
        this.#relays.noteTopics()
      },
    }
  }

  get #sessionContext(): SessionContext {
    const { device, credential, inbox } = this.#own
    const leaf = leafOptions(device, credential)
    return { wire: this.#wire, suite: this.#suite, device, leaf, inbox: inbox.address }
  }

  async #createGroup(group: NewGroup): Promise<Group> {
    if (this.#closing !== undefined) fail('CLIENT_CLOSED', 'this client has been closed')
    const founder = { suite: this.#suite, wire: this.#wire, own: this.#own }
    const state = await foundGroup(founder, group, this.#clock())
    const begun = await GroupSession.begin(this.#sessionContext, state, this.#clock())
    return this.#enter(await GroupDriver.begin(this.#driverContext, begun))
  }

  /** Goes on from where a Welcome leads, in a new group or in one that this device was in before. */
  async #joined(state: GroupState, work: Pick<Work, 'received' | 'also'>): Promise<Group> {
    const known = this.#drivers.get(toHex(state.groupContext.groupId))
    if (known !== undefined) {
      await known.perform(async (nowMs) => ({
        ...work,
        effects: await known.session.rejoin(state, nowMs),
        result: undefined,
      }))
      return this.groups.get(known.id)
    }
    const begun = await GroupSession.begin(this.#sessionContext, state, this.#clock(), true)
    return this.#enter(await GroupDriver.begin(this.#driverContext, begun, work))
  }

  async #restoreGroup(id: string): Promise<void> {
    const records = new Map<string, Uint8Array>()
    for await (const [name, value] of this.#store.entries(GroupDriver.bucketOf(id))) records.set(name, value)
    const session = await GroupSession.restore(this.#sessionContext, records)
    this.#enter(new GroupDriver(this.#driverContext, session, await GroupJournal.open(this.#store, id)))
  }

  #enter(driver: GroupDriver): Group {
    const group = new Group(driver, this.#driverContext)
    this.#drivers.set(driver.id, driver)
    this.#relays.noteTopics()
    driver.onEvent((event) => {
      if (event.type === 'rejected') this.#warn(event.error)
    })
    this.groups.enter(group)
    return group
  }

  #createSync(): TopicSync {
    return new TopicSync({
      wire: this.#wire,
      transport: this.#transport,
      archive: this.#archive,
      topicKeys: (name) => this.#topics.keys(name),
      isRelay: (peer, topic) => this.#relays.isRelay(peer, topic),
      takes: (topic) => this.#takes(topic),
      take: async (topic, frames, from) => {
        if (topic === this.#inbox.topic) await this.#inbox.take(frames, from)
        for (const driver of this.#topics.driversOn(topic)) await driver.take(topic, frames, from)
      },
      ready: () => this.#listening.after(0),
      whileSyncing: (conversation) => this.#status.whileSyncing(conversation),
      warn: (error) => this.#warn(error),
    })
  }

  #takes(topic: string): boolean {
    return topic === this.#inbox.topic || this.#topics.driversOn(topic).length > 0
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
  readonly ask: boolean
  /** Addresses. */
  readonly relays: readonly string[]
  readonly retention: Retention
}
