// A group as the app sees it.

import { encodeBody, type MessageBody } from '../content/message-body.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import type { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import type { SessionMember } from '../session/effects.ts'
import { type GroupInvite, inviteKey } from '../session/group-invites.ts'
import type { Permissions } from '../session/group-profile.ts'
import type { SessionReport } from '../session/inspecting.ts'
import type { Intent } from '../session/intents.ts'
import type { Store } from '../storage/store.ts'
import type { PeerId, Transport } from '../transport/transport.ts'
import { readContactCard } from '../wire/contact-card.ts'
import { Applicants } from './applicants.ts'
import { ABORT_SIGNAL, BOOLEAN, COUNT, CURSOR, checkOptions, checkPermissions, TEXT } from './check-options.ts'
import type { DriverContext, GroupDriver } from './group-driver.ts'
import type { GroupEvent } from './group-events.ts'
import { Invite, type InviteOptions, inviteLink, newInvite } from './invites.ts'
import type { Message } from './message.ts'
import { Sent } from './sent.ts'
import { findSent, noteSent } from './sent-keys.ts'
import { whileOpen } from './streams.ts'

/** Which messages a stream gives. */
export interface MessagesOptions {
  /** Only messages that came after the one with this cursor: what is new since then, wherever it is shown. */
  readonly after?: number
  /** Only messages that are shown before the one with this cursor. Then the stream ends. */
  readonly before?: number
  /** Of the history, only the last so many. */
  readonly limit?: number
  /** Whether to go on with new messages when the history has been read. Default true, but for `before`. */
  readonly live?: boolean
  /** Ends the stream with the signal's reason. */
  readonly signal?: AbortSignal
}

/** Which events a stream gives. */
export interface EventsOptions {
  /** Only events behind this cursor; -1 for all that are kept, which are the last 10,000. Default: from now on. */
  readonly after?: number
  /** Ends the stream with the signal's reason. */
  readonly signal?: AbortSignal
}

/** How a message is sent. */
export interface SendOptions {
  /** Two messages with one key are one message: the first. Also after a restart. */
  readonly idempotencyKey?: string
}

/** What a developer is told of a group. No secrets. */
export interface GroupReport extends SessionReport {
  /** Connected peers that hear the group's topics, as the transport names them: members, and relays that carry it. */
  readonly peers: readonly PeerId[]
}

type GroupContext = Pick<DriverContext, 'store' | 'wire' | 'transport' | 'relays' | 'clock' | 'linkSources'>

/** A group that this client is, or was, a member of. */
export class Group {
  /** Those who came by an invite that needs approval, for admins to decide. */
  readonly applicants: Applicants = new Applicants()
  readonly #driver: GroupDriver
  readonly #context: GroupContext
  readonly #store: Store
  readonly #wire: CipherSuite
  readonly #transport: Transport
  readonly #relays: DriverContext['relays']

  /** Made by the client. */
  constructor(driver: GroupDriver, context: GroupContext) {
    const { store, wire, transport, relays } = context
    this.#driver = driver
    this.#context = context
    this.#store = store
    this.#wire = wire
    this.#transport = transport
    this.#relays = relays
  }

  /** In hexadecimal. */
  get id(): string {
    return this.#driver.id
  }

  get name(): string {
    return this.#driver.session.profile.name
  }

  get description(): string {
    return this.#driver.session.profile.description
  }

