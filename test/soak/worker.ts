// A process with several clients, each with a store on disk and a libp2p node of its own, that does what its parent says.

import { toHex } from '../../src/bytes.ts'
import { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import { CoterieError } from '../../src/errors.ts'
import { libp2pTransport } from '../../src/libp2p.ts'
import type { Answers, Command, Report, Request, View } from './protocol.ts'

const clients = new Map<string, Client>()

process.on('message', (request) => answer(request as Request))
// Without its parent it has nothing to do.
process.on('disconnect', () => process.exit())

async function answer({ ref, client, command }: Request): Promise<void> {
  try {
    report({ ref, answer: await carryOut(client, command) })
  } catch (error) {
    report({ ref, ...described(error) })
  }
}

async function carryOut(name: string, command: Command): Promise<Answers[Command['cmd']]> {
  if (command.cmd === 'open') return open(name, command)
  const client = clients.get(name)
  if (client === undefined) throw new CoterieError('CLIENT_CLOSED', `${name} is not open`)
  switch (command.cmd) {
    case 'close':
      clients.delete(name)
      await client.close()
      return null
    case 'connect':
      await client.connect(command.address)
      return null
    case 'create':
      return { group: (await client.groups.create({ name: command.name })).id }
    case 'view':
      return viewOf(client.groups.list().find(({ id }) => id === command.group))
    default:
      return carryOutIn(client.groups.get(command.group), command)
  }
}

type GroupCommand = Exclude<Command, { readonly cmd: 'open' | 'close' | 'connect' | 'create' | 'view' }>

async function carryOutIn(group: Group, command: GroupCommand): Promise<Answers[Command['cmd']]> {
  switch (command.cmd) {
    case 'add':
      await group.add(command.card)
      return null
    case 'remove':
      await group.remove(command.identity)
      return null
    case 'promote':
      await group.promote(command.identity)
      return null
    case 'rename':
      await group.rename(command.name)
      return null
    case 'send': {
      const before = identitiesIn(group)
      const { id } = await group.send(command.text)
      const after = new Set(identitiesIn(group))
      return { id, readers: before.filter((identity) => after.has(identity)) }
    }
    case 'history': {
      const history: { id: string; text: string }[] = []
      for await (const { id, text } of group.messages({ live: false })) history.push({ id, text })
      return history
    }
    case 'epochs':
      return group.inspect().epochs.map(({ id, parent, committer }) => ({ id, parent, committer }))
  }
}

async function open(name: string, options: Extract<Command, { readonly cmd: 'open' }>): Promise<Answers['open']> {
  const { folder, listen, peers } = options
  const client = await Client.open({
    storage: folder,
    name,
    transport: (privateKey) => libp2pTransport({ privateKey, mdns: false, listen: [listen], bootstrap: peers }),
  })
  clients.set(name, client)
  client.onWarning(({ code, message }) => report({ client: name, warning: code, message }))
  void watch(name, client)
  const [address = ''] = client.addresses
  return { identity: client.identity, card: await client.card(), address }
}

/** Ends when the client closes. */
async function watch(name: string, client: Client): Promise<void> {
  for await (const group of client.groups) group.onEvent(({ type }) => report({ client: name, event: type }))
}

function viewOf(group: Group | undefined): View {
  if (group?.isMember !== true) return { isMember: false }
  const report = group.inspect()
  const { head, chosen, detached, unread, intents, requests } = report
  return {
    isMember: true,
    head,
    name: group.name,
    members: identitiesIn(group).sort(),
    secret: secretOf(group),
    state: JSON.stringify({ epoch: Number(group.epoch), chosen, detached, unread, intents, requests }),
  }
}

/** Nothing as long as the group has given this member a new leaf, and the Welcome to it has not come. */
function secretOf(group: Group): string {
  try {
    return toHex(group.export('soak', SECRET_BYTES).bytes)
  } catch (error) {
    if (CoterieError.is(error, 'GROUP_WELCOME_AWAITED')) return ''
    throw error
  }
}

function identitiesIn(group: Group): string[] {
  return group.members.map(({ identity }) => identity)
}

function described(error: unknown): { code: string; message: string } {
  if (CoterieError.is(error)) return { code: error.code, message: error.message }
  return { code: 'UNEXPECTED', message: error instanceof Error ? String(error.stack) : String(error) }
}

function report(message: Report): void {
  process.send?.(message)
}

const SECRET_BYTES = 32
