// `coterie chat` for a person at a terminal: names in colour, history on start, commands that begin with a slash.

import type { Writable } from 'node:stream'
import { styleText } from 'node:util'
import type { Client } from '../client/client.ts'
import type { Group, Message } from '../client/group.ts'
import { CoterieError, fail } from '../errors.ts'
import { lines, type Terminal } from './line-input.ts'

const HELP = `/create NAME      make a group
/card             show your contact card, for others to add you
/add CARD         add somebody to this group
/groups           your groups
/switch NUMBER    go to another group
/members          who is in this group
/remove NAME      remove somebody from this group
/rename NAME      give this group another name
/inspect          the group's epochs, for developers
/help             this list
/quit             leave the program; everything is kept
Anything else is said to the group.`

/** Runs until the person quits or the input ends. The client is the caller's to close. */
export async function personChat(client: Client, terminal: Terminal): Promise<void> {
  await new PersonChat(client, terminal.output).run(terminal)
}

class PersonChat {
  readonly #client: Client
  readonly #output: Writable
  #current: Group | undefined

  constructor(client: Client, output: Writable) {
    this.#client = client
    this.#output = output
  }

  async run({ input, stop }: Terminal): Promise<void> {
    const name = styleText('bold', this.#client.name)
    this.#print(`You are ${name}. Your contact card, for others to add you:`)
    this.#print(styleText('dim', await this.#client.card()))
    this.#print(`Type /help for what you can do.`)
    this.#client.onWarning((error) => this.#print(styleText('dim', `(${error.message})`)))
    void this.#followGroups()
    for await (const line of lines(input, stop)) {
      try {
        if (line.trim() === '/quit') return
        if (line.trim() !== '') await this.#take(line.trim())
      } catch (error) {
        this.#print(styleText('red', CoterieError.is(error) ? adviceFor(error) : String(error)))
      }
    }
  }

  async #take(line: string): Promise<void> {
    if (!line.startsWith('/')) {
      await this.#group().send(line)
      return
    }
    const [command = '', ...rest] = line.split(' ')
    const argument = rest.join(' ').trim()
    switch (command) {
      case '/create':
        this.#current = await this.#client.groups.create({ name: required(argument, '/create NAME') })
        this.#print(`You are in ${styleText('bold', this.#current.name)}. Add somebody with /add CARD.`)
        return
      case '/card':
        return this.#print(await this.#client.card())
      case '/add':
        return this.#group().add(required(argument, '/add CARD'))
      case '/groups':
        return this.#client.groups.list().forEach((group, i) => {
          this.#print(`${group === this.#current ? '*' : ' '} ${i + 1} ${group.name}`)
        })
      case '/switch':
        return this.#switchTo(argument)
      case '/members':
        return this.#group().members.forEach(({ name, identity, admin }) => {
          this.#print(`${colour(identity, name)}${admin ? ' (admin)' : ''} ${styleText('dim', identity)}`)
        })
      case '/remove':
        return this.#group().remove(this.#identityOf(required(argument, '/remove NAME')))
      case '/rename':
        return this.#group().rename(required(argument, '/rename NAME'))
      case '/inspect':
        return this.#print(
          JSON.stringify(this.#group().inspect(), (_, value) => (typeof value === 'bigint' ? Number(value) : value), 2),
        )
      case '/help':
        return this.#print(HELP)
      default:
        fail('ARGUMENT_INVALID', `There is no ${command}. Type /help for what there is.`)
    }
  }

  async #switchTo(number: string): Promise<void> {
    const group = this.#client.groups.list()[Number(number) - 1]
    if (group === undefined) return fail('ARGUMENT_INVALID', 'There is no such group. /groups lists them with numbers.')
    this.#current = group
    await this.#showHistory(group)
  }

  async #followGroups(): Promise<void> {
    for await (const group of this.#client.groups) {
      if (this.#current === undefined) {
        this.#current = group
        await this.#showHistory(group)
      } else if (group !== this.#current) this.#print(styleText('dim', `You are now in ${group.name} as well: /groups`))
      group.onEvent((event) => {
        const note = (text: string): void => this.#print(styleText('dim', `${this.#prefix(group)}${text}`))
        if (event.type === 'message') this.#print(this.#prefix(group) + said(event.message))
        else if (event.type === 'removed') note('You were removed from this group.')
        else if (event.type === 'renamed') note(`The group is now called ${event.name}.`)
        else if (event.type === 'epoch') {
          const joined = group.members.filter(({ identity }) => event.added.includes(identity))
          for (const { name } of joined) note(`${name} is in the group.`)
          if (event.removed.length > 0) note(`${event.removed.length} left the group.`)
        }
      })
    }
  }

  async #showHistory(group: Group): Promise<void> {
    this.#print(styleText('dim', `— ${group.name} —`))
    for await (const message of group.messages({ live: false })) this.#print(said(message))
  }

  #prefix(group: Group): string {
    return group === this.#current ? '' : styleText('dim', `[${group.name}] `)
  }

  #group(): Group {
    return (
      this.#current ??
      fail('GROUP_UNKNOWN', 'You are in no group yet. /create NAME makes one, or give somebody your /card.')
    )
  }

  #identityOf(name: string): string {
    const found = this.#group().members.filter((member) => member.name === name || member.identity === name)
    const [member] = found
    if (member === undefined)
      return fail('GROUP_UNKNOWN_MEMBER', `Nobody here is called ${name}. /members lists who is.`)
    if (found.length > 1) fail('GROUP_UNKNOWN_MEMBER', `Several are called ${name}; give the identity from /members.`)
    return member.identity
  }

  #print(text: string): void {
    this.#output.write(`${text}\n`)
  }
}

function said({ sender, text, sentAt }: Message): string {
  const time = styleText('dim', sentAt.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }))
  return `${time} ${colour(sender.identity, sender.name)}: ${printable(text)}`
}

/** The same person always has the same colour. */
function colour(identity: string, name: string): string {
  const sum = [...identity].reduce((total, letter) => total + letter.charCodeAt(0), 0)
  return styleText(COLOURS[sum % COLOURS.length] ?? 'cyan', printable(name))
}

/** Names come from strangers: control characters would let them draw on the screen. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?')
}

function required(argument: string, usage: string): string {
  return argument === '' ? fail('ARGUMENT_INVALID', `Like this: ${usage}`) : argument
}

function adviceFor(error: CoterieError): string {
  return ADVICE[error.code] ?? error.message
}

const ADVICE: Partial<Record<CoterieError['code'], string>> = {
  CARD_MALFORMED: 'That is not a whole contact card. Ask for it again: it begins with coterie:card/',
  CARD_SIGNATURE: 'That contact card is damaged. Ask for it again.',
  GROUP_CARD_IS_MEMBER: 'That person is in this group already.',
  GROUP_NOT_PERMITTED: 'Only admins of this group may do that.',
  LEAF_LIFETIME: 'That contact card has expired. Ask for a new one.',
  MESSAGE_TOO_LARGE: 'That is too long for one message.',
}

const COLOURS = ['cyan', 'green', 'yellow', 'magenta', 'blue'] as const
