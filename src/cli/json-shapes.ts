// How `coterie chat --json` writes what the client knows (docs/command-line.md).

import type { Applicant } from '../client/applicants.ts'
import type { ContactRequest } from '../client/contacts.ts'
import type { Group } from '../client/group.ts'
import type { Invite } from '../client/invites.ts'
import type { JoinRequest } from '../client/join-requests.ts'
import type { InvitePreview, JoiningGroup } from '../client/joining-group.ts'
import type { Message } from '../client/message.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export function describeGroup({ id, name, description, isMember }: Group): JsonObject {
  return { group: id, name, description, member: isMember }
}

export function describeMembers({ members }: Group): JsonObject[] {
  return members.map(({ identity, name, admin }) => ({ identity, name, admin }))
}

/** @param group - that it is in: the members who do not have it yet are named as they are called there */
export function describeMessage(message: Message, group: Group): JsonObject {
  const { id, sender, text, sentAt, content, replyTo, edited, reactions, delivery } = message
  return {
    id,
    sender: sender.identity,
    name: sender.name,
    text,
    sentAt: sentAt.toISOString(),
    ...(replyTo !== undefined && { replyTo }),
    ...(edited && { edited }),
    ...(reactions.length > 0 && { reactions }),
    ...(content.kind === 'custom' && { contentType: content.contentType }),
    ...(delivery !== undefined && describeDelivery(group, delivery)),
  }
}

export function describeDelivery(
  { members }: Group,
  { state, by, of, missing }: NonNullable<Message['delivery']>,
): JsonObject {
  const named = missing.map((identity) => {
    // Whoever has gone since has no name here any more.
    const name = members.find((member) => member.identity === identity)?.name
    return { identity, ...(name !== undefined && { name }) }
  })
  return { state, by, of, missing: named }
}

export function describeRequest({ id, group, invitedBy, size, receivedAt }: JoinRequest): JsonObject {
  const { id: groupId, name, description, members } = group
  return {
    request: id,
    group: groupId,
    name,
    description,
    members,
    size,
    invitedBy,
    receivedAt: receivedAt.toISOString(),
  }
}

export function describeContact({ identity, name, note, card, receivedAt }: ContactRequest): JsonObject {
  return { contact: identity, name, note, card, receivedAt: receivedAt.toISOString() }
}

export function describeInvite({ id, link, uses, expiresAt, approve, revoked, createdBy }: Invite): JsonObject {
  return { invite: id, link, uses, expires: expiresAt.toISOString(), approve, revoked, createdBy }
}

export function describePreview({ group, invitedBy, expiresAt, needsApproval }: InvitePreview): JsonObject {
  return { name: group.name, invitedBy, expires: expiresAt.toISOString(), needsApproval }
}

export function describeJoining(joining: JoiningGroup): JsonObject {
  const { link, note, requestedAt } = joining
  return { link, ...describePreview(joining), note, requestedAt: requestedAt.toISOString() }
}

export function describeApplicant({ identity, name, note, receivedAt }: Applicant): JsonObject {
  return { applicant: identity, name, note, receivedAt: receivedAt.toISOString() }
}
