// People in a group, over an in-process network and real LevelDB: they meet, talk, miss things, catch up, and part.

import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import type { Message } from '../../src/client/message.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../../src/transport/memory/network.ts'

let network: MemoryNetwork
let folder: string
const open: Client[] = []

beforeEach(async () => {
  network = createMemoryNetwork()
  folder = await mkdtemp(join(tmpdir(), 'coterie-people-'))
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()))
  await rm(folder, { recursive: true })
})

describe('people in a group', () => {
  test('two people talk', async () => {
    const [alice, bob] = await people('alice', 'bob')
    const club = await alice.groups.create({ name: 'Book club' })
    await club.add(await bob.card())
    const inBob = await bob.groups.next()
    expect(inBob.name).toBe('Book club')
    expect(inBob.members.map(({ name, admin }) => ({ name, admin }))).toEqual([
      { name: 'alice', admin: true },
      { name: 'bob', admin: false },
    ])
    await club.send('Chapter one tonight?')
    await first(inBob, 1)
    await inBob.send('Yes!')
    expect(texts(await first(inBob, 2))).toEqual(['alice: Chapter one tonight?', 'bob: Yes!'])
    expect(texts(await first(club, 2))).toEqual(['alice: Chapter one tonight?', 'bob: Yes!'])
  })

  test('whoever was away comes back from disk, reads what was missed in the same order, and goes on', async () => {
    const [alice, bob, carol] = await people('alice', 'bob', 'carol')
    const club = await alice.groups.create({ name: 'Book club' })
    await club.add(await bob.card())
    const inBob = await bob.groups.next()
    await club.send('one')
    await first(inBob, 1)
    await alice.close()

    await inBob.add(await carol.card())
    const inCarol = await carol.groups.next()
    await inCarol.send('two')
    await first(inBob, 2)
    await inBob.send('three')
    await first(inCarol, 2)

    const back = await person('alice')
    await back.connect(address(bob))
    const again = await back.groups.next()
    expect(texts(await first(again, 3)).sort()).toEqual(['alice: one', 'bob: three', 'carol: two'])
    expect(texts(await history(again))).toEqual(['alice: one', 'carol: two', 'bob: three'])
    expect(again.epoch).toBe(2n)
    await again.send('four')
    expect(texts(await first(inCarol, 3))).toContain('alice: four')
    const secrets = [again, inBob, inCarol].map((group) => [...group.export('test', 32).bytes])
    expect(secrets[1]).toEqual(secrets[0])
    expect(secrets[2]).toEqual(secrets[0])
  })

  test('whoever was removed learns it and cannot read on', async () => {
    const [alice, bob, carol] = await people('alice', 'bob', 'carol')
    const club = await alice.groups.create({ name: 'Book club' })
    await club.add(await bob.card())
    const inBob = await bob.groups.next()
    await club.add(await carol.card())
    const inCarol = await carol.groups.next()
    await club.remove(bob.identity)
    await until(() => !inBob.isMember)
    await club.send('Without Bob')
    expect(texts(await first(inCarol, 1))).toEqual(['alice: Without Bob'])
    expect(texts(await history(inBob))).toEqual([])
    await expect(inBob.send('Hello?')).rejects.toMatchObject({ code: 'GROUP_REMOVED' })
  })

  test('what is not permitted is refused, and the group goes on', async () => {
    const [alice, bob] = await people('alice', 'bob')
    const club = await alice.groups.create({ name: 'Book club' })
    const card = await bob.card()
    await club.add(card)
    const inBob = await bob.groups.next()
    await expect(inBob.remove(alice.identity)).rejects.toMatchObject({ code: 'GROUP_NOT_PERMITTED' })
    await expect(inBob.promote(bob.identity)).rejects.toMatchObject({ code: 'GROUP_NOT_PERMITTED' })
    await expect(club.add(card)).rejects.toMatchObject({ code: 'GROUP_CARD_IS_MEMBER' })
    await expect(club.remove('did:key:z6MkNobody')).rejects.toMatchObject({ code: 'GROUP_UNKNOWN_MEMBER' })
    await expect(club.remove(alice.identity)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    const flipped = `${card.slice(0, 60)}${card[60] === 'A' ? 'B' : 'A'}${card.slice(61)}`
    await expect(club.add(flipped)).rejects.toMatchObject({ code: expect.stringMatching(/^CARD_/) })
    await expect(club.send('x'.repeat(1_048_577))).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
    await club.promote(bob.identity)
    await until(() => inBob.members.every(({ admin }) => admin))
    await inBob.rename('Film club')
    await until(() => club.name === 'Film club')
    await inBob.send('Still here')
    expect(texts(await first(club, 1))).toEqual(['bob: Still here'])
  })

  test('two who commit at once end in the same epoch, with both wishes fulfilled', async () => {
    const [alice, bob, carol, dave] = await people('alice', 'bob', 'carol', 'dave')
    const club = await alice.groups.create({ name: 'Book club' })
    await club.add(await bob.card())
    const inBob = await bob.groups.next()
    network.partition([alice.name, carol.name], [bob.name, dave.name])
    await Promise.all([club.add(await carol.card()), inBob.add(await dave.card())])
    await Promise.all([club.send('from one side'), inBob.send('from the other')])
    network.heal()
    const names = (group: Group): string => [...group.members.map(({ name }) => name)].sort().join()
    await until(() => names(club) === 'alice,bob,carol,dave' && names(inBob) === 'alice,bob,carol,dave')
    await until(() => club.epoch === inBob.epoch)
    expect([...club.export('test', 32).bytes]).toEqual([...inBob.export('test', 32).bytes])
    expect(texts(await first(club, 2)).sort()).toEqual(['alice: from one side', 'bob: from the other'])
    expect(texts(await first(inBob, 2)).sort()).toEqual(['alice: from one side', 'bob: from the other'])
  })

  test('a store is opened by one at a time, and its key file is for its owner alone', async () => {
    const [alice] = await people('alice')
    const second = Client.open({ storage: join(folder, 'alice'), transport: () => network.transport() })
    await expect(second).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    expect((await stat(join(folder, 'alice.key'))).mode & 0o777).toBe(0o600)
    const { identity } = alice
    await alice.close()
    const wrong = Client.open({
      storage: join(folder, 'alice'),
      passphrase: 'wrong',
      transport: () => network.transport(),
    })
    await expect(wrong).rejects.toMatchObject({ code: 'STORE_PASSPHRASE' })
    expect((await person('alice')).identity).toBe(identity)
  })
})

async function people<const N extends readonly string[]>(...names: N): Promise<{ [K in keyof N]: Client }> {
  const clients = await Promise.all(names.map((name) => person(name)))
  for (const one of clients) for (const other of clients) if (one !== other) await one.connect(address(other))
  return clients as { [K in keyof N]: Client }
}

async function person(name: string): Promise<Client> {
  const client = await Client.open({ storage: join(folder, name), name, transport: () => network.transport(name) })
  open.push(client)
  return client
}

function address(client: Client): string {
  const [first] = client.addresses
  if (first === undefined) throw new Error(`${client.name} has no address`)
  return first
}

/** The messages as they come, until there are this many. */
async function first(group: Group, count: number): Promise<Message[]> {
  const messages: Message[] = []
  for await (const message of group.messages({ signal: AbortSignal.timeout(20_000) })) {
    messages.push(message)
    if (messages.length === count) break
  }
  return messages
}

async function history(group: Group): Promise<Message[]> {
  const messages: Message[] = []
  for await (const message of group.messages({ live: false })) messages.push(message)
  return messages
}

function texts(messages: readonly Message[]): string[] {
  return messages.map(({ sender, text }) => `${sender.name}: ${text}`)
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 20_000, interval: 10 }).toBe(true)
}
