// Several relays: each person has one of their own, and those who add somebody use that person's too.

import { expect, test } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { readContactCard } from '../../src/wire/contact-card.ts'
import { deadline, heard } from '../client/cast.ts'
import { wire } from '../client/sync/holder.ts'
import { stageForEach } from './people.ts'

const stage = stageForEach()

test('people with different relays, never there together, talk through that of the one who was added', async () => {
  const [hers, his] = [await stage.relay('hers'), await stage.relay('his')]
  const absent = await stage.enter('bob', his.address)
  const card = await absent.card()
  expect((await readContactCard(wire, card)).relays).toEqual([his.address])
  await until('bob is known', async () => (await his.metric('one_time_key_packages')) === 20)
  await stage.leave(absent)

  const alice = await stage.enter('alice', hers.address)
  const group = await alice.groups.create({ name: 'Book club' })
  await group.add(card)
  await until('his relay carries the group too', async () => (await his.metric('topics')) >= 2)
  await until('and keeps the Welcome', async () => (await stage.inInbox(his.address, card)) === 1)
  expect(await his.metric('key_packages_taken_total')).toBe(1)
  // Her inbox and her other topics are none of its business, nor are her key packages.
  expect(await his.metric('devices')).toBe(1)
  await group.send('Chapter one tonight?')
  await stage.leave(alice)

  const bob = await stage.enter('bob', his.address)
  const theirs = await bob.groups.next(deadline())
  await heard(theirs, 'Chapter one tonight?')
  await theirs.send('I am in.')
  await stage.leave(bob)

  // After a restart too: which relays a group uses is on disk.
  const again = await stage.enter('alice', hers.address)
  const [ours] = again.groups.list()
  if (ours === undefined) throw new Error('alice has lost the group')
  await heard(ours, 'I am in.')
})

test('of two relays one is off, and nothing is missing', async () => {
  const [first, second] = [await stage.relay('first'), await stage.relay('second')]
  const relays = [first.address, second.address]
  const absent = await stage.enter('bob', ...relays)
  const card = await absent.card()
  await until('bob is known at both', async () => {
    return (await first.metric('one_time_key_packages')) + (await second.metric('one_time_key_packages')) === 40
  })
  await stage.leave(absent)
  await first.stop('SIGKILL')

  const alice = await stage.enter('alice', ...relays)
  const group = await alice.groups.create({ name: 'Book club' })
  await group.add(card)
  await group.send('Chapter one tonight?')
  await until('the other keeps the Welcome', async () => (await stage.inInbox(second.address, card)) === 1)
  await stage.leave(alice)

  const bob = await stage.enter('bob', ...relays)
  await heard(await bob.groups.next(deadline()), 'Chapter one tonight?')
})

test('a relay that was off is used again when it is back, without anybody doing anything', async () => {
  let relay = await stage.relay('relay')
  const { address, listen } = relay
  const [alice, bob] = [await stage.enter('alice', address), await stage.enter('bob', address)]
  const group = await alice.groups.create({ name: 'Book club' })
  await group.add(await bob.card())
  const theirs = await bob.groups.next(deadline())
  await relay.stop('SIGKILL')
  await stage.leave(bob)
  await group.send('while nobody was there')
  relay = await stage.relay('relay', [], listen)
  await until('alice is back', async () => (await relay.metric('peers')) === 1, 20_000)
  await stage.leave(alice)
  expect(theirs.id).toBe(group.id)
  const again = await stage.enter('bob', address)
  await heard(again.groups.get(group.id), 'while nobody was there')
})
