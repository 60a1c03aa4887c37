// `coterie chat --json`: a client for scripts. Commands come in, answers and events go out, one JSON object a line.

import { toHex } from '../bytes.ts'
import type { Client } from '../client/client.ts'
import type { Group, Message } from '../client/group.ts'
import { CoterieError } from '../errors.ts'
import { type JsonCommand, readRequest } from './json-protocol.ts'
import { lines, type Terminal } from './line-input.ts'

/** Runs until the input ends or `quit` comes. The client is the caller's to close. */
export async function jsonChat(client: Client, { input, output, stop }: Terminal): Promise<void> {
  const write = (event: Readonly<Record<string, unknown>>): void => {
    output.write(`${JSON.stringify(event)}\n`)
  }
  client.onWarning((error) => write({ event: 'warning', code: error.code, message: error.message }))
  write({ event: 'ready', identity: client.identity, card: await client.card(), addresses: client.addresses })
  void announceGroups(client, write)
  for await (const line of lines(input, stop)) {
    if (line.trim() === '') continue
    const { ref, command } = readRequest(line)
    try {
      const parsed = command()
      const answer = await carryOut(client, parsed, write)
      write({ event: 'reply', ...(ref !== undefined && { ref }), ok: true, ...answer })
      if (parsed.cmd === 'quit') return
    } catch (error) {
      const { code, message } = describe(error)
      write({ event: 'reply', ...(ref !== undefined && { ref }), ok: false, code, message })
    }
  }
}

type Write = (event: Readonly<Record<string, unknown>>) => void

async function carryOut(
  client: Client,
  command: JsonCommand,
  write: Write,
): Promise<Readonly<Record<string, unknown>>> {
  switch (command.cmd) {
    case 'create': {
      const group = await client.groups.create({ name: command.name })
      return { group: group.id, name: group.name }
    }
    case 'add':
      await client.groups.get(command.group).add(command.card)
      return {}
    case 'send': {
      const { id } = await client.groups.get(command.group).send(command.text)
      write({ event: 'sent', group: command.group, id, state: 'queued' })
      return { id }
    }
    case 'members': {
      const members = membersOf(client.groups.get(command.group))
      write({ event: 'members', group: command.group, members })
      return { members }
    }
    case 'remove':
      await client.groups.get(command.group).remove(command.member)
      return {}
    case 'rename':
      await client.groups.get(command.group).rename(command.name)
      return {}
    case 'promote':
      await client.groups.get(command.group).promote(command.member)
      return {}
    case 'history': {
      const messages: unknown[] = []
      for await (const message of client.groups.get(command.group).messages({ live: false })) {
        messages.push(describeMessage(message))
      }
      return { messages }
    }
    case 'inspect': {
      const { epochs, ...rest } = client.groups.get(command.group).inspect()
      return { ...rest, epochs: epochs.map((epoch) => ({ ...epoch, epoch: Number(epoch.epoch) })) }
    }
    case 'export': {
      const secret = client.groups.get(command.group).export(command.label, EXPORT_BYTES)
      return { secret: toHex(secret.bytes) }
    }
    case 'dial':
      await client.connect(command.addr)
      return {}
    case 'groups':
      return { groups: client.groups.list().map(({ id, name, isMember }) => ({ group: id, name, member: isMember })) }
    case 'card':
      return { card: await client.card() }
    case 'quit':
      return {}
  }
}

/** Tells of each group, of those that come, and of what happens in them from now on. */
async function announceGroups(client: Client, write: Write): Promise<void> {
  for await (const group of client.groups) {
    write({ event: 'group', group: group.id, name: group.name })
    group.onEvent((event) => {
      if (event.type === 'message') {
        write({ event: 'message', group: group.id, ...describeMessage(event.message) })
      } else if (event.type === 'epoch') write({ event: 'members', group: group.id, members: membersOf(group) })
      else if (event.type === 'renamed') write({ event: 'group', group: group.id, name: event.name })
      else if (event.type === 'removed') write({ event: 'removed', group: group.id })
    })
  }
}

function membersOf(group: Group): unknown[] {
  return group.members.map(({ identity, name, admin }) => ({ identity, name, admin }))
}

function describeMessage({ id, sender, text, sentAt }: Message): Readonly<Record<string, unknown>> {
  return { id, sender: sender.identity, name: sender.name, text, sentAt: sentAt.toISOString() }
}

function describe(error: unknown): { code: string; message: string } {
  if (CoterieError.is(error)) return { code: error.code, message: error.message }
  return { code: 'INTERNAL_INVARIANT', message: error instanceof Error ? error.message : String(error) }
}

/** How many bytes `export` gives. */
const EXPORT_BYTES = 32
