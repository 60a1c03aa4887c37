// A power failure at each write of a short life in turn: after every one of them the device comes back and goes on.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import type { Message } from '../../src/client/message.ts'
import { until } from '../../src/testing/until.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../../src/transport/memory/network.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { Ledger } from './ledger.ts'
import { MortalLevel } from './mortal-level.ts'

let network: MemoryNetwork
const devices: Device[] = []

beforeEach(() => {
  network = createMemoryNetwork()
})

afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.close()))
})

describe('a power failure at each write', () => {
  test.each(['alice', 'bob'])('of %s', { timeout: 120_000 }, async (victim) => {
    let writes = 0
    while (await survives(victim, writes)) writes++
    // The first writes make the store; a group, a newcomer, messages and names take more.
    expect(writes).toBeGreaterThan(10)
  })
})

/** @returns whether the life was long enough for the failure to happen */
async function survives(victim: string, writes: number): Promise<boolean> {
  const [alice, bob] = [new Device('alice'), new Device('bob')]
  devices.push(alice, bob)
  const mortal = victim === 'alice' ? alice : bob
  const ledger = new Ledger()
  const died = new Promise<'died'>((resolve) => mortal.dieAfter(writes, () => resolve('died')))
  const first = live(alice, bob, ledger, 'before')
  const end = await Promise.race([first, died])
  if (end === 'died') {
    await mortal.restore()
    await live(alice, bob, ledger, 'after')
  }
  await check(alice, bob, ledger, `${victim} after ${writes} writes`)
  await Promise.all(devices.splice(0).map((device) => device.close()))
  return end === 'died'
}

/** Goes through a life, or through what is left of it. */
async function live(alice: Device, bob: Device, ledger: Ledger, when: string): Promise<void> {
  await alice.open()
  await bob.open()
  await alice.client.connect(addressOf(bob.client))
  const [known] = alice.client.groups.list()
  const club = known ?? (await alice.client.groups.create({ name: 'Book club' }))
  if (!club.members.some(({ identity }) => identity === bob.client.identity)) await club.add(await bob.client.card())
  await until(`bob is in the group ${when}`, () => bob.client.groups.list().length > 0)
  const inBob = bob.client.groups.get(club.id)
  for (const [sender, group] of [
    ['alice', club],
    ['bob', inBob],
  ] as const) {
    for (const step of ['one', 'two']) {
      const text = `${sender} ${step} ${when}`
      const { id } = await group.send(text)
      ledger.confirmed.push({ id, text, readers: new Set(['alice', 'bob']) })
    }
    await group.rename(`${sender}'s club ${when}`)
  }
  await agree(club, inBob, when)
}

async function check(alice: Device, bob: Device, ledger: Ledger, when: string): Promise<void> {
  const groups = [alice, bob].map(({ client }) => client.groups.list())
  expect(
    groups.map(({ length }) => length),
    when,
  ).toEqual([1, 1])
  const [[club], [inBob]] = groups as unknown as [[Group], [Group]]
  await agree(club, inBob, when)
  const read = async (): Promise<Map<string, readonly Message[]>> =>
    new Map([
      ['alice', await history(club)],
      ['bob', await history(inBob)],
    ])
  await until(`all is read by both, ${when}`, async () =>
    [...(await read())].every(([name, messages]) => ledger.missing(name, messages).length === 0),
  )
  ledger.checkHistories(await read())
  for (const group of [club, inBob]) ledger.noteEpochs(group.inspect().epochs)
  ledger.checkCommits()
}

async function agree(one: Group, other: Group, when: string): Promise<void> {
  const view = (group: Group): string => `${group.inspect().head} ${group.export('test', 32).bytes.join()}`
  await until(`both are in one epoch, ${when}`, () => view(one) === view(other))
}

class Device {
  readonly name: string
  readonly #level = new MortalLevel()
  #transport: Transport | undefined
  #client: Client | undefined

  constructor(name: string) {
    this.name = name
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error(`${this.name} is not open`)
    return this.#client
  }

  dieAfter(writes: number, onDeath: () => void): void {
    this.#level.dieAfter(writes, () => {
      void this.#transport?.stop()
      onDeath()
    })
  }

  /** Finds the database as it was left. What the dead client had under way never ends. */
  async restore(): Promise<void> {
    await this.#transport?.stop()
    await this.#level.close()
    this.#level.revive()
    this.#client = undefined
  }

  async open(): Promise<void> {
    this.#client ??= await Client.open({
      storage: this.#level,
      key: new Uint8Array(32).fill(7),
      name: this.name,
      transport: () => {
        this.#transport = network.transport(this.name)
        return this.#transport
      },
    })
  }

  async close(): Promise<void> {
    await this.#client?.close()
  }
}

function addressOf(client: Client): string {
  const [address] = client.addresses
  if (address === undefined) throw new Error(`${client.name} has no address`)
  return address
}

async function history(group: Group): Promise<Message[]> {
  const messages: Message[] = []
  for await (const message of group.messages({ live: false })) messages.push(message)
  return messages
}
