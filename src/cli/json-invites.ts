// The commands of `coterie chat --json` that are about invite links (docs/command-line.md).

import type { Client } from '../client/client.ts'
import type { Group } from '../client/group.ts'
import { fail } from '../errors.ts'
import type { JsonEvents } from './json-events.ts'
import type { JsonCommand } from './json-protocol.ts'
import { describeApplicant, describeInvite, describeJoining, describePreview, type JsonObject } from './json-shapes.ts'

type JoinCommand = Extract<JsonCommand, { readonly cmd: 'preview' | 'join' | 'joining' | 'cancel' }>
type InviteCommand = Extract<
  JsonCommand,
  { readonly cmd: 'invite' | 'invites' | 'revoke' | 'applicants' | 'approve' | 'refuse' }
>

/** What concerns groups that this client is not in yet. */
export async function carryOutJoining(client: Client, command: JoinCommand, events: JsonEvents): Promise<JsonObject> {
  switch (command.cmd) {
    case 'preview':
      return describePreview(await client.groups.preview(command.link))
    case 'join': {
      const { link, note } = command
      const joining = await client.groups.ask(link, note === undefined ? {} : { note })
      // Who answers may come in days: other commands do not wait for it.
      events.followJoining(joining)
      return describePreview(joining)
    }
    case 'joining':
      return { joining: client.groups.joining.map(describeJoining) }
    case 'cancel': {
      const found = client.groups.joining.find(({ link }) => link === command.link)
      await (found ?? fail('INVITE_UNKNOWN', 'nothing waits for an answer to this link')).cancel()
      return {}
    }
  }
}

/** What concerns a group that this client is in. */
export async function carryOutInvites(group: Group, command: InviteCommand): Promise<JsonObject> {
  switch (command.cmd) {
    case 'invite': {
      const { uses, expires, approve } = command
      if (expires !== undefined && !(expires > 0 && expires <= LONGEST_SECONDS)) {
        fail('ARGUMENT_INVALID', `expires is a number of seconds from now on, at most ${LONGEST_SECONDS}: 30 days`)
      }
      const invite = await group.invite({
        ...(uses !== undefined && { uses }),
        ...(expires !== undefined && { expires: Math.ceil(expires * 1_000) }),
        ...(approve !== undefined && { approve }),
      })
      return describeInvite(invite)
    }
    case 'invites':
      return { invites: (await group.invites()).map(describeInvite) }
    case 'revoke': {
      const found = (await group.invites()).find(({ id }) => id === command.invite)
      await (found ?? fail('INVITE_UNKNOWN', 'the group has no invite with this id')).revoke()
      return {}
    }
    case 'applicants':
      return { applicants: group.applicants.list().map(describeApplicant) }
    case 'approve':
      await group.applicants.get(command.applicant).approve()
      return {}
    case 'refuse':
      await group.applicants.get(command.applicant).refuse()
      return {}
  }
}

const LONGEST_SECONDS = 2_592_000
