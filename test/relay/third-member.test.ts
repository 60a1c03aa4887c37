// Nobody misses a message although sender and reader are never there together, and no relay is there: through any third member.

import { expect, test } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import { until } from '../../src/testing/until.ts'
import { addressOf, deadline, heard } from '../client/cast.ts'
import { stageForEach } from './people.ts'

const stage = stageForEach()

test('one adds another who is off, writes and goes off; that one joins by the third, answers and goes; the first reads it', async () => {
  const absent = await stage.enter('bob')
  const card = await absent.card()
  await stage.leave(absent)

  const [alice, carol] = [await stage.enter('alice'), await stage.enter('carol')]
  await alice.connect(addressOf(carol))
  const group = await alice.groups.create({ name: 'Book club' })
  await group.add(await carol.card())
  const inCarol = await carol.groups.next(deadline())
  await until('carol is in the group', () => inCarol.epoch === group.epoch)
  await group.add(card)
  await group.send('Chapter one tonight?')
  // At once: what she has left is with carol before she is gone.
  await stage.leave(alice)

  const bob = await stage.enter('bob')
  await meet(bob, carol)
  const theirs = await bob.groups.next(deadline())
  expect((await heard(theirs, 'Chapter one tonight?')).sender).toMatchObject({ name: 'alice' })
  await theirs.send('I am in.')
  await stage.leave(bob)

  const again = await stage.enter('alice')
  await meet(again, carol)
  const ours = only(again)
  await heard(ours, 'I am in.')
  expect(ours.members.map(({ name }) => name).sort()).toEqual(['alice', 'bob', 'carol'])
})

test('the third was off as well when it happened, and had it from a fourth', async () => {
  const absent = await stage.enter('bob')
  const card = await absent.card()
  await stage.leave(absent)
  const people = await Promise.all(['alice', 'carol', 'dave'].map((name) => stage.enter(name)))
  const [alice, carol, dave] = people as [Client, Client, Client]
  const group = await alice.groups.create({ name: 'Book club' })
  for (const other of [carol, dave]) {
    await alice.connect(addressOf(other))
    await group.add(await other.card())
  }
  const [inCarol, inDave] = [await carol.groups.next(deadline()), await dave.groups.next(deadline())]
  await until('all are together', () => [inCarol, inDave].every(({ epoch }) => epoch === group.epoch))
  await stage.leave(dave)
  await group.add(card)
  await group.send('Chapter two?')
  await stage.leave(alice)

  const daveAgain = await stage.enter('dave')
  await meet(daveAgain, carol)
  await heard(only(daveAgain), 'Chapter two?')
  await stage.leave(carol)

  const bob = await stage.enter('bob')
  await meet(bob, daveAgain)
  const theirs = await bob.groups.next(deadline())
  await heard(theirs, 'Chapter two?')
})

/** Whoever is back has another address than before. */
async function meet(one: Client, other: Client): Promise<void> {
  await one.connect(addressOf(other))
}

function only(client: Client): Group {
  const [group] = client.groups.list()
  if (group === undefined) throw new Error(`${client.name} has lost the group`)
  return group
}
