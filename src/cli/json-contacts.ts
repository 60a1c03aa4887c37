// The commands of `coterie chat --json` that are about contact requests (docs/command-line.md).

import type { Client } from '../client/client.ts'
import type { JsonCommand } from './json-protocol.ts'
import { describeContact, type JsonObject } from './json-shapes.ts'

type ContactCommand = Extract<JsonCommand, { readonly cmd: 'ask' | 'contacts' | 'dismiss' }>

export async function carryOutContacts({ contacts }: Client, command: ContactCommand): Promise<JsonObject> {
  switch (command.cmd) {
    case 'ask':
      await contacts.ask(command.card, command.note)
      return {}
    case 'contacts':
      return { contacts: contacts.list().map(describeContact) }
    case 'dismiss':
      await contacts.get(command.contact).dismiss()
      return {}
  }
}
