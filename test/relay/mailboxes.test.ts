// In a mailbox at a relay nobody hides what others leave: room is shared among the peers by which things come, and what there
// was no room for can be left again.

import { afterEach, expect, test } from 'vitest'
import { toHex } from '../../src/bytes.ts'
import { Client } from '../../src/client/client.ts'
import { encode } from '../../src/codec/writer.ts'
import type { RelayLimits } from '../../src/relay/limits.ts'
import { Pins } from '../../src/relay/pins.ts'
import { until } from '../../src/testing/until.ts'
import { readContactCard } from '../../src/wire/contact-card.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { inboxChannel } from '../../src/wire/inbox.ts'
import { inviteChannel } from '../../src/wire/invite.ts'
import { readInviteLink } from '../../src/wire/invite-link.ts'
import { type TopicKeys, topicFromSeed } from '../../src/wire/topic.ts'
import { deadline } from '../client/cast.ts'
import { frameOf, topic as inbox, NOW, wire } from '../client/sync/holder.ts'
import { RelayHere } from './relay-here.ts'

let stage: RelayHere
const clients = new Set<Client>()
const other = await topicFromSeed(wire, new Uint8Array(32).fill(2))

afterEach(async () => {
  await Promise.all([...clients].map((client) => client.close()))
  clients.clear()
  await stage.close()
})

test('a flood by many names hides nothing that was left before, meanwhile or afterwards', async () => {
  await begin({ maxTopicFrames: 100 })
  const before = await left('alice', 2)
  await flood('one', 16, 20)
  const meanwhile = await left('bob', 2)
  await flood('two', 16, 20)
  const after = await left('carol', 1)
  expect(stage.relay.status.frames).toBe(100)
  const found = await atOwner()
  expect(found.length).toBe(100)
  for (const frame of [...before, ...meanwhile, ...after]) expect(found).toContain(toHex(frame.id))
})

test('the owner gets one of each peer’s first, then another of each: nobody waits behind a flood', async () => {
  await begin({ maxTopicFrames: 1_000 })
  await flood('flooder', 16, 20)
  const mine = await left('alice', 2)
  const owner = await stage.peer('somebody')
  const { taken } = await stage.exchange(owner, inbox)
  const order = taken.map(({ id }) => toHex(id))
  expect(order).toHaveLength(322)
  const [first, second] = mine.map(({ id }) => order.indexOf(toHex(id)))
  expect(first).toBeLessThan(17)
  expect(second).toBeGreaterThan(first ?? 0)
  expect(second).toBeLessThan(34)
  await owner.stop()
})

test('nor does one over the topic, of which no more is passed on than there is room for', async () => {
  await begin({ maxTopicFrames: 40 })
  const before = await left('alice', 1)
  const listener = await stage.peer('listener')
  const heard = new Set<string>()
  listener.subscribe(inbox.name, (bytes) => {
    heard.add(toHex(wire.hash.digest(bytes)))
    return 'ignore'
  })
  const { counters } = stage.relay
  let thrown = stage.judged
  for (const name of ['one', 'two', 'three']) {
    const flooder = await stage.peer(name)
    await until('the relay listens', () => flooder.peers(inbox.name).length > 0)
    for (const { bytes } of await framesOf(60)) await flooder.publish(inbox.name, bytes)
    thrown += 60
    await until('all is judged', () => stage.judged === thrown)
  }
  const alice = await stage.peer('friend')
  await until('the relay listens', () => alice.peers(inbox.name).length > 0)
  const [after] = await framesOf(1)
  if (after === undefined) throw new Error('there is one')
  await alice.publish(inbox.name, after.bytes)
  await until('all is judged', () => stage.judged === thrown + 1)
  const found = await atOwner()
  expect(found).toEqual(expect.arrayContaining([...before, after].map(({ id }) => toHex(id))))
  expect(counters.of('frames_refused_limit')).toBeGreaterThanOrEqual(3 * 20)
  expect(heard.size).toBeLessThanOrEqual(counters.of('frames_kept'))
  expect(stage.errors).toEqual([])
})

