// A group as the app sees it.

import { toHex } from '../bytes.ts'
import { compareMessages } from '../content/message-content.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import type { Secret } from '../crypto/secret.ts'
import type { SessionEvent, SessionMember } from '../session/effects.ts'
import type { SessionReport } from '../session/group-session.ts'
import type { Intent } from '../session/intents.ts'
import { decodeStoredMessage, type StoredMessage } from '../session/message-record.ts'
import type { Store } from '../storage/store.ts'
import type { Transport } from '../transport/transport.ts'
import { readContactCard } from '../wire/contact-card.ts'
import { type DriverContext, GroupDriver } from './group-driver.ts'

/** A message as the app sees it. */
export interface Message {
  readonly id: string
  readonly sender: { readonly identity: string; readonly name: string }
  readonly text: string
  /** As the sender's clock says. */
  readonly sentAt: Date
  /** Where to resume from. */
  readonly cursor: number
}

/** What happens in a group. */
export type GroupEvent =
  | { readonly type: 'message'; readonly message: Message }
  | Exclude<SessionEvent, { readonly type: 'message' | 'rejected' }>

/** Which messages a stream gives. */
export interface MessagesOptions {
  /** Only messages behind this cursor. */
  readonly after?: number
  /** Whether to go on with new messages when the history has been read. Default true. */
  readonly live?: boolean
  /** Ends the stream with the signal's reason. */
  readonly signal?: AbortSignal
}

/** A group that this client is, or was, a member of. */
export class Group {
  readonly #driver: GroupDriver
  readonly #store: Store
  readonly #wire: CipherSuite
  readonly #transport: Transport

  /** Made by the client. */
  constructor(driver: GroupDriver, { store, wire, transport }: Pick<DriverContext, 'store' | 'wire' | 'transport'>) {
    this.#driver = driver
    this.#store = store
    this.#wire = wire
    this.#transport = transport
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
    const { keyPackage, inbox, addresses } = await readContactCard(this.#wire, card)
    await this.#submit({ kind: 'add', newcomers: [{ keyPackage, inbox }] })
    // The Welcome waits on disk for whoever cannot be reached now.
    await Promise.allSettled(addresses.map((address) => this.#transport.connect(address)))
  }

  /** Removes somebody with all devices. @throws CoterieError `GROUP_UNKNOWN_MEMBER`, `GROUP_NOT_PERMITTED` */
  remove(identity: string): Promise<void> {
    return this.#submit({ kind: 'remove', identity })
  }

  /** @throws CoterieError `GROUP_NOT_PERMITTED`, `ARGUMENT_INVALID` */
  rename(name: string): Promise<void> {
    return this.#submit({ kind: 'rename', name })
  }

  /** Makes somebody an admin. @throws CoterieError `GROUP_UNKNOWN_MEMBER`, `GROUP_NOT_PERMITTED` */
  promote(identity: string): Promise<void> {
    return this.#submit({ kind: 'promote', identity })
  }

  /**
   * Sends a text. Resolves when it is on disk: from then on it is not lost.
   * @throws CoterieError `MESSAGE_TOO_LARGE`, `GROUP_REMOVED`
   */
  async send(text: string): Promise<Message> {
    const message = await this.#driver.perform(async (nowMs) => {
      const { message: stored, effects } = await this.#driver.session.send(text, nowMs)
      return { effects, result: stored }
    })
    return asMessage(message)
  }

  /** The history in the order that all devices show, then new messages as they come. Ends only when the client closes. */
  async *messages(options: MessagesOptions = {}): AsyncGenerator<Message, void, undefined> {
    const { after = -1, live = true, signal } = options
    let next = after + 1
    const history: StoredMessage[] = []
    for await (const message of this.#read(next)) {
      history.push(message)
      next = message.place + 1
    }
    yield* history.sort(compareMessages).map(asMessage)
    const { changed } = this.#driver
    while (live && !changed.closed) {
      const seen = changed.version
      for await (const message of this.#read(next)) {
        next = message.place + 1
        yield asMessage(message)
      }
      await changed.after(seen, signal)
    }
  }

  /** Tells of what happens from now on. @returns what ends it */
  onEvent(listener: (event: GroupEvent) => void): () => void {
    return this.#driver.onEvent((event) => {
      if (event.type === 'message') listener({ type: 'message', message: asMessage(event.message) })
      else if (event.type !== 'rejected') listener(event)
    })
  }

  /** A secret that all members of the epoch can derive, and nobody else. RFC 9420 §8.5. */
  export(label: string, length: number): Secret {
    return this.#driver.session.export(label, length)
  }

  /** What a developer looks at when something seems wrong. No secrets. */
  inspect(): SessionReport {
    return this.#driver.session.inspect()
  }

  async *#read(from: number): AsyncGenerator<StoredMessage> {
    for await (const [place, value] of this.#store.range(GroupDriver.logOf(this.id), { from })) {
      yield decodeStoredMessage(place, value)
    }
  }

  #submit(intent: Intent): Promise<void> {
    return this.#driver.perform(async (nowMs) => ({
      effects: await this.#driver.session.submit(intent, nowMs),
      result: undefined,
    }))
  }
}

function asMessage({ id, sender, senderName, content, place }: StoredMessage): Message {
  return {
    id: toHex(id),
    sender: { identity: sender, name: senderName },
    text: content.text,
    sentAt: new Date(content.sentAtMs),
    cursor: place,
  }
}
