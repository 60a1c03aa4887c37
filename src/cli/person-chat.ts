// `coterie chat` for a person at a terminal: history on start, messages as they come, commands that begin with a slash.

import type { Client } from '../client/client.ts'
import type { Group } from '../client/group.ts'
import type { GroupEvent } from '../client/group-events.ts'
import type { JoinRequest } from '../client/join-requests.ts'
import { fail } from '../errors.ts'
import { Screen, type Terminal } from './line-input.ts'
import { PersonContacts } from './person-contacts.ts'
import { PersonInvites } from './person-invites.ts'
import {
  adviceFor,
  arrivalOf,
  bold,
  dim,
  inColour,
  noteOf,
  permissionsOf,
  printable,
  said,
  warningFor,
} from './person-shapes.ts'

const HELP = `/create NAME      make a group
/card             show your contact card, for others to add you
/add CARD         add somebody to this group
/invite [PEOPLE] [HOURS] [approve]
                  make a link into this group: for one person and a week
                  unless you say otherwise
/invites          links into this group
/revoke NUMBER    end one of them
/applicants       who has asked to be let into this group by a link
/approve [NAME]   let somebody in who has asked
/refuse [NAME]    tell somebody no
/join LINK [NOTE] ask to be let in by a link
/requests         invitations that wait for you
/accept NUMBER    join a group that you were invited to
/decline NUMBER   forget an invitation
/ask CARD [NOTE]  send your card to somebody whose card you have
/contacts         cards that others have sent you
/dismiss NUMBER   forget one of them
/groups           your groups
/switch NUMBER    go to another group
/members          who is in this group
/remove NAME      remove somebody from this group
/promote NAME     make somebody an admin
/leave            leave this group
/rename NAME      give this group another name
/describe TEXT    say what this group is about
/permissions [add|remove|rename|promote members|admins]
                  who may do what in this group, or change that
/history [COUNT]  what was said in this group, and who has yours: ✓ is everybody
/inspect          the group's epochs, for developers
/help             this list
/quit             leave the program; everything is kept
Anything else is said to the group.`

/** Runs until the person quits or the input ends. The client is the caller's to close. */
export async function personChat(client: Client, terminal: Terminal): Promise<void> {
  await new PersonChat(client, new Screen(terminal)).run()
}

class PersonChat {
  readonly #client: Client
  readonly #screen: Screen
  readonly #invites: PersonInvites
  readonly #contacts: PersonContacts
  /** What happens from the client's opening on in the groups that were there then. */
  readonly #opened: ReadonlyMap<Group, AsyncIterable<GroupEvent>>
  #current: Group | undefined

  constructor(client: Client, screen: Screen) {
    this.#client = client
    this.#screen = screen
    this.#invites = new PersonInvites(client, screen)
    this.#contacts = new PersonContacts(client, (text) => this.#print(text))
    this.#opened = new Map(client.groups.list().map((group) => [group, group.events()]))
  }

  async run(): Promise<void> {
    this.#print(`You are ${bold(this.#client.name)}. Your contact card, for others to add you:`)
    this.#print(dim(await this.#client.card()))
    this.#print('Type /help for what you can do.')
    this.#client.onWarning((error) => this.#print(dim(`(${warningFor(error)})`)))
    const [first] = this.#client.groups.list()
    if (first !== undefined) await this.#switchTo(first)
    this.#inBackground(this.#followGroups())
    this.#inBackground(this.#followRequests())
    this.#invites.followJoining()
    this.#inBackground(this.#contacts.follow())
    for await (const line of this.#screen.lines()) {
      try {
        if (line.trim() === '/quit') return
        if (line.trim() !== '') await this.#take(line.trim())
      } catch (error) {
        this.#print(adviceFor(error))
      }
    }
  }

