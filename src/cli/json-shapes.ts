// How `coterie chat --json` writes what the client knows (docs/command-line.md).

import type { Group } from '../client/group.ts'
import type { JoinRequest } from '../client/join-requests.ts'
import type { Message } from '../client/message.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export function describeGroup({ id, name, description, isMember }: Group): JsonObject {
  return { group: id, name, description, member: isMember }
}

export function describeMembers({ members }: Group): JsonObject[] {
  return members.map(({ identity, name, admin }) => ({ identity, name, admin }))
}

export function describeMessage({
  id,
  sender,
  text,
  sentAt,
  content,
  replyTo,
  edited,
  reactions,
}: Message): JsonObject {
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
  }
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
