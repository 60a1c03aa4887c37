// What all streams of a client promise: they outlive lost connections, wait for whoever reads, end with the reason of an
// abort, and otherwise only when the client closes.

import { describe, expect, test } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import { until } from '../../src/testing/until.ts'
import { addressOf, all, castForEach, deadline, groupOf, heard, only, take, texts } from './cast.ts'

const cast = castForEach()

/** Each stream of a client that is in a group, by its name. */
const streams: Readonly<
  Record<string, (client: Client, group: Group, signal?: AbortSignal) => AsyncIterable<unknown>>
> = {
  messages: (_, group, signal) => group.messages(signal && { signal }),
  events: (_, group, signal) => group.events(signal && { signal }),
  status: (client, _, signal) => client.statusChanges(signal && { signal }),
  groups: (client, _, signal) => client.groups.follow(signal && { signal }),
  requests: (client, _, signal) => client.requests.follow(signal && { signal }),
  contacts: (client, _, signal) => client.contacts.follow(signal && { signal }),
  applicants: (_, group, signal) => group.applicants.follow(signal && { signal }),
}

describe.each(Object.entries(streams))('the stream of %s', (_, open) => {
  test('ends with the reason of an abort, whether that comes before or while it waits', async () => {
    const alice = await cast.enter('alice')
    const club = await alice.groups.create({ name: 'Book club' })
    await expect(all(open(alice, club, AbortSignal.abort(new Error('too late'))))).rejects.toThrow('too late')
    const aborting = new AbortController()
    const reading = all(open(alice, club, aborting.signal))
    aborting.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })

  test('ends without an error when the client closes, for all who read it, and is empty or over after that', async () => {
    const alice = await cast.enter('alice')
    const club = await alice.groups.create({ name: 'Book club' })
    const reading = Promise.all([all(open(alice, club)), all(open(alice, club))])
    await alice.close()
    const [one, other] = await reading
    expect(one).toEqual(other)
    const late = await all(open(alice, club))
    expect(late.length).toBeLessThanOrEqual(1)
  })
})

test('streams outlive lost connections: each thing comes once, and in order', async () => {
  const [alice, bob] = await cast.enterAll('alice', 'bob')
  const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
  const messages = take(inBob.messages({ signal: deadline() }), 3)
  const events = take(only(inBob.events({ signal: deadline() }), 'message', 'renamed'), 4)
  const groups = take(bob.groups.follow({ signal: deadline() }), 2)
  await club.send('one')
  await heard(inBob, 'one')
  cast.network.disconnect('alice', 'bob')
  await until('both have noticed', () => alice.status.peers === 0 && bob.status.peers === 0)
  await club.send('two')
  await club.rename('Film club')
  const other = await alice.groups.create({ name: 'Other club' })
  const card = await bob.card()
  cast.network.heal()
  await until('they are together again', () => bob.status.peers === 1)
  await other.add(card)
  await club.send('three')
  expect(texts(await messages)).toEqual(['one', 'two', 'three'])
  expect((await events).map((event) => (event.type === 'message' ? event.message.text : event.type)).sort()).toEqual([
    'one',
    'renamed',
    'three',
    'two',
  ])
  expect((await groups).map(({ name }) => name)).toEqual(['Film club', 'Other club'])
})

test('whoever reads slowly gets everything, and where it stops to read it can go on from there', async () => {
  const alice = await cast.enter('alice')
  const club = await alice.groups.create({ name: 'Book club' })
  const slow = club.messages({ signal: deadline() })
  const expected = Array.from({ length: 200 }, (_, i) => String(i))
  for (const text of expected) await club.send(text)
  const begun = await take(slow, 50)
  const last = begun.at(-1)
  const rest = await take(club.messages({ after: last?.cursor ?? -1, signal: deadline() }), 150)
  expect(texts([...begun, ...rest])).toEqual(expected)
})

test('invitations that wait are told to whoever begins to read, and those that come later as well', async () => {
  const [alice, bob] = [await cast.enter('alice'), await cast.enter('bob', { invitations: 'ask' })]
  await alice.connect(addressOf(bob))
  const names = ['one', 'two', 'three']
  const invite = async (name: string): Promise<void> => {
    const group = await alice.groups.create({ name })
    await group.add(await bob.card())
    await until(`${name} has come`, () => bob.requests.list().some(({ group: { name: other } }) => other === name))
  }
  await invite('one')
  const reading = take(bob.requests.follow({ signal: deadline() }), 3)
  await invite('two')
  await invite('three')
  expect((await reading).map(({ group }) => group.name)).toEqual(names)
})