  /** Who may do what in it. */
  get permissions(): Permissions {
    return { ...this.#driver.session.profile.permissions }
  }

  get epoch(): bigint {
    return this.#driver.session.epoch
  }

  /** Whether this device is still in the group. */
  get isMember(): boolean {
    return this.#driver.session.isMember
  }

  get members(): readonly SessionMember[] {
    return this.#driver.session.members
  }

  /**
   * Adds somebody by a contact card. Resolves when the commit is on disk and on its way.
   * @throws CoterieError `CARD_*`, `IDENTITY_*`, `LEAF_LIFETIME`, `GROUP_CARD_IS_MEMBER`, `GROUP_NOT_PERMITTED`
   */
  async add(card: string): Promise<void> {
    const contact = await readContactCard(this.#wire, text('a contact card', card))
    const { inbox, addresses, relays } = contact
    const keyPackage = await this.#relays.keyPackageFor(contact)
    await this.#submit({ kind: 'add', newcomers: [{ keyPackage, inbox }] })
    this.#driver.expectWelcomes(1)
    await this.#relays.use(this.id, relays)
    // The Welcome waits on disk for whoever cannot be reached now, and where there are relays also there.
    const reaching = Promise.allSettled(addresses.map((address) => this.#transport.connect(address)))
    if (relays.length === 0) await reaching
  }

  /**
   * Makes a way into the group for whoever has its link. Any member who is there when they come lets them in, or, where an
   * admin has to approve, any admin. Resolves when it is on disk and on its way.
   * @throws CoterieError `GROUP_NOT_PERMITTED`, `INVITE_LIMIT`, `ARGUMENT_INVALID`, `GROUP_REMOVED`
   */
  async invite(options: InviteOptions = {}): Promise<Invite> {
    const { clock, linkSources } = this.#context
    const invite = newInvite(this.#wire, linkSources().own.identity, options, clock())
    await this.#submit({ kind: 'invite', invite })
    return this.#shown(invite)
  }

  /** The group's invites, each with a link in this member's name; used-up and revoked ones until they expire. */
  invites(): Promise<readonly Invite[]> {
    return Promise.all(this.#driver.session.invites.map((invite) => this.#shown(invite)))
  }

  /** Removes somebody with all devices. @throws CoterieError `GROUP_UNKNOWN_MEMBER`, `GROUP_NOT_PERMITTED` */
  remove(identity: string): Promise<void> {
    return this.#submit({ kind: 'remove', identity })
  }

  /** @throws CoterieError `GROUP_NOT_PERMITTED`, `ARGUMENT_INVALID` */
  async rename(name: string): Promise<void> {
    await this.#submit({ kind: 'rename', name: text('a name', name) })
  }

  /** Gives the group another description: at most 4,096 bytes. @throws CoterieError `GROUP_NOT_PERMITTED`, `ARGUMENT_INVALID` */
  async describe(description: string): Promise<void> {
    await this.#submit({ kind: 'describe', description: text('a description', description) })
  }

  /**
   * Changes who may do what in the group: what is named, and nothing else. For admins.
   * @throws CoterieError `GROUP_NOT_PERMITTED`, `ARGUMENT_INVALID`
   */
  async setPermissions(permissions: Partial<Permissions>): Promise<void> {
    checkPermissions('setPermissions', permissions)
    await this.#submit({ kind: 'permit', permissions: { ...permissions } })
  }

  /** Makes somebody an admin. @throws CoterieError `GROUP_UNKNOWN_MEMBER`, `GROUP_NOT_PERMITTED` */
  promote(identity: string): Promise<void> {
    return this.#submit({ kind: 'promote', identity })
  }

  /**
   * Leaves the group. Resolves when that is on disk and on its way: others carry it out, and until then this device is a
   * member. A last admin has to promote somebody before.
   * @throws CoterieError `GROUP_LAST_ADMIN`, `GROUP_REMOVED`
   */
  leave(): Promise<void> {
    return this.#submit({ kind: 'leave' })
  }

  /**
   * Sends a text or another message. Resolves when it is on disk: from then on it is not lost.
   * @throws CoterieError `MESSAGE_TOO_LARGE`, `ARGUMENT_INVALID`, `GROUP_REMOVED`
   */
  async send(content: string | MessageBody, options: SendOptions = {}): Promise<Sent> {
    checkOptions('send', options, { idempotencyKey: TEXT })
    const body = encodeBody(typeof content === 'string' ? { kind: 'text', text: content } : content)
    const { idempotencyKey: key } = options
    const { session } = this.#driver
    const message = await this.#perform(async (nowMs) => {
      const before = key === undefined ? undefined : await findSent(this.#store, this.id, key)
      if (before !== undefined) return { effects: undefined, result: before }
      const { message: sent, effects } = await session.send(body, nowMs)
      if (key === undefined) return { effects, result: sent, sent }
      return { effects, result: sent, sent, also: noteSent(this.id, key, sent) }
    })
    return new Sent(this.#driver, message)
  }

  /**
   * The history in the order that all devices show, then new messages as they come. Reactions and edits are in the messages
   * that they are about: those that come later are events. Ends only when the client closes, or where `live` is false.
   * @throws CoterieError `ARGUMENT_INVALID`; while it is read, what goes wrong
   */
  messages(options: MessagesOptions = {}): AsyncGenerator<Message, void, undefined> {
    checkOptions('messages', options, {
      after: CURSOR,
      before: CURSOR,
      limit: COUNT,
      live: BOOLEAN,
      signal: ABORT_SIGNAL,
    })
    if (options.before !== undefined && options.live === true) {
      fail('ARGUMENT_INVALID', 'nothing new is shown before an old message: `before` and `live` exclude each other')
    }
    return whileOpen(this.#driver.changed, options.signal, this.#messages(options))
  }

  /** A message by its id, with its edits and reactions; undefined where there is none, or where it has not come yet. */
  message(id: string): Promise<Message | undefined> {
    return this.#driver.journal.messages.find(id)
  }

  /**
   * What others do in the group, as it happens; in order, with back-pressure, and to be resumed from a cursor.
   * @throws CoterieError `ARGUMENT_INVALID`; while it is read, what goes wrong
   */
  events(options: EventsOptions = {}): AsyncGenerator<GroupEvent, void, undefined> {
    checkOptions('events', options, { after: CURSOR, signal: ABORT_SIGNAL })
    const { changed, journal } = this.#driver
    return whileOpen(changed, options.signal, this.#events(options.after ?? journal.last, options.signal))
  }

  /** Tells of what happens from now on, without back-pressure. @returns what ends it */
  onEvent(listener: (event: GroupEvent) => void): () => void {
    return this.#driver.journal.onEvent(listener)
  }

  /**
   * A secret that all members of the epoch can derive, and nobody else. RFC 9420 §8.5.
   * @throws CoterieError `GROUP_REMOVED`, `GROUP_WELCOME_AWAITED`, `ARGUMENT_INVALID` (caller)
   */
  export(label: string, length: number): Secret {
    return this.#driver.session.export(label, length)
  }

  /** What a developer looks at when something seems wrong. No secrets. */
  inspect(): GroupReport {
    const { session } = this.#driver
    const peers = new Set(session.topics.flatMap(({ name }) => this.#transport.peers(name)))
    return { ...session.inspect(), peers: [...peers] }
  }

  /** For the client: something may have changed. */
  noteChange(): void {
    const { session } = this.#driver
    this.applicants.update(session.applicants(this.#context.clock()), (key, decision) =>
      this.#perform(async (nowMs) => ({ effects: await session.decide(key, decision, nowMs), result: undefined })),
    )
  }

  async #shown(invite: GroupInvite): Promise<Invite> {
    const { id, link } = await inviteLink(this.#context.linkSources(), invite, this.name)
    return new Invite(id, link, invite, () => this.#submit({ kind: 'revoke', invite: inviteKey(invite) }))
  }

  async *#messages(options: MessagesOptions): AsyncGenerator<Message, void, undefined> {
    const { before, live = before === undefined, signal } = options
    const { changed, journal } = this.#driver
    let next = await journal.messages.end()
    yield* journal.messages.history(options, next)
    while (live && !changed.closed) {
      const seen = changed.version
      for (;;) {
        const page = await journal.messages.arrived(next)
        if (page.next === next) break
        next = page.next
        yield* page.messages
      }
      await changed.after(seen, signal)
    }
  }

  async *#events(after: number, signal: AbortSignal | undefined): AsyncGenerator<GroupEvent, void, undefined> {
    const { changed, journal } = this.#driver
    for (let last = after; !changed.closed; ) {
      const seen = changed.version
      for (let page = await journal.after(last); page.length > 0; page = await journal.after(last)) {
        for (const event of page) {
          last = event.cursor
          yield event
        }
      }
      await changed.after(seen, signal)
    }
  }

  #submit(intent: Intent): Promise<void> {
    return this.#perform(async (nowMs) => ({
      effects: await this.#driver.session.submit(intent, nowMs),
      result: undefined,
    }))
  }

  async #perform<T>(operation: Parameters<typeof GroupDriver.prototype.perform<T>>[0]): Promise<T> {
    if (this.#driver.changed.closed) fail('CLIENT_CLOSED', 'this client has been closed')
    return this.#driver.perform(operation)
  }
}

/** Programs without types may give anything. */
function text(what: string, value: unknown): string {
  return typeof value === 'string' ? value : fail('ARGUMENT_INVALID', `${what} is a text`)
}
