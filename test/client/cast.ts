// People with clients on an in-process network, for the length of a test.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import type { GroupEvent } from '../../src/client/group-events.ts'
import type { Message } from '../../src/client/message.ts'
import type { ClientOptions } from '../../src/client/options.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../../src/transport/memory/network.ts'

/** Whoever takes part in a test; closed at its end. */
export class Cast {
  network: MemoryNetwork = createMemoryNetwork()
  readonly #clients = new Set<Client>()

  /** Opens a client, in memory unless told otherwise. */
  async enter(name: string, options: Partial<ClientOptions> = {}): Promise<Client> {
    const transport = (): ReturnType<MemoryNetwork['transport']> => this.network.transport(name)
    const client = await Client.open({ storage: 'memory', name, transport, ...options })
    this.#clients.add(client)
    return client
  }

  /** Opens clients that are connected to each other. */
  async enterAll<const N extends readonly string[]>(...names: N): Promise<{ [K in keyof N]: Client }> {
    const clients = await Promise.all(names.map((name) => this.enter(name)))
    for (const one of clients) for (const other of clients) if (one !== other) await one.connect(addressOf(other))
    return clients as { [K in keyof N]: Client }
  }

  async leave(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.close()))
    this.#clients.clear()
    this.network = createMemoryNetwork()
  }
}

/** A cast for each test of a file. */
export function castForEach(): Cast {
  const cast = new Cast()
  beforeEach(() => {
    cast.network = createMemoryNetwork()
  })
  afterEach(() => cast.leave())
  return cast
}

/** A folder for the stores of each test of a file; it goes when the cast has left. @returns where something lies in it */
export function folderForEach(cast: Cast): (name: string) => string {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coterie-client-'))
  })
  afterEach(async () => {
    await cast.leave()
    await rm(folder, { recursive: true })
  })
  return (name) => join(folder, name)
}

export function addressOf(client: Client): string {
  const [first] = client.addresses
  if (first === undefined) throw new Error(`${client.name} has no address`)
  return first
}

/** Makes a group of people who are connected. @returns the group as each of them sees it */
export async function groupOf(founder: Client, ...others: readonly Client[]): Promise<[Group, ...Group[]]> {
  const group = await founder.groups.create({ name: 'Book club' })
  for (const other of others) await group.add(await other.card())
  const theirs = await Promise.all(others.map((other) => other.groups.next(deadline())))
  return [group, ...theirs]
}

/** The first items of a stream. */
export async function take<T>(stream: AsyncIterable<T>, count: number): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) {
    items.push(item)
    if (items.length === count) break
  }
  return items
}

/** The events of some types alone. */
export async function* only(
  events: AsyncIterable<GroupEvent>,
  ...types: readonly GroupEvent['type'][]
): AsyncGenerator<GroupEvent, void, undefined> {
  for await (const event of events) if (types.includes(event.type)) yield event
}

/** Everything of a stream that ends. */
export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  return take(stream, Number.POSITIVE_INFINITY)
}

/** Waits for a group to have a message with this text, and gives it. */
export async function heard(group: Group, text: string): Promise<Message> {
  for await (const message of group.messages({ signal: deadline() })) if (message.text === text) return message
  throw new Error('the client was closed')
}

export function texts(messages: readonly Message[]): string[] {
  return messages.map(({ text }) => text)
}

/** For whatever should have happened long before, on however busy a machine: a little less than a test may take. */
export function deadline(): AbortSignal {
  return AbortSignal.timeout(50_000)
}