test('whoever was there stays where all have left equally much, and what went can be left again', async () => {
  await begin({ maxTopicFrames: 6 })
  const early = [await left('alice', 1), await left('bob', 1), await left('carol', 1)].flat()
  const more = await left('alice', 3)
  const late: Frame[] = []
  for (const name of ['dave', 'erin', 'frank']) late.push(...(await left(name, 1)))
  // Whoever had most has made room for each of them, and there is none for one more.
  expect(await atOwner()).toEqual(namesOf([...early, ...late]))
  const none = await left('grace', 1)
  expect(await atOwner()).toEqual(namesOf([...early, ...late]))
  // When there is room again, senders leave what they have once more; it is of a time of which other things went.
  stage.nowMs += 3_600_000
  await restart({ maxTopicFrames: 20 })
  await leave('grace', none)
  await leave('alice', more)
  expect(await atOwner()).toEqual(namesOf([...early, ...late, ...none, ...more]))
})

test('a restart does not help a flood, though the relay does not know any more who left what', async () => {
  await begin({ maxTopicFrames: 100 })
  const before = await left('alice', 2)
  stage.nowMs += 60_000
  await flood('one', 16, 20)
  stage.nowMs += 60_000
  const after = await left('bob', 2)
  await stage.restart()
  stage.nowMs += 60_000
  await flood('two', 16, 20)
  const last = await left('carol', 1)
  const found = await atOwner()
  expect(found.length).toBe(100)
  expect(found).toEqual(expect.arrayContaining(namesOf([...before, ...after, ...last])))
})

test('where all topics together have too much, a mailbox that is the largest is shared as well', async () => {
  await begin({ maxFrames: 100, maxTopicFrames: 100 })
  await stage.pin(await stage.peer('member'), other)
  const ofGroup = await framesOf(10, other)
  await leave('alice', ofGroup, other)
  const before = await left('alice', 2)
  await flood('one', 8, 40)
  const after = await left('bob', 1)
  expect(stage.relay.status.frames).toBeLessThanOrEqual(100)
  expect(await atOwner()).toEqual(expect.arrayContaining(namesOf([...before, ...after])))
  expect(await found(other)).toEqual(namesOf(ofGroup))
})

test('what is short in all is what topics are judged by', async () => {
  const [small] = await framesOf(1)
  const length = small?.bytes.length ?? 0
  await begin({ maxBytes: 1_000 * length, maxFrames: 100, maxTopicBytes: 1_000 * length, maxTopicFrames: 100 })
  // More than half of the bytes, and hardly any frames.
  const large = [await frameOf(550 * length, stage.nowMs, inbox)]
  await leave('alice', large)
  await stage.pin(await stage.peer('member'), other)
  await leave('flooder', await framesOf(100, other), other)
  expect(await atOwner()).toEqual(namesOf(large))
  expect((await found(other)).length).toBeLessThan(100)
})

test('a mailbox stays one as long as it is pinned, whatever else somebody with the key asks for', async () => {
  await begin({ maxTopicFrames: 50 })
  const mallory = await stage.peer('mallory')
  await stage.pin(mallory, inbox, 86_400, false)
  await stage.restart()
  await stage.pin(mallory, inbox, 2 * 86_400, false)
  const before = await left('alice', 1)
  await flood('one', 16, 20)
  expect(await atOwner()).toEqual(expect.arrayContaining(namesOf(before)))
})

test('nor does it matter who asks first, or at the same time', async () => {
  await begin({}, false)
  const pins = await Pins.open(stage.store)
  const [untilMs, later] = [stage.nowMs + 1_000, stage.nowMs + 2_000]
  await Promise.all([
    pins.add(other.name, { untilMs, isMailbox: true }),
    pins.add(other.name, { untilMs: later, isMailbox: false }),
  ])
  for (const one of [pins, await Pins.open(stage.store)]) {
    expect(one.isMailbox(other.name)).toBe(true)
    expect(one.expired(later)).toEqual([])
  }
})

test('what was pinned as something else becomes a mailbox when it is asked for as one', async () => {
  await begin({ maxTopicFrames: 50 }, false)
  await flood('one', 2, 60)
  expect(await pinned(inbox)).toBe(false)
  await stage.pin(await stage.peer('the owner'), inbox, 60, true)
  expect(await pinned(inbox)).toBe(true)
  const after = await left('alice', 1)
  await flood('two', 16, 20)
  expect(await atOwner()).toEqual(expect.arrayContaining(namesOf(after)))
})

