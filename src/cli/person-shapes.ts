// How `coterie chat` writes for a person: names in colour, times, and advice where something is wrong.

import { styleText } from 'node:util'
import type { Group } from '../client/group.ts'
import type { GroupEvent } from '../client/group-events.ts'
import type { Message } from '../client/message.ts'
import { CoterieError } from '../errors.ts'

/** A message on a line of its own. */
export function said({ sender, text, sentAt, content, edited }: Message): string {
  const time = styleText('dim', sentAt.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }))
  const what = content.kind === 'text' ? printable(text) : dim(strangeContent(content))
  return `${time} ${inColour(sender.identity, sender.name)}: ${what}${edited ? dim(' (edited)') : ''}`
}

/** How far a message of one's own has come: a mark where everybody has it, else who has not. Nothing of others' messages. */
export function arrivalOf({ delivery }: Message, nameOf: (identity: string) => string): string {
  if (delivery === undefined || delivery.of === 0) return ''
  const { state, by, of, missing } = delivery
  if (state === 'delivered') return dim(' ✓')
  if (state === 'queued') return dim(' (waits here: nobody has it yet)')
  const names = missing.slice(0, NAMED).map(nameOf).join(', ')
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : ''
  return `${dim(` ${by > 0 ? '✓ ' : ''}${by} of ${of}, not yet:`)} ${names}${dim(more)}`
}

/** What happened in a group, other than messages; undefined where it is not worth a line. */
export function noteOf(event: GroupEvent, nameOf: (identity: string) => string): string | undefined {
  switch (event.type) {
    case 'epoch':
      return event.added.length + event.removed.length === 0 ? undefined : comingsAndGoings(event, nameOf)
    case 'renamed':
      return `The group is now called ${printable(event.name)}.`
    case 'described':
      return `The group is now described as: ${printable(event.description)}`
    case 'permissions':
      return permissionsOf(event.permissions)
    case 'removed':
      return 'You are no longer in this group. /groups shows where you are.'
    case 'reaction': {
      const { identity, emoji, removed } = event
      return `${nameOf(identity)} ${removed ? 'takes back' : 'reacts with'} ${printable(emoji)}`
    }
    case 'edited':
      return `A message was changed: ${printable(event.text)}`
    case 'wish-failed':
      return `What you wanted has become impossible: ${event.reason}`
    case 'unreachable':
      return `${nameOf(event.identity)} has not answered since ${new Date(event.sinceMs).toLocaleString()}.`
    case 'gap':
      return event.missing === 0
        ? `What was missing of ${nameOf(event.identity)} has come.`
        : `${event.missing} messages of ${nameOf(event.identity)} have not come.`
    case 'equivocation':
      return `A device of ${nameOf(event.identity)} says different things to different people.`
    case 'detached':
      return 'The group has gone on without this device. It has asked to be let in again.'
    case 'readded':
      return 'This device is in the group again.'
    case 'message':
    case 'delivery':
    case 'fork-resolved':
    case 'missed':
      return undefined
  }
}

/** Who may do what in a group. */
export function permissionsOf(permissions: Group['permissions']): string {
  const may = (who: 'members' | 'admins'): string => {
    const what = Object.entries(permissions).filter(([, level]) => level === who)
    return what.map(([name]) => name).join(', ')
  }
  const [members, admins] = [may('members'), may('admins')]
  const everybody = members === '' ? '' : `Every member may ${members}.`
  return [everybody, admins === '' ? '' : `Only admins may ${admins}.`].filter((one) => one !== '').join(' ')
}

/** The same person always has the same colour. */
export function inColour(identity: string, name: string): string {
  const sum = [...identity].reduce((total, letter) => total + letter.charCodeAt(0), 0)
  return styleText(COLOURS[sum % COLOURS.length] ?? 'cyan', printable(name))
}

export function dim(text: string): string {
  return styleText('dim', text)
}

export function bold(text: string): string {
  return styleText('bold', printable(text))
}

/** Names and texts come from strangers: control characters would let them draw on the screen. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '?')
}

/** What went wrong, and what to do about it. */
export function adviceFor(error: unknown): string {
  if (!CoterieError.is(error)) return String(error)
  return ADVICE[error.code] ?? error.message
}

/** What it means for a person that something went wrong and ended nothing. */
export function warningFor({ code, origin, message }: CoterieError): string {
  const meaning = MEANING[code]
  if (meaning !== undefined) return `${message}. ${meaning}`
  if (origin !== 'peer' || SPEAKS_FOR_ITSELF.test(code)) return message
  return `something that came from others was of no use and is left out: ${message}`
}

function comingsAndGoings(
  { added, removed }: Extract<GroupEvent, { readonly type: 'epoch' }>,
  nameOf: (identity: string) => string,
): string {
  const came = added.map((identity) => `${nameOf(identity)} is in the group.`)
  const went = removed.map((identity) => `${nameOf(identity)} is no longer in the group.`)
  return [...came, ...went].join(' ')
}

function strangeContent(content: Message['content']): string {
  if (content.kind === 'custom') return `[${printable(content.contentType)}, ${content.bytes.length} bytes]`
  return '[a message that only a newer version can show]'
}

const ADVICE: Partial<Record<CoterieError['code'], string>> = {
  CARD_MALFORMED: 'That is not a whole contact card. Ask for it again: it begins with coterie:card/',
  CARD_SIGNATURE: 'That contact card is damaged. Ask for it again.',
  GROUP_CARD_IS_MEMBER: 'That person is in this group already.',
  GROUP_LAST_ADMIN: 'You are the only admin here. /promote somebody else, then leave.',
  GROUP_NOT_PERMITTED: 'Only admins of this group may do that.',
  GROUP_REMOVED: 'You are no longer in this group. /groups shows where you are, /switch goes there.',
  IDENTITY_CERTIFICATE: 'That contact card claims to be of somebody who has not signed it. Do not trust who sent it.',
  INVITE_EXPIRED: 'That link has expired. Ask for a new one.',
  INVITE_MALFORMED: 'That is not a whole link. Ask for it again: it begins with coterie:invite/',
  INVITE_REFUSED: 'An admin has said no.',
  INVITE_REVOKED: 'That link was revoked. Ask for a new one.',
  INVITE_SIGNATURE: 'That link is damaged. Ask for it again.',
  INVITE_USED_UP: 'That link has let in as many as it may. Ask for a new one.',
  LEAF_LIFETIME: 'That contact card has expired. Ask for a new one.',
  MESSAGE_TOO_LARGE: 'That is too long for one message.',
}

const AGAIN = 'It is tried again by itself'
const MEANING: Partial<Record<CoterieError['code'], string>> = {
  RELAY_BUSY: `${AGAIN}; until then that relay may not keep what is sent to you while you are away`,
  RELAY_REFUSED: `${AGAIN}; until then that relay may not keep what is sent to you while you are away`,
  SYNC_BUSY: AGAIN,
  SYNC_SILENT: AGAIN,
  TRANSPORT_STREAM_FAILED: AGAIN,
  TRANSPORT_UNREACHABLE: `${AGAIN}; what is meant for there waits here`,
}

/** What was dropped, or has ended: that is not of no use, and its message says it all. */
const SPEAKS_FOR_ITSELF = /^(REQUEST|INVITE|GROUP)_/

/** How many of those who do not have a message are named. */
const NAMED = 5
const COLOURS = ['cyan', 'green', 'yellow', 'magenta', 'blue'] as const
