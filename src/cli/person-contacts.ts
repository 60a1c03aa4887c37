// Contact requests, for a person at a terminal.

import type { Client } from '../client/client.ts'
import type { ContactRequest } from '../client/contacts.ts'
import { fail } from '../errors.ts'
import { dim, inColour, printable } from './person-shapes.ts'

export class PersonContacts {
  readonly #client: Client
  readonly #print: (text: string) => void

  constructor(client: Client, print: (text: string) => void) {
    this.#client = client
    this.#print = print
  }

  /** @param argument - a card, and behind it a note */
  async ask(argument: string): Promise<void> {
    const [card = '', ...note] = argument.split(' ')
    if (card === '') fail('ARGUMENT_INVALID', 'Like this: /ask CARD [NOTE]')
    await this.#client.contacts.ask(card, note.join(' ').trim())
    this.#print(dim('They will find your card when they are there.'))
  }

  list(): void {
    const all = this.#client.contacts.list()
    if (all.length === 0) this.#print('Nobody has sent you a card.')
    for (const [i, { identity, name, note, card }] of all.entries()) {
      this.#print(`${i + 1} ${inColour(identity, name)} ${dim(identity)}${note === '' ? '' : `: ${printable(note)}`}`)
      this.#print(dim(`  ${card}`))
    }
  }

  async dismiss(argument: string): Promise<void> {
    const found = /^[1-9]\d*$/.test(argument) ? this.#client.contacts.list()[Number(argument) - 1] : undefined
    const none = (): ContactRequest =>
      fail('REQUEST_UNKNOWN', 'There is no such card. /contacts lists them with numbers.')
    await (found ?? none()).dismiss()
  }

  async follow(): Promise<void> {
    for await (const { identity, name, note } of this.#client.contacts) {
      this.#print(
        `${inColour(identity, name)} sends you a card${note === '' ? '' : `: ${printable(note)}`} (/contacts)`,
      )
    }
  }
}
