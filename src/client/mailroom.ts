// What comes to a client's inbox, and who deals with it: invitations, answers to what was asked by invite links, and contact requests.

import { Sequence } from '../transport/sequence.ts'
import type { Frame } from '../wire/frame.ts'
import { ContactDesk } from './contact-desk.ts'
import type { Contacts } from './contacts.ts'
import type { Correspondence } from './correspondence.ts'
import { Inbox } from './inbox.ts'
import { Invitations } from './invitations.ts'
import type { JoinRequests } from './join-requests.ts'
import type { Joining } from './joining.ts'
import type { OwnStock } from './own-stock.ts'
import type { Relays } from './relays.ts'
import type { RunningGroups } from './running-groups.ts'
import type { TopicSync } from './sync/topic-sync.ts'

export interface MailroomHost extends Correspondence {
  readonly stock: OwnStock
  /** Whether invitations wait for the app. */
  readonly ask: boolean
  readonly groups: RunningGroups
  readonly joining: Joining
  readonly relays: () => Relays
  readonly sync: () => Pick<TopicSync, 'ask' | 'want'>
}

export class Mailroom {
  readonly #host: MailroomHost
  readonly #invitations: Invitations
  readonly #desk: ContactDesk
  readonly #inbox: Inbox
  /** Whatever comes is dealt with one after the other, and so is what the app makes of it. */
  readonly #turns = new Sequence()

  constructor(host: MailroomHost) {
    this.#host = host
    const { groups, joining, own } = host
    const inTurn = <T>(operation: () => Promise<T>): Promise<T> => this.#turns.run(operation)
    this.#invitations = new Invitations({
      ...host,
      isKnown: (identity) => groups.knows(identity),
      isMember: (groupId) => groups.drivers.get(groupId)?.session.isMember === true,
      group: (groupId) => {
        const driver = groups.drivers.get(groupId)
        return driver && { changed: driver.changed, needsWelcome: () => driver.session.needsWelcome }
      },
      reentryKeyPackages: () => groups.reentryKeyPackages,
      inTurn,
      enter: (welcomed, work) => groups.join(welcomed, work),
      warn: (error) => host.warn(error),
    })
    this.#desk = new ContactDesk({
      ...host,
      isKnown: (identity) => groups.knows(identity),
      inTurn,
      noteTopic: (topic) => host.noteTopic(topic),
      warn: (error) => host.warn(error),
    })
    this.#inbox = new Inbox({
      ...host,
      inbox: own.inbox,
      turns: this.#turns,
      takeWelcome: (welcome, frame, from) => this.#invitations.take(welcome, frame, from),
      takeAnswer: (body, frame) => joining.takeAnswer(body, frame),
      takeContact: (body, frame, from) => this.#desk.take(body, frame, from),
      isRelay: (peer) => host.relays().isRelay(peer, this.topic),
      missed: () => host.sync().ask(this.topic),
      want: (pointer, from) => host.sync().want(pointer, from),
      warn: (error) => host.warn(error),
    })
  }

  get requests(): JoinRequests {
    return this.#invitations.requests
  }

  get contacts(): Contacts {
    return this.#desk.contacts
  }

  /** The inbox's. */
  get topic(): string {
    return this.#inbox.topic
  }

  /** Brings back what waits for the app. */
  async restore(): Promise<void> {
    await this.#invitations.restore()
    await this.#desk.restore()
  }

  /** Hears what is left from now on. */
  listen(): void {
    this.#host.transport.subscribe(this.topic, (bytes, from) => this.#inbox.hear(bytes, from))
  }

  /** What came by another way than the topic. @throws CoterieError `SYNC_LIMIT` (peer) */
  take(frames: readonly Frame[], from: string): Promise<void> {
    return this.#inbox.take(frames, from)
  }

  /** Ends all streams. */
  close(): void {
    this.requests.close()
    this.contacts.close()
  }

  /** Resolves when nothing is under way any more. */
  async settle(): Promise<void> {
    await this.#turns.run(async () => undefined)
  }
}
