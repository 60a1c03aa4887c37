// The one class a person needs to know: it opens the store, runs the groups, and is how they reach the network.

import { toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { GroupSession } from '../session/group-session.ts'
import type { SessionContext } from '../session/session-state.ts'
import type { Welcomed } from '../session/welcomed.ts'
import type { Store } from '../storage/store.ts'
import { FrameArchive } from '../topics/frame-archive.ts'
import { Sequence } from '../transport/sequence.ts'
import type { Transport } from '../transport/transport.ts'
import { writeContactCard } from '../wire/contact-card.ts'
import type { TopicKeys } from '../wire/topic.ts'
import { ClientLog, type WarningListener } from './client-log.ts'
import { type ClientStatus, StatusWatch } from './client-status.ts'
import { ContactDesk } from './contact-desk.ts'
import type { Contacts } from './contacts.ts'
import { foundGroup } from './found-group.ts'
import { Group } from './group.ts'
import { type DriverContext, GroupDriver, type Work } from './group-driver.ts'
import { GroupJournal } from './group-journal.ts'
import { listedGroups } from './group-list.ts'
import { Groups, type NewGroup } from './groups.ts'
import { Inbox } from './inbox.ts'
import { Invitations } from './invitations.ts'
import { InviteDesk } from './invite-desk.ts'
import type { JoinRequests } from './join-requests.ts'
import { type OpenedParts, withParts } from './opened-parts.ts'
import type { ClientOptions } from './options.ts'
import { leafOptions, type OwnIdentity } from './own-identity.ts'
import { Relays } from './relays.ts'
import { Signal } from './signal.ts'
import { TopicSync } from './sync/topic-sync.ts'
import { TopicBook } from './topic-book.ts'

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
  /** Contact requests: those that others have sent, and sending them. */
  readonly contacts: Contacts
  readonly #invitations: Invitations
  readonly #desk: ContactDesk
  readonly #suite: CipherSuite
  readonly #wire: CipherSuite
  readonly #store: Store
  readonly #transport: Transport
  readonly #archive: FrameArchive
  readonly #own: OwnIdentity
  readonly #clock: () => number
  readonly #drivers = new Map<string, GroupDriver>()
  readonly #topics: TopicBook
  readonly #invites: InviteDesk
  readonly #log: ClientLog
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
    this.#log = new ClientLog(parts.logger)
    const inbox = parts.own.inbox.channel.topic
    this.#archive = new FrameArchive(parts.store, parts.clock, parts.retention, inbox.name)
    this.#status = new StatusWatch(() => this.#transport.connectedPeers().length)
    this.groups = new Groups(
      (group) => this.#createGroup(group),
      () => this.#invites.joining,
    )
    this.#invites = new InviteDesk({
      ...parts,
      archive: this.#archive,
      sync: () => this.#sync,
      relays: () => this.#relays,
      group: (id) => this.groups.get(id),
      noteTopic: (topic) => this.#noteTopic(topic, true),
      warn: (error) => this.#warn(error),
    })
    this.#invitations = new Invitations({
      ...parts,
      archive: this.#archive,
      isMember: (groupId) => this.#drivers.get(groupId)?.session.isMember === true,
      group: (groupId) => {
        const driver = this.#drivers.get(groupId)
        return driver && { changed: driver.changed, needsWelcome: () => driver.session.needsWelcome }
      },
      reentryKeyPackages: () => [...this.#drivers.values()].flatMap(({ session }) => session.reentryKeyPackages),
      inTurn: (operation) => this.#inboxTurns.run(operation),
      joining: this.#invites.joining,
      enter: (welcomed, work) => this.#joined(welcomed, work),
      warn: (error) => this.#warn(error),
    })
    this.requests = this.#invitations.requests
    this.#desk = new ContactDesk({
      ...parts,
      archive: this.#archive,
      relays: () => this.#relays,
      isKnown: (identity) => this.groups.list().some(({ members }) => members.some((one) => one.identity === identity)),
      inTurn: (operation) => this.#inboxTurns.run(operation),
      noteTopic: (topic) => this.#noteTopic(topic, true),
      warn: (error) => this.#warn(error),
    })
    this.contacts = this.#desk.contacts
    this.#topics = new TopicBook({
      ...parts,
      archive: this.#archive,
      inbox,
      drivers: this.#drivers,
      invites: () => this.#invites.topics,
    })
    this.#relays = new Relays({
      ...parts,
      addresses: parts.relays,
      topics: () => this.#topics.all(),
      takes: (topic) => this.#takes(topic),
      topicsOf: (groupId) => (this.#invites.joining.has(groupId) ? [inbox] : this.#topics.ofGroup(groupId)),
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
      takeAnswer: (body, frame) => this.#invites.joining.takeAnswer(body, frame),
      takeContact: (body, frame, from) => this.#desk.take(body, frame, from),
      clock: parts.clock,
      isRelay: (peer) => this.#relays.isRelay(peer, inbox.name),
      missed: () => this.#sync.ask(inbox.name),
      want: (pointer, from) => this.#sync.want(pointer, from),
      warn: (error) => this.#warn(error),
    })
  }

  /**
   * Opens a client, or makes a new one where the storage is empty.
   * @throws CoterieError `STORE_*`, `TRANSPORT_*`, `ARGUMENT_INVALID`
   */
  static async open(options: ClientOptions): Promise<Client> {
    return withParts(options, async (parts) => {
      const client = new Client(parts)
      await client.#start()
      return client
    })
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
    return this.#log.onWarning(listener)
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
    for (const id of await listedGroups(this.#store)) await this.#restoreGroup(id)
    await this.#invitations.restore()
    await this.#desk.restore()
    await this.#invites.joining.restore()
    // Peers may be there before `start` resolves: nothing of them is missed, and they wait until everybody listens.
    this.#sync.answer()
    this.#transport.onEvent((event) => {
      this.#listening
        .after(0)
        .then(() => {
          this.#log.met(event)
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
    this.#log.opened(this.identity, this.addresses)
    this.#invites.joining.start()
  }

  async #close(): Promise<void> {
    this.groups.close()
    this.requests.close()
    this.contacts.close()
    this.#status.close()
    await this.#invites.joining.stop()
    for (const group of this.groups.list()) group.applicants.close()
    await this.#relays.settle()
    await this.#transport.stop()
    await this.#sync.stop()
    await this.#relays.stop()
    await this.#inboxTurns.run(async () => undefined)
    await this.#invites.topics.stop()
    await Promise.all([...this.#drivers.values()].map((driver) => driver.stop()))
    await this.#store.close()
    this.#log.closed()
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
      noteTopic: (topic, isOwn) => this.#noteTopic(topic, isOwn),
      mayHold: (topic, besides) => !this.#takes(topic) && this.#topics.hasRoomFor(topic, besides),
      linkSources: () => ({
        ...{ wire: this.#wire, own: this.#own, relays: this.#relays.addresses },
        addresses: this.#transport.addresses(),
      }),
      noteChange: (driver) => {
        if (this.#drivers.has(driver.id)) this.#invites.noteChange(driver)
      },
    }
  }

  /** Something is left on a topic for others. @param isOwn - whether this client has left it */
  #noteTopic(topic: TopicKeys, isOwn: boolean): void {
    this.#topics.note(topic, isOwn)
    if (isOwn) this.#sync.ask(topic.name)
    else this.#sync.follow(topic.name)
    this.#relays.noteTopics()
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
  async #joined(welcomed: Welcomed, work: Pick<Work, 'received' | 'also'>): Promise<Group> {
    const known = this.#drivers.get(toHex(welcomed.group.groupContext.groupId))
    if (known !== undefined) {
      await known.perform(async (nowMs) => ({
        ...work,
        effects: await known.session.rejoin(welcomed, nowMs),
        result: undefined,
      }))
      return this.groups.get(known.id)
    }
    const begun = await GroupSession.join(this.#sessionContext, welcomed, this.#clock())
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
    if (this.#listening.version > 0) this.#driverContext.noteChange(driver)
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
      urgencyOf: (topic) => this.#topics.urgencyOf(topic),
      take: async (topic, frames, from) => {
        if (topic === this.#inbox.topic) await this.#inbox.take(frames, from)
        for (const driver of this.#topics.driversOn(topic)) await driver.take(topic, frames, from)
        await this.#invites.topics.take(topic, frames, from)
      },
      ready: () => this.#listening.after(0),
      whileSyncing: (conversation) => this.#status.whileSyncing(conversation),
      warn: (error) => this.#warn(error),
    })
  }

  #takes(topic: string): boolean {
    if (topic === this.#inbox.topic || this.#invites.topics.keys(topic) !== undefined) return true
    return this.#topics.driversOn(topic).length > 0
  }

  #warn(error: unknown): void {
    if (this.#closing !== undefined) return
    this.#log.warn(error)
  }
}
