// `coterie chat --json`: a client for scripts. Commands come in, answers and events go out, one JSON object a line.

import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { toHex } from '../bytes.ts'
import type { Client } from '../client/client.ts'
import type { Group } from '../client/group.ts'
import { CoterieError } from '../errors.ts'
import { carryOutContacts } from './json-contacts.ts'
import { JsonEvents } from './json-events.ts'
import { carryOutInvites, carryOutJoining } from './json-invites.ts'
import { type JsonCommand, readRequest } from './json-protocol.ts'
import { describeGroup, describeMembers, describeMessage, describeRequest, type JsonObject } from './json-shapes.ts'
import { lines, type Terminal } from './line-input.ts'

/** Runs until the input ends or `quit` comes. The client is the caller's to close. */
export async function jsonChat(client: Client, { input, output, stop }: Terminal): Promise<void> {
  const write = writerTo(output)
  const events = new JsonEvents(client, write)
  await write({ event: 'ready', identity: client.identity, card: await client.card(), addresses: client.addresses })
  events.start()
  for await (const line of lines(input, stop)) {
    if (line.trim() === '') continue
    const { ref, command } = readRequest(line)
    const reply = { event: 'reply', ...(ref !== undefined && { ref }) }
    try {
      const parsed = command()
      const answer = await carryOut(client, parsed, write, events)
      await write({ ...reply, ok: true, ...answer })
      if (parsed.cmd === 'quit') return
    } catch (error) {
      await write({ ...reply, ok: false, ...describeError(error) })
    }
  }
}

type Write = (event: JsonObject) => Promise<void>

/** Waits where the reader of the output is slow. Where it is gone the chat is about to end, and nothing waits. */
function writerTo(output: Writable): Write {
  return async (event) => {
    if (output.write(`${JSON.stringify(event)}\n`) || output.destroyed) return
    await once(output, 'drain').catch(() => undefined)
  }
}

async function carryOut(client: Client, command: JsonCommand, write: Write, events: JsonEvents): Promise<JsonObject> {
  switch (command.cmd) {
    case 'create': {
      const { name, description } = command
      const group = await client.groups.create({ name, ...(description !== undefined && { description }) })
      return { group: group.id, name: group.name }
    }
    case 'groups':
      return { groups: client.groups.list().map(describeGroup) }
    case 'card':
      return { card: await client.card() }
    case 'dial':
      await client.connect(command.addr)
      return {}
    case 'requests':
      return { requests: client.requests.list().map(describeRequest) }
    case 'accept': {
      const group = await client.requests.get(command.request).accept()
      return { group: group.id, name: group.name }
    }
    case 'decline':
      await client.requests.get(command.request).decline()
      return {}
    case 'ask':
    case 'contacts':
    case 'dismiss':
      return carryOutContacts(client, command)
    case 'preview':
    case 'join':
    case 'joining':
    case 'cancel':
      return carryOutJoining(client, command, events)
    case 'quit':
      return {}
    default:
      return carryOutIn(client.groups.get(command.group), command, write, events)
  }
}

type GroupCommand = Extract<JsonCommand, { readonly group: string }>

async function carryOutIn(group: Group, command: GroupCommand, write: Write, events: JsonEvents): Promise<JsonObject> {
  switch (command.cmd) {
    case 'add':
      await group.add(command.card)
      return {}
    case 'send': {
      const { text, replyTo, key } = command
      const body = { kind: 'text', text, ...(replyTo !== undefined && { replyTo }) } as const
      const { id, delivery } = await group.send(body, key === undefined ? {} : { idempotencyKey: key })
      await events.deliveries.tell(group, id, delivery)
      return { id }
    }
    case 'members': {
      const members = describeMembers(group)
      await write({ event: 'members', group: group.id, members })
      return { members }
    }
    case 'remove':
      await group.remove(command.member)
      return {}
    case 'leave':
      await group.leave()
      return {}
    case 'rename':
      await group.rename(command.name)
      return {}
    case 'describe':
      await group.describe(command.description)
      return {}
    case 'promote':
      await group.promote(command.member)
      return {}
    case 'permissions': {
      const { cmd, group: _, ...change } = command
      if (Object.keys(change).length > 0) await group.setPermissions(change as Partial<Group['permissions']>)
      return { ...group.permissions }
    }
    case 'history': {
      const messages: JsonObject[] = []
      for await (const message of group.messages({ live: false })) messages.push(describeMessage(message, group))
      return { messages }
    }
    case 'inspect':
      return { ...withoutBigInts(group.inspect()) }
    case 'invite':
    case 'invites':
    case 'revoke':
    case 'applicants':
    case 'approve':
    case 'refuse':
      return carryOutInvites(group, command)
    case 'export':
      return { secret: toHex(group.export(command.label, EXPORT_BYTES).bytes) }
  }
}

/** Numbers of epochs and messages, which JSON has no type for, as numbers. */
function withoutBigInts(report: object): JsonObject {
  const text = JSON.stringify(report, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))
  return JSON.parse(text) as JsonObject
}

function describeError(error: unknown): { code: string; message: string } {
  if (CoterieError.is(error)) return { code: error.code, message: error.message }
  return { code: 'INTERNAL_INVARIANT', message: error instanceof Error ? error.message : String(error) }
}

/** How many bytes `export` gives. */
const EXPORT_BYTES = 32
