// A relay that withholds, forges, babbles or keeps silent harms nobody who has another way.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/client.ts'
import { encode } from '../../src/codec/writer.ts'
import { encodeKeyPackage } from '../../src/messages/key-package.ts'
import { until } from '../../src/testing/until.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { readContactCard } from '../../src/wire/contact-card.ts'
import { inboxChannel } from '../../src/wire/inbox.ts'
import { deadline, heard } from '../client/cast.ts'
import { wire } from '../client/sync/holder.ts'
import { type Badness, BadRelay } from './bad-relay.ts'
import { RelayHere } from './relay-here.ts'

let folder: string
let stage: RelayHere
let warnings: string[]
/** Which topics clients have begun to hear, in this order. */
let topics: string[] = []
const clients = new Set<Client>()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coterie-bad-relay-'))
  stage = new RelayHere()
  stage.nowMs = Date.now()
  await stage.open()
  warnings = []
})

afterEach(async () => {
  await Promise.all([...clients].map((client) => client.close()))
  clients.clear()
  await stage.close()
  await rm(folder, { recursive: true })
})

describe.each<Badness>(['withholds', 'forges', 'babbles', 'never answers'])('beside a relay that %s', (badness) => {
  test('whoever uses a good one too misses nothing', async () => {
    const bad = await new BadRelay(stage.network, 'bad', badness).start()
    const relays = ['memory:bad', 'memory:relay']
    const absent = await enter('bob', relays)
    const card = await absent.card()
    await until('the inbox of bob is pinned', () => stage.relay.status.oneTimeKeyPackages === 20)
    await leave(absent)

    const alice = await enter('alice', relays)
    const group = await alice.groups.create({ name: 'Book club' })
    await group.add(card)
    await group.send('Chapter one tonight?')
    const probe = await stage.peer('probe')
    const inbox = (await inboxChannel(wire, (await readContactCard(wire, card)).inbox)).topic
    await until('the good relay keeps the Welcome', async () => {
      return (await stage.exchange(probe, inbox)).taken.length > 0
    })
    await leave(alice)

    const bob = await enter('bob', relays)
    const theirs = await bob.groups.next(deadline())
    await heard(theirs, 'Chapter one tonight?')
    await until('the bad one was met', () => bad.met > 0)
    await theirs.send('I am in.')
    expect(theirs.isMember).toBe(true)
    await bad.transport.stop()
  }, 40_000)
})

test('a key package of somebody else, or of nobody, is not taken for that of the card', async () => {
  const bad = await new BadRelay(stage.network, 'bad', 'withholds').start()
  const [bob, mallory] = [await enter('bob', ['memory:bad']), await enter('mallory', [])]
  const card = await bob.card()
  const other = await readContactCard(wire, await mallory.card())
  for (const keyPackage of [encode(encodeKeyPackage, other.keyPackage), Uint8Array.of(1, 2, 3)]) {
    bad.keyPackage = keyPackage
    const alice = await enter('alice', [])
    const group = await alice.groups.create({ name: 'Book club' })
    await alice.connect(String(bob.addresses[0]))
    await group.add(card)
    expect(group.members.map(({ identity }) => identity)).toContain(bob.identity)
    expect(group.members.map(({ identity }) => identity)).not.toContain(mallory.identity)
    const theirs = await bob.groups.next(deadline())
    await group.send('Hello')
    await heard(theirs, 'Hello')
    expect(warnings.filter((warning) => warning.startsWith('alice: RELAY_REFUSED'))).toHaveLength(1)
    warnings = []
    await leave(alice)
  }
  await bad.transport.stop()
})

test('a relay that grants no time is not asked again and again', async () => {
  const bad = await new BadRelay(stage.network, 'bad', 'withholds').start()
  bad.seconds = 0
  const alice = await enter('alice', ['memory:bad'])
  for (let groups = 1; groups <= 5; groups++) {
    await alice.groups.create({ name: `Club ${groups}` })
    await until('the topic is pinned', () => bad.pins > groups)
  }
  expect(bad.pins).toBe(6)
  await leave(alice)
  await bad.transport.stop()
})

test("a relay that was on somebody's card learns of the group that it is for, and not of anything else", async () => {
  const bad = await new BadRelay(stage.network, 'bad', 'withholds').start()
  const bob = await enter('bob', ['memory:bad'])
  topics = []
  const alice = await enter('alice', [])
  const group = await alice.groups.create({ name: 'Book club' })
  const other = await alice.groups.create({ name: 'Private' })
  const [inbox = '', ofGroup = '', ofOther = ''] = topics
  await group.add(await bob.card())
  await other.send('to nobody else')
  await until('it has learned of the group', () => bad.learned.has(ofGroup))
  expect(warnings.filter((warning) => warning === 'alice: SYNC_PROOF')).toEqual([])
  // From now on it is known for a relay.
  for (const topic of [inbox, ofOther]) bad.listen(topic)
  const refusals = (): number => warnings.filter((warning) => warning === 'alice: SYNC_PROOF').length
  await until('alice has refused to tell it more', () => refusals() >= 2)
  expect(bad.learned.has(inbox)).toBe(false)
  expect(bad.learned.has(ofOther)).toBe(false)
  await bad.transport.stop()
})

async function enter(name: string, relays: readonly string[]): Promise<Client> {
  const client = await Client.open({
    storage: join(folder, name),
    name,
    relays,
    transport: () => noting(stage.network.transport(name)),
  })
  client.onWarning(({ code }) => warnings.push(`${name}: ${code}`))
  clients.add(client)
  return client
}

async function leave(client: Client): Promise<void> {
  await client.close()
  clients.delete(client)
}

function noting(transport: Transport): Transport {
  const subscribe = transport.subscribe.bind(transport)
  transport.subscribe = (topic, onFrame) => {
    topics.push(topic)
    return subscribe(topic, onFrame)
  }
  return transport
}
