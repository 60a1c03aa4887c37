// The one class a person needs to know: it opens the store, runs the groups, and is how they reach the network.

import { toHex } from '../bytes.ts'
import { FrameArchive } from '../topics/frame-archive.ts'
import { writeContactCard } from '../wire/contact-card.ts'
import { ClientLog, type WarningListener } from './client-log.ts'
import { type ClientStatus, StatusWatch } from './client-status.ts'
import type { Contacts } from './contacts.ts'
import type { Groups } from './groups.ts'
import { InviteDesk } from './invite-desk.ts'
import type { JoinRequests } from './join-requests.ts'
import { KeyRenewal } from './key-renewal.ts'
import type { LeftTopic } from './left-topics.ts'
import { Mailroom } from './mailroom.ts'
import { type OpenedParts, withParts } from './opened-parts.ts'
import type { ClientOptions } from './options.ts'
import { Relays } from './relays.ts'
import { RunningGroups } from './running-groups.ts'
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
  readonly #parts: OpenedParts
  readonly #archive: FrameArchive
  readonly #log: ClientLog
  readonly #status: StatusWatch
  readonly #running: RunningGroups
  readonly #invites: InviteDesk
  readonly #mailroom: Mailroom
  readonly #topics: TopicBook
  readonly #relays: Relays
  readonly #sync: TopicSync
  readonly #renewal: KeyRenewal
  /** Once everybody listens. */
  readonly #listening = new Signal()
  #closing: Promise<void> | undefined

  private constructor(parts: OpenedParts) {
    const inbox = parts.own.inbox.channel.topic
    this.#parts = parts
    this.#log = new ClientLog(parts.logger)
    this.#status = new StatusWatch(() => parts.transport.connectedPeers().length)
    this.#archive = new FrameArchive(parts.store, parts.clock, parts.retention, { remembered: inbox.name })
    const shared = {
      ...parts,
      archive: this.#archive,
      sync: () => this.#sync,
      relays: () => this.#relays,
      noteTopic: (topic: LeftTopic, isOwn = true) => this.#noteTopic(topic, isOwn),
      warn: (error: unknown) => this.#warn(error),
    }
    this.#renewal = new KeyRenewal(shared)
    this.#running = new RunningGroups({
      ...shared,
      sync: {
        ask: (topic) => this.#sync.ask(topic),
        follow: (topic) => {
          this.#sync.follow(topic)
          this.#relays.noteTopics()
        },
        want: (pointer, from) => this.#sync.want(pointer, from),
      },
      invites: () => this.#invites,
      mayHold: async (topic, besides) => !this.#takes(topic) && this.#topics.hasRoomFor(topic, besides),
    })
    this.groups = this.#running.groups
    this.#invites = new InviteDesk({ ...shared, group: (id) => this.groups.get(id) })
    this.#mailroom = new Mailroom({ ...shared, groups: this.#running, joining: this.#invites.joining })
    this.requests = this.#mailroom.requests
    this.contacts = this.#mailroom.contacts
    this.#topics = new TopicBook({
      ...shared,
      inbox,
      drivers: this.#running.drivers,
      invites: () => this.#invites.topics,
    })
    this.#relays = new Relays({
      ...shared,
      addresses: parts.relays,
      topics: () => this.#topics.all(),
      isMailbox: (topic) => this.#topics.isMailbox(topic),
      takes: (topic) => this.#takes(topic),
      topicsOf: (groupId) => (this.#invites.joining.has(groupId) ? [inbox] : this.#topics.ofGroup(groupId)),
      handedOut: (signal) => this.#running.handedOut(signal),
      reconcile: async (peer, topic) => {
        await this.#sync.meet(peer, topic)
      },
    })
    this.#sync = this.#createSync()
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
    return this.#parts.own.identity
  }

  get name(): string {
    return this.#parts.own.name
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
    return this.#closing === undefined ? this.#parts.transport.connectedPeers() : []
  }

  /** The devices of this identity: this one. */
  get devices(): readonly Device[] {
    return [{ id: toHex(this.#parts.own.device.publicKey), name: this.#parts.own.name, current: true }]
  }

  /** The addresses under which the transport can be reached. */
  get addresses(): readonly string[] {
    return this.#parts.transport.addresses()
  }

  /** This client's contact card, as a `coterie:` URL: what others need to add it to a group. */
  async card(): Promise<string> {
    const { keyPackages, inbox, device } = this.#parts.own
    const { keyPackage } = await keyPackages.current()
    return writeContactCard(this.#parts.wire, device, {
      keyPackage,
      inbox: inbox.address,
      addresses: this.#parts.transport.addresses(),
      relays: this.#relays.addresses,
    })
  }

  /** Connects to a peer by an address. @throws CoterieError `TRANSPORT_UNREACHABLE` */
  async connect(address: string): Promise<void> {
    await this.#parts.transport.connect(address)
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
    const { transport } = this.#parts
    // Everything is back from disk before anybody is heard: what comes again has to find its group.
    await this.#topics.restore()
    await this.#relays.restore()
    await this.#running.restore()
    await this.#mailroom.restore()
    await this.#invites.joining.restore()
    // Peers may be there before `start` resolves: nothing of them is missed, and they wait until everybody listens.
    this.#sync.answer()
    transport.onEvent((event) => {
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
    await transport.start()
    this.#running.start()
    this.#mailroom.listen()
    this.#listening.notify()
    this.#relays.start()
    this.#renewal.start()
    this.#log.opened(this.identity, this.addresses)
    this.#invites.joining.start()
  }

  async #close(): Promise<void> {
    this.#running.close()
    this.#mailroom.close()
    this.#status.close()
    await this.#invites.joining.stop()
    await this.#relays.settle()
    await this.#parts.transport.stop()
    await this.#sync.stop()
    await this.#relays.stop()
    await this.#mailroom.settle()
    await this.#invites.topics.stop()
    await this.#running.stop()
    await this.#renewal.stop()
    await this.#parts.store.close()
    this.#log.closed()
  }

  /** Something is left on a topic for others. @param isOwn - whether this client has left it */
  #noteTopic(topic: LeftTopic, isOwn: boolean): void {
    this.#topics.note(topic, isOwn)
    if (isOwn) this.#sync.ask(topic.keys.name)
    else this.#sync.follow(topic.keys.name)
    this.#relays.noteTopics()
  }

  #createSync(): TopicSync {
    const { wire, transport } = this.#parts
    return new TopicSync({
      wire,
      transport,
      archive: this.#archive,
      topicKeys: (name) => this.#topics.keys(name),
      isRelay: (peer, topic) => this.#relays.isRelay(peer, topic),
      takes: (topic) => this.#takes(topic),
      urgencyOf: (topic) => this.#topics.urgencyOf(topic),
      take: async (topic, frames, from) => {
        if (topic === this.#mailroom.topic) await this.#mailroom.take(frames, from)
        for (const driver of this.#topics.driversOn(topic)) await driver.take(topic, frames, from)
        await this.#invites.topics.take(topic, frames, from)
      },
      ready: () => this.#listening.after(0),
      whileSyncing: (conversation) => this.#status.whileSyncing(conversation),
      warn: (error) => this.#warn(error),
    })
  }

  #takes(topic: string): boolean {
    if (topic === this.#mailroom.topic || this.#invites.topics.keys(topic) !== undefined) return true
    return this.#topics.driversOn(topic).length > 0
  }

  #warn(error: unknown): void {
    if (this.#closing !== undefined) return
    this.#log.warn(error)
  }
}