  async #take(line: string): Promise<void> {
    if (!line.startsWith('/')) return this.#say(this.#group(), line)
    const [command = '', ...rest] = line.split(' ')
    const argument = rest.join(' ').trim()
    switch (command) {
      case '/create':
        this.#current = await this.#client.groups.create({ name: required(argument, '/create NAME') })
        return this.#print(`You are in ${bold(this.#current.name)}. Add somebody with /add CARD.`)
      case '/card':
        return this.#print(await this.#client.card())
      case '/add':
        return this.#group().add(required(argument, '/add CARD'))
      case '/invite':
        return this.#invites.invite(this.#group(), argument)
      case '/invites':
        return this.#invites.list(this.#group())
      case '/revoke':
        return this.#invites.revoke(this.#group(), argument)
      case '/applicants':
        return this.#invites.listApplicants(this.#group())
      case '/approve':
        return this.#invites.applicant(this.#group(), argument).approve()
      case '/refuse':
        return this.#invites.applicant(this.#group(), argument).refuse()
      case '/join':
        return this.#invites.join(argument, (group) => this.#switchTo(group))
      case '/requests':
        return this.#listRequests()
      case '/accept':
        return this.#switchTo(await this.#request(argument).accept())
      case '/decline':
        return this.#request(argument).decline()
      case '/ask':
        return this.#contacts.ask(argument)
      case '/contacts':
        return this.#contacts.list()
      case '/dismiss':
        return this.#contacts.dismiss(argument)
      case '/groups':
        return this.#listGroups()
      case '/switch':
        return this.#switchTo(this.#groupNumbered(argument))
      case '/members':
        return this.#listMembers()
      case '/remove':
        return this.#group().remove(this.#identityOf(required(argument, '/remove NAME')))
      case '/promote':
        return this.#group().promote(this.#identityOf(required(argument, '/promote NAME')))
      case '/leave':
        return this.#leave(this.#group())
      case '/rename':
        return this.#group().rename(required(argument, '/rename NAME'))
      case '/describe':
        return this.#group().describe(required(argument, '/describe TEXT'))
      case '/permissions':
        return this.#permissions(this.#group(), argument)
      case '/history':
        return this.#showHistory(this.#group(), argument === '' ? undefined : numberIn(argument, '/history COUNT'))
      case '/inspect':
        return this.#print(JSON.stringify(this.#group().inspect(), asNumber, 2))
      case '/help':
        return this.#print(HELP)
      default:
        fail('ARGUMENT_INVALID', `There is no ${printable(command)}. Type /help for what there is.`)
    }
  }

  async #say(group: Group, text: string): Promise<void> {
    await group.send(text)
    if (group.members.length > 1 && this.#client.peers.length === 0) {
      this.#print(dim('Nobody is connected: it waits here, and goes out when somebody is.'))
    }
  }

  async #followGroups(): Promise<void> {
    for await (const group of this.#client.groups) {
      if (this.#current === undefined) await this.#switchTo(group)
      else if (group !== this.#current) this.#print(dim(`You are now in ${printable(group.name)} as well: /groups`))
      this.#inBackground(this.#invites.follow(group))
      this.#inBackground(this.#follow(group, this.#opened.get(group) ?? group.events({ after: -1 })))
    }
  }

  async #follow(group: Group, events: AsyncIterable<GroupEvent>): Promise<void> {
    const names = new Map<string, string>()
    const nameOf = (identity: string): string => inColour(identity, names.get(identity) ?? 'somebody')
    for await (const event of events) {
      // Also of those who are gone a moment later.
      for (const { identity, name } of group.members) names.set(identity, name)
      const note = event.type === 'message' ? undefined : noteOf(event, nameOf)
      const prefix = group === this.#current ? '' : dim(`[${printable(group.name)}] `)
      if (event.type === 'message') this.#print(prefix + said(event.message))
      else if (note !== undefined) this.#print(prefix + dim(note))
    }
  }

  async #followRequests(): Promise<void> {
    for await (const { group, invitedBy } of this.#client.requests) {
      this.#print(`${inColour(invitedBy.identity, invitedBy.name)} invites you to ${bold(group.name)}: /requests`)
    }
  }

  async #leave(group: Group): Promise<void> {
    await group.leave()
    if (group.isMember) this.#print(dim('The others are told. You are out as soon as one of them has heard it.'))
  }

  async #permissions(group: Group, argument: string): Promise<void> {
    if (argument === '') return this.#print(permissionsOf(group.permissions))
    const [what = '', who, more] = argument.split(/ +/)
    if (more !== undefined || !Object.hasOwn(group.permissions, what) || (who !== 'members' && who !== 'admins')) {
      fail('ARGUMENT_INVALID', 'Like this: /permissions rename admins (or add, remove, promote; members or admins)')
    }
    await group.setPermissions({ [what]: who })
  }

  #listRequests(): void {
    const requests = this.#client.requests.list()
    if (requests.length === 0) this.#print('No invitation waits for you.')
    for (const [i, { group, invitedBy }] of requests.entries()) {
      const { name, description, members } = group
      this.#print(`${i + 1} ${bold(name)}${description === '' ? '' : ` (${printable(description)})`}`)
      this.#print(`  from ${inColour(invitedBy.identity, invitedBy.name)} ${dim(invitedBy.identity)}`)
      this.#print(`  with ${members.map((member) => inColour(member.identity, member.name)).join(', ')}`)
    }
  }

  #listGroups(): void {
    const groups = this.#client.groups.list()
    if (groups.length === 0) this.#print('You are in no group yet. /create NAME makes one.')
    for (const [i, group] of groups.entries()) {
      const left = group.isMember ? '' : dim(' (you are no longer in it)')
      this.#print(`${group === this.#current ? '*' : ' '} ${i + 1} ${printable(group.name)}${left}`)
    }
  }

  #listMembers(): void {
    for (const { name, identity, admin } of this.#group().members) {
      this.#print(`${inColour(identity, name)}${admin ? ' (admin)' : ''} ${dim(identity)}`)
    }
  }

  async #switchTo(group: Group): Promise<void> {
    this.#current = group
    await this.#showHistory(group, FIRST_MESSAGES)
  }

  async #showHistory(group: Group, limit: number | undefined): Promise<void> {
    this.#print(dim(`— ${printable(group.name)} —`))
    const names = new Map(group.members.map(({ identity, name }) => [identity, name]))
    const nameOf = (identity: string): string => inColour(identity, names.get(identity) ?? 'somebody')
    for await (const message of group.messages({ live: false, ...(limit !== undefined && { limit }) })) {
      this.#print(said(message) + arrivalOf(message, nameOf))
    }
  }

  #group(): Group {
    return (
      this.#current ??
      fail('GROUP_UNKNOWN', 'You are in no group yet. /create NAME makes one, or give somebody your /card.')
    )
  }

  #groupNumbered(text: string): Group {
    const group = this.#client.groups.list()[numberIn(text, '/switch NUMBER') - 1]
    return group ?? fail('ARGUMENT_INVALID', 'There is no such group. /groups lists them with numbers.')
  }

  #request(text: string): JoinRequest {
    const request = this.#client.requests.list()[numberIn(text, '/accept NUMBER') - 1]
    return request ?? fail('REQUEST_UNKNOWN', 'There is no such invitation. /requests lists them with numbers.')
  }

  #identityOf(name: string): string {
    const found = this.#group().members.filter((member) => member.name === name || member.identity === name)
    const [member] = found
    if (member === undefined) {
      return fail('GROUP_UNKNOWN_MEMBER', `Nobody here is called ${printable(name)}. /members lists who is.`)
    }
    if (found.length > 1)
      fail('GROUP_UNKNOWN_MEMBER', `Several are called ${printable(name)}; give the identity from /members.`)
    return member.identity
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.#print(adviceFor(error)))
  }

  #print(text: string): void {
    this.#screen.print(text)
  }
}

function required(argument: string, usage: string): string {
  return argument === '' ? fail('ARGUMENT_INVALID', `Like this: ${usage}`) : argument
}

function numberIn(text: string, usage: string): number {
  return /^[1-9]\d*$/.test(text) ? Number(text) : fail('ARGUMENT_INVALID', `Like this: ${usage}`)
}

function asNumber(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}

/** How many messages are shown when a group comes into view. */
const FIRST_MESSAGES = 20
