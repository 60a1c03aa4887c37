// Contact requests (spec/inbox.md): sending one's card to somebody whose card one has, and those that others have sent.

import { fail } from '../errors.ts'
import { AppList } from './app-list.ts'

/** Somebody who has this client's card has sent theirs. */
export interface ContactRequestContents {
  /** `did:key:…` */
  readonly identity: string
  /** As they call themselves. */
  readonly name: string
  /** What they wrote with it, up to 256 bytes; printed by whoever trusts it. */
  readonly note: string
  /** Their contact card, as a `coterie:` URL: to add them to a group, or to send one's own card back. */
  readonly card: string
  readonly receivedAtMs: number
}

/** A contact request that has not been dismissed. */
export class ContactRequest {
  readonly identity: string
  readonly name: string
  readonly note: string
  readonly card: string
  /** By this device's clock. */
  readonly receivedAt: Date
  readonly #dismiss: () => Promise<void>

  /** Made by the client. */
  constructor(contents: ContactRequestContents, dismiss: () => Promise<void>) {
    this.identity = contents.identity
    this.name = contents.name
    this.note = contents.note
    this.card = contents.card
    this.receivedAt = new Date(contents.receivedAtMs)
    this.#dismiss = dismiss
  }

  /** Takes it off the list. Nobody is told; they may ask again. @throws CoterieError `REQUEST_UNKNOWN` */
  dismiss(): Promise<void> {
    return this.#dismiss()
  }
}

/** Contact requests: those that others have sent, and sending them. */
export class Contacts extends AppList<ContactRequest> {
  readonly #ask: (card: string, note: string) => Promise<void>

  /** Made by the client. */
  constructor(ask: (card: string, note: string) => Promise<void>) {
    super({
      call: 'contacts',
      keyOf: ({ identity }) => identity,
      unknown: ['REQUEST_UNKNOWN', 'no contact request of this identity waits'],
    })
    this.#ask = ask
  }

  /**
   * Sends this client's card to somebody. On disk when this resolves, and on its way: it waits for them with whoever is
   * connected, and at their relays.
   * @param card - theirs
   * @param note - up to 256 bytes of UTF-8
   * @throws CoterieError `CARD_*`, `ARGUMENT_INVALID`, `CLIENT_CLOSED`
   */
  ask(card: string, note = ''): Promise<void> {
    if (typeof card !== 'string' || typeof note !== 'string') fail('ARGUMENT_INVALID', 'a card and a note are texts')
    return this.#ask(card, note)
  }
}
