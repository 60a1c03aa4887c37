// What becomes of contact requests: kept until the app dismisses them, one for each identity, within bounds that no flood can use
// to hide others; and leaving them in somebody's inbox.

import { CoterieError, fail } from '../errors.ts'
import { validateKeyPackage } from '../group/key-packages.ts'
import { readDeviceCredential } from '../identity/device-credential.ts'
import { identityOf } from '../session/group-profile.ts'
import { sessionPolicy } from '../session/session-policy.ts'
import type { ArchivableFrame } from '../topics/frame-archive.ts'
import { type ContactCard, encodeContactCard, readContactCard, textOfCard } from '../wire/contact-card.ts'
import { encodeContactRequest, readContactRequest } from '../wire/contact-request.ts'
import { parseFrame } from '../wire/frame.ts'
import { InboxKind } from '../wire/inbox.ts'
import { decodeContactRecord, encodeContactRecord, type KeptContactRequest } from './contact-records.ts'
import { ContactRequest, Contacts } from './contacts.ts'
import type { Correspondence } from './correspondence.ts'
import { putLeftTopic } from './left-topics.ts'
import { leaveMessage } from './left-welcome.ts'
import type { Relays } from './relays.ts'
import { oldestOf, tooMany } from './waiting-room.ts'

/** What contact requests are dealt with by. */
export interface ContactHost extends Correspondence {
  readonly relays: () => Pick<Relays, 'addresses' | 'use' | 'noteLeft'>
  /** Whether an identity is in a group with this client: such requests are never dropped for those of strangers. */
  isKnown(identity: string): boolean
  /** Runs one operation after the other. */
  inTurn<T>(operation: () => Promise<T>): Promise<T>
}

export class ContactDesk {
  readonly contacts: Contacts = new Contacts((card, note) => this.#ask(card, note))
  readonly #host: ContactHost
  /** By identity. */
  readonly #kept = new Map<string, KeptContactRequest>()

  constructor(host: ContactHost) {
    this.#host = host
  }

  /** Brings back those that are on disk. */
  async restore(): Promise<void> {
    const found: (readonly [string, KeptContactRequest])[] = []
    for await (const [identity, value] of this.#host.store.entries(CONTACTS)) {
      found.push([identity, decodeContactRecord(value)])
    }
    found.sort(([, a], [, b]) => a.receivedAtMs - b.receivedAtMs)
    for (const [identity, record] of found) {
      this.#kept.set(identity, record)
      if (!record.dismissed) await this.#show(identity, record)
    }
  }

  /**
   * Takes what was left in the inbox, and archives its frame. To be called one after the other.
   * @throws CoterieError `INBOX_UNREADABLE`, `CARD_*`, `KEY_PACKAGE_*`, `LEAF_*`, `IDENTITY_*` (peer)
   */
  async take(body: Uint8Array, frame: ArchivableFrame, from: string): Promise<void> {
    const { suite, wire, own, clock, archive } = this.#host
    const { contact, sentAtMs } = await readContactRequest(wire, own.inbox.address, body)
    await validateKeyPackage(suite, contact.keyPackage, { nowMs: clock(), policy: sessionPolicy(wire) })
    const identity = identityOf(contact.keyPackage.leafNode)
    const receivedAtMs = clock()
    const known = this.#kept.get(identity)
    const isOld = sentAtMs < receivedAtMs - KEEP_MS || (known !== undefined && known.sentAtMs >= sentAtMs)
    if (isOld || identity === own.identity) {
      await archive.write([frame])
      return
    }
    const record = { dismissed: false, sentAtMs, receivedAtMs, from, body }
    this.#kept.set(identity, record)
    const dropped = this.#tooMany()
    for (const one of dropped) this.#kept.delete(one)
    await archive.write([frame], (batch) => {
      if (!dropped.includes(identity)) batch.put(CONTACTS, identity, encodeContactRecord(record))
      for (const one of dropped) batch.delete(CONTACTS, one)
    })
    for (const one of dropped) {
      this.contacts.remove(one)
      this.#host.warn(new CoterieError('REQUEST_DROPPED', `too many contact requests wait: one of ${one} was dropped`))
    }
    if (!dropped.includes(identity)) await this.#show(identity, record)
  }

  async #ask(card: string, note: string): Promise<void> {
    const { wire, own, clock, transport, archive } = this.#host
    const contact = await readContactCard(wire, card)
    const relays = this.#host.relays()
    const { keyPackage } = await own.keyPackages.current()
    const bytes = await encodeContactCard(wire, own.device, {
      keyPackage,
      inbox: own.inbox.address,
      addresses: transport.addresses(),
      relays: relays.addresses,
    })
    const content = { card: bytes, note, sentAtMs: clock() }
    const body = await encodeContactRequest(wire, own.device, contact.inbox, content)
    const { topicKeys, frames } = await leaveMessage(wire, contact.inbox, { kind: InboxKind.contact, body }, clock())
    const { name } = topicKeys
    const topic = { keys: topicKeys, isInbox: true }
    await archive.write(
      frames.map((one) => parseFrame(wire, name, one)),
      putLeftTopic(topic),
    )
    this.#host.noteTopic(topic)
    relays.noteLeft([name])
    await this.#send(contact, name, frames)
  }

  async #send(
    { keyPackage, addresses, relays }: ContactCard,
    topic: string,
    frames: readonly Uint8Array[],
  ): Promise<void> {
    const { transport } = this.#host
    await this.#host.relays().use(`contact/${identityOf(keyPackage.leafNode)}`, relays)
    // They may be off: whoever is connected later, or a relay, brings it then.
    for (const address of addresses) transport.connect(address).catch(() => undefined)
    for (const frame of frames) await transport.publish(topic, frame)
  }

  async #show(identity: string, { body, receivedAtMs }: KeptContactRequest): Promise<void> {
    const { wire, own } = this.#host
    const { contact, note, card } = await readContactRequest(wire, own.inbox.address, body)
    const { name } = readDeviceCredential(contact.keyPackage.leafNode.credential)
    const contents = { identity, name, note, card: textOfCard(card), receivedAtMs }
    this.contacts.enter(new ContactRequest(contents, () => this.#host.inTurn(() => this.#dismiss(identity))))
  }

  async #dismiss(identity: string): Promise<void> {
    const record = this.#kept.get(identity)
    if (record === undefined || record.dismissed) {
      return fail('REQUEST_UNKNOWN', 'this contact request has been dismissed, or was dropped')
    }
    const dismissed = { ...record, dismissed: true, body: new Uint8Array(0) }
    await this.#host.store.write((batch) => batch.put(CONTACTS, identity, encodeContactRecord(dismissed)))
    this.#kept.set(identity, dismissed)
    this.contacts.remove(identity)
  }

  /** Which have to go: of what was dismissed, the oldest; of what waits, so that a flood hides nothing that came by others. */
  #tooMany(): string[] {
    const all = [...this.#kept].map(([identity, record]) => ({ ...record, identity }))
    all.sort((a, b) => a.receivedAtMs - b.receivedAtMs)
    const dismissed = all.filter((one) => one.dismissed)
    const waiting = all.filter((one) => !one.dismissed)
    const gone = tooMany(waiting, (identity) => this.#host.isKnown(identity))
    return [...oldestOf(dismissed, MAX_DISMISSED), ...gone].map(({ identity }) => identity)
  }
}

/** The bucket of the requests, by identity. */
const CONTACTS = 'contact-requests'
const MAX_DISMISSED = 1_000
/** What was sent longer ago has been dealt with, or is of no interest any more. */
const KEEP_MS = 30 * 24 * 3_600_000
