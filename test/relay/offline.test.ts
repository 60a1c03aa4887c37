// Nobody misses a message although they are never there together: one relay between them, which is killed in the middle.

import { expect, test } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { deadline, heard } from '../client/cast.ts'
import { stageForEach } from './people.ts'

const stage = stageForEach()

test('one adds another who is off, writes and goes off; that one joins, reads and answers; the first reads it', async () => {
  let relay = await stage.relay('relay')
  const { address, listen } = relay

  const absent = await stage.enter('bob', address)
  const card = await absent.card()
  await until('the inbox of bob is pinned, with key packages', async () => {
    const [topics, packages] = [await relay.metric('topics'), await relay.metric('one_time_key_packages')]
    return topics === 1 && packages === 20
  })
  await stage.leave(absent)

  const alice = await stage.enter('alice', address)
  const group = await alice.groups.create({ name: 'Book club' })
  await group.add(card)
  await group.send('Chapter one tonight?')
  expect(await relay.metric('key_packages_taken_total')).toBe(1)
  // At once: what she has left is at the relay before she is gone.
  await stage.leave(alice)
  expect(await stage.inInbox(address, card)).toBe(1)

  expect(await relay.stop('SIGKILL')).toBe(null)
  relay = await stage.relay('relay', [], listen)
  expect(relay.address).toBe(address)

  const bob = await stage.enter('bob', address)
  const theirs = await bob.groups.next(deadline())
  expect((await heard(theirs, 'Chapter one tonight?')).sender).toMatchObject({ name: 'alice' })
  await theirs.send('I am in.')
  await stage.leave(bob)

  expect(await relay.stop('SIGKILL')).toBe(null)
  relay = await stage.relay('relay', [], listen)

  const again = await stage.enter('alice', address)
  const [ours] = again.groups.list()
  if (ours === undefined) throw new Error('alice has lost the group')
  await heard(ours, 'I am in.')
  expect(ours.members.map(({ name }) => name).sort()).toEqual(['alice', 'bob'])
})
