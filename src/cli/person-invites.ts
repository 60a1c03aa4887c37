// What a person at a terminal does with invite links: shows them as QR codes, joins by them, decides who comes in.

import { renderUnicodeCompact } from 'uqr'
import type { Applicant } from '../client/applicants.ts'
import type { Client } from '../client/client.ts'
import type { Group } from '../client/group.ts'
import type { Invite } from '../client/invites.ts'
import { CoterieError, fail } from '../errors.ts'
import type { Screen } from './line-input.ts'
import { adviceFor, bold, dim, inColour, printable } from './person-shapes.ts'

export class PersonInvites {
  readonly #client: Client
  readonly #screen: Pick<Screen, 'print' | 'columns'>

  constructor(client: Client, screen: Pick<Screen, 'print' | 'columns'>) {
    this.#client = client
    this.#screen = screen
  }

  /** @param argument - uses, hours, and `approve`: each may be left out */
  async invite(group: Group, argument: string): Promise<void> {
    const words = argument === '' ? [] : argument.split(/\s+/)
    const approve = words.at(-1) === 'approve'
    const [uses, hours, ...rest] = approve ? words.slice(0, -1) : words
    if (rest.length > 0) fail('ARGUMENT_INVALID', USAGE)
    const options = {
      approve,
      ...(uses !== undefined && { uses: wholeNumber(uses) }),
      ...(hours !== undefined && { expires: wholeNumber(hours) * 3_600_000 }),
    }
    const invite = await group.invite(options).catch((error: unknown) => {
      if (!CoterieError.is(error, 'ARGUMENT_INVALID')) throw error
      return fail('ARGUMENT_INVALID', `An invite is for 1 to 1,000 people and for 1 to 720 hours. ${USAGE}`)
    })
    this.#printCode(invite.link)
    this.#print(invite.link)
    this.#print(dim(`Whoever has it gets in: ${termsOf(invite)}.`))
  }

  async list(group: Group): Promise<void> {
    const invites = await group.invites()
    if (invites.length === 0) this.#print('This group has no invites. /invite makes one.')
    for (const [i, invite] of invites.entries()) {
      this.#print(`${i + 1} ${invite.revoked ? 'revoked' : termsOf(invite)}`)
      if (!invite.revoked && invite.uses > 0) this.#print(`  ${dim(invite.link)}`)
    }
  }

  async revoke(group: Group, argument: string): Promise<void> {
    const found = (await group.invites())[Number(argument) - 1]
    const invite = found ?? fail('INVITE_UNKNOWN', 'There is no such invite. /invites lists them with numbers.')
    if (invite.revoked) return this.#print('That one is revoked already.')
    await invite.revoke()
    this.#print(dim('It is revoked: its link lets nobody in any more.'))
  }

  /** @param argument - the link, and perhaps a note */
  async join(argument: string, enter: (group: Group) => Promise<void>): Promise<void> {
    const [link = '', ...note] = argument.split(' ')
    if (link === '') fail('ARGUMENT_INVALID', 'Like this: /join LINK')
    const { group, invitedBy, needsApproval } = await this.#client.groups.preview(link)
    this.#print(`${inColour(invitedBy.identity, invitedBy.name)} ${dim(invitedBy.identity)}`)
    this.#print(`invites you to ${bold(group.name)}.${needsApproval ? ' An admin has to let you in.' : ''}`)
    const joining = await this.#client.groups.ask(link, { note: note.join(' ').trim() })
    if (!this.#client.groups.joining.includes(joining)) {
      this.#print(dim('You are in that group already.'))
      return enter(await joining.joined())
    }
    const who = needsApproval ? 'An admin decides' : 'Whoever of them is there lets you in'
    this.#print(dim(`You have asked. ${who}; you can leave the program meanwhile.`))
    joining
      .joined()
      .then(enter)
      .catch((error: unknown) => {
        // It goes on when the program is started again.
        if (!CoterieError.is(error, 'CLIENT_CLOSED')) this.#print(adviceFor(error))
      })
  }

  /** Tells of requests of an earlier time that were in vain; where one was not, there is a group. */
  followJoining(): void {
    for (const joining of this.#client.groups.joining) {
      this.#print(dim(`You have asked to be let into ${printable(joining.group.name)}; no answer yet.`))
      joining.joined().catch((error: unknown) => {
        if (!CoterieError.is(error, 'CLIENT_CLOSED')) this.#print(adviceFor(error))
      })
    }
  }

  listApplicants(group: Group): void {
    const applicants = group.applicants.list()
    if (applicants.length === 0) this.#print('Nobody asks to be let in.')
    for (const [i, applicant] of applicants.entries()) this.#print(`${i + 1} ${described(applicant)}`)
  }

  /** @param argument - a name, a number, or nothing where only one asks */
  applicant(group: Group, argument: string): Applicant {
    const all = group.applicants.list()
    if (all.length === 0) fail('REQUEST_UNKNOWN', 'Nobody asks to be let in.')
    const found =
      argument === '' ? all : all.filter(({ name, identity }, i) => [name, identity, `${i + 1}`].includes(argument))
    const [applicant] = found
    if (applicant === undefined) return fail('REQUEST_UNKNOWN', 'Nobody like that asks to be let in: /applicants')
    if (found.length > 1) fail('REQUEST_UNKNOWN', 'Several ask to be let in. /applicants lists them with numbers.')
    return applicant
  }

  /** A code that is wider than the terminal would be torn apart, and could not be read. */
  #printCode(link: string): void {
    const code = renderUnicodeCompact(link, { ecc: 'L' })
    const { columns } = this.#screen
    const width = code.indexOf('\n')
    if (columns === undefined || width <= columns) this.#print(code)
    else
      this.#print(dim(`A QR code of this link takes ${width} columns, and there are ${columns}: here it is as text.`))
  }

  #print(text: string): void {
    this.#screen.print(text)
  }

  /** Tells of those who ask, until the client closes. */
  async follow(group: Group): Promise<void> {
    for await (const applicant of group.applicants) {
      this.#print(`${described(applicant)} asks to be let into ${bold(group.name)}: /approve or /refuse`)
    }
  }
}

function described({ identity, name, note }: Applicant): string {
  return `${inColour(identity, name)} ${dim(identity)}${note === '' ? '' : ` (${printable(note)})`}`
}

function termsOf({ uses, expiresAt, approve }: Invite): string {
  const who = uses === 1 ? 'one person' : `${uses} people`
  return `${who} until ${expiresAt.toLocaleString()}${approve ? ', if an admin approves' : ''}`
}

function wholeNumber(text: string): number {
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : fail('ARGUMENT_INVALID', USAGE)
}

const USAGE = 'Like this: /invite [PEOPLE] [HOURS] [approve]'