test('a relay that was made before there were mailboxes goes on with the topics that it carried', async () => {
  await begin({}, false)
  await stage.relay.close()
  const untilMs = stage.nowMs + 60_000
  await stage.store.write((batch) => {
    batch.put(
      'pins',
      inbox.name,
      encode((writer) => writer.uint64(BigInt(untilMs)), undefined),
    )
  })
  await stage.open()
  expect(stage.relay.status.topics).toBe(1)
  expect(await pinned(inbox)).toBe(false)
  expect(await stage.pin(await stage.peer('the owner'), inbox, 1, true)).toBe(60)
  expect(await pinned(inbox)).toBe(true)
})

test('clients say of inboxes that they are mailboxes, of groups and invites that they are not', async () => {
  stage = new RelayHere()
  stage.nowMs = Date.now()
  await stage.open()
  const [alice, bob, carol] = [await enter('alice'), await enter('bob'), await enter('carol')]
  const off = await enter('dave')
  const inboxes = await Promise.all([alice, bob, carol, off].map((client) => inboxOf(client)))
  const card = await off.card()
  await off.close()
  const group = await alice.groups.create({ name: 'Book club' })
  await group.add(await bob.card())
  const theirs = await bob.groups.next(deadline())
  await group.add(card)
  const { link } = await theirs.invite()
  const invite = (await inviteChannel(wire, (await readInviteLink(wire, link)).topicSeed)).topic
  await carol.groups.join(link, { signal: deadline() })
  await until('everything is pinned', async () => {
    const { topics } = await Pins.open(stage.store)
    return [...inboxes, invite].every(({ name }) => topics.includes(name)) && topics.length > 5
  })
  const pins = await Pins.open(stage.store)
  const mailboxes = pins.topics.filter((name) => pins.isMailbox(name))
  expect(mailboxes.toSorted()).toEqual(inboxes.map(({ name }) => name).toSorted())
  expect(stage.errors).toEqual([])
})

async function begin(limits: Partial<RelayLimits> = {}, isMailbox = true): Promise<void> {
  stage = await new RelayHere(limits).open()
  stage.nowMs = NOW
  await stage.pin(await stage.peer('owner'), inbox, 30 * 86_400, isMailbox)
}

/** The same relay with other limits. */
async function restart(limits: Partial<RelayLimits>): Promise<void> {
  Object.assign(stage.limits, limits)
  await stage.restart()
}

/** Somebody leaves something in the inbox. */
async function left(name: string, count: number): Promise<readonly Frame[]> {
  const frames = await framesOf(count)
  await leave(name, frames)
  return frames
}

async function leave(name: string, frames: readonly Frame[], on: TopicKeys = inbox): Promise<void> {
  const transport = await stage.peer(name)
  await stage.exchange(transport, on, frames, false)
  await transport.stop()
}

/** Many who have the card. */
async function flood(wave: string, names: number, each: number): Promise<void> {
  for (let i = 0; i < names; i++) await left(`flooder ${wave} ${i}`, each)
}

/** What the owner finds who takes what is there. */
function atOwner(): Promise<string[]> {
  return found(inbox)
}

async function found(on: TopicKeys): Promise<string[]> {
  const transport = await stage.peer('somebody')
  const { taken } = await stage.exchange(transport, on)
  await transport.stop()
  return namesOf(taken)
}

function framesOf(count: number, on: TopicKeys = inbox): Promise<Frame[]> {
  return Promise.all(Array.from({ length: count }, () => frameOf('x', stage?.nowMs ?? NOW, on)))
}

function namesOf(frames: readonly Frame[]): string[] {
  return frames.map(({ id }) => toHex(id)).toSorted()
}

async function pinned(on: TopicKeys): Promise<boolean> {
  return (await Pins.open(stage.store)).isMailbox(on.name)
}

async function inboxOf(client: Client): Promise<TopicKeys> {
  return (await inboxChannel(wire, (await readContactCard(wire, await client.card())).inbox)).topic
}

async function enter(name: string): Promise<Client> {
  const client = await Client.open({
    ...{ storage: 'memory', name, relays: ['memory:relay'] },
    transport: () => stage.network.transport(name),
  })
  clients.add(client)
  return client
}
