// Who has a message: told by the message itself, now and after a restart, and not of those who were not there.

import { MemoryLevel } from 'memory-level'
import { expect, test } from 'vitest'
import type { Group } from '../../src/client/group.ts'
import type { Delivery } from '../../src/session/effects.ts'
import { until } from '../../src/testing/until.ts'
import { addressOf, castForEach, deadline, groupOf, heard } from './cast.ts'

const cast = castForEach()

test('a message of one’s own tells who has it by now', async () => {
  const storage = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
  const options = { storage, key: new Uint8Array(32) }
  const alice = await cast.enter('alice', options)
  const [bob, carol, dave] = await cast.enterAll('bob', 'carol', 'dave')
  for (const other of [bob, carol, dave]) await other.connect(addressOf(alice))
  const [club, inBob, inCarol] = (await groupOf(alice, bob, carol)) as [Group, Group, Group]
  await until('all are in the same epoch', () => inBob.epoch === club.epoch && inCarol.epoch === club.epoch)
  cast.network.partition(['alice', 'bob', 'dave'], ['carol'])
  const { id } = await club.send('Chapter one tonight?')
  const message = await club.message(id)
  if (message === undefined) throw new Error('it was sent')
  await until('bob has it', () => message.deliveredTo.length === 1)
  expect(message.deliveredTo).toEqual([bob.identity])
  cast.network.heal()
  const all = [bob.identity, carol.identity].sort()
  await until('carol has it as well', () => message.deliveredTo.length === 2)
  expect([...message.deliveredTo].sort()).toEqual(all)
  // What others know of it is not known here, and theirs is not known there.
  expect((await heard(inBob, 'Chapter one tonight?')).deliveredTo).toEqual([])

  await club.add(await dave.card())
  await until('dave is in the group', () => dave.groups.list().length === 1)
  const later = await club.send('Welcome, Dave')
  await later.settled
  expect((await club.message(later.id))?.deliveredTo.length).toBe(3)
  await alice.close()
  const back = (await cast.enter('alice', options)).groups.get(club.id)
  expect([...((await back.message(id))?.deliveredTo ?? [])].sort()).toEqual(all)
})

test('a message of one’s own tells how far it has come and who is missing, whichever process has sent it', async () => {
  const storage = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
  const options = { storage, key: new Uint8Array(32) }
  const [bob, carol, dave] = await cast.enterAll('bob', 'carol', 'dave')
  let alice = await cast.enter('alice', options)
  for (const other of [bob, carol, dave]) await other.connect(addressOf(alice))
  const [club, inBob, inCarol] = (await groupOf(alice, bob, carol)) as [Group, Group, Group]
  await until('all are in the same epoch', () => inBob.epoch === club.epoch && inCarol.epoch === club.epoch)
  let now = club
  const comeBack = async (): Promise<void> => {
    await alice.close()
    alice = await cast.enter('alice', options)
    now = alice.groups.get(club.id)
  }
  cast.network.partition(['alice'], ['bob', 'carol', 'dave'])
  const { id } = await club.send('Chapter one tonight?')
  const delivery = async (): Promise<Delivery | undefined> => (await now.message(id))?.delivery
  const missing = [bob.identity, carol.identity]
  for (const when of ['at first', 'after a restart']) {
    const queued = await delivery()
    expect({ ...queued, missing: new Set(queued?.missing) }, when).toEqual({
      ...{ state: 'queued', by: 0, of: 2 },
      missing: new Set(missing),
    })
    await comeBack()
  }
  expect((await delivery())?.state).toBe('queued')
  cast.network.partition(['alice', 'bob', 'dave'], ['carol'])
  await alice.connect(addressOf(bob))
  await until('bob has it', async () => (await delivery())?.by === 1)
  for (const when of ['at first', 'after a restart']) {
    expect(await delivery(), when).toEqual({ state: 'published', by: 1, of: 2, missing: [carol.identity] })
    await comeBack()
  }
  cast.network.heal()
  for (const other of [bob, carol, dave]) await alice.connect(addressOf(other))
  await until('carol has it as well', async () => (await delivery())?.state === 'delivered')
  // Who comes later is not among those for whom it was.
  await now.add(await dave.card())
  await dave.groups.next(deadline())
  const later = await now.send('Welcome, Dave')
  await later.settled
  expect((await now.message(later.id))?.delivery).toEqual({ state: 'delivered', by: 3, of: 3, missing: [] })
  for (const when of ['at first', 'after a restart']) {
    expect(await delivery(), when).toEqual({ state: 'delivered', by: 2, of: 2, missing: [] })
    await comeBack()
  }
  // Of what others have sent only they know.
  expect((await heard(inBob, 'Chapter one tonight?')).delivery).toBeUndefined()
})
