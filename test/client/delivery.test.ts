// What becomes of a message: on its way, with some, with all; and where it cannot arrive any more.

import { expect, test } from 'vitest'
import type { Group } from '../../src/client/group.ts'
import { until } from '../../src/testing/until.ts'
import { all, castForEach, deadline, groupOf, heard, only, take } from './cast.ts'

const cast = castForEach()

test('a message is settled when every other member has it', async () => {
  const [alice, bob, carol] = await cast.enterAll('alice', 'bob', 'carol')
  const [club, inBob, inCarol] = (await groupOf(alice, bob, carol)) as [Group, Group, Group]
  await until('all are in the same epoch', () => inBob.epoch === club.epoch && inCarol.epoch === club.epoch)
  cast.network.partition(['alice'], ['bob'], ['carol'])
  const sent = await club.send('Chapter one tonight?')
  expect(sent.delivery).toEqual({ state: 'queued', by: 0, of: 2, missing: expect.arrayContaining([bob.identity]) })
  const changes = all(sent.deliveries({ signal: deadline() }))
  const events = take(only(club.events({ signal: deadline() }), 'delivery'), 1)
  cast.network.heal()
  const settled = await sent.settled
  expect(settled).toEqual({ state: 'delivered', by: 2, of: 2, missing: [] })
  expect(sent.state).toBe('delivered')
  const told = await changes
  expect(told[0]?.state).toBe('queued')
  expect(told.at(-1)).toEqual(settled)
  expect(told.map(({ by }) => by)).toEqual([...told.map(({ by }) => by)].sort())
  expect(await events).toMatchObject([{ type: 'delivery', message: sent.id }])
  expect((await heard(inCarol, 'Chapter one tonight?')).id).toBe(sent.id)
})

test('a message in a group of one is settled at once', async () => {
  const club = await (await cast.enter('alice')).groups.create({ name: 'Diary' })
  expect(await (await club.send('Dear diary')).settled).toMatchObject({ by: 0, of: 0, missing: [] })
})

test('a message that waits for somebody is not settled at closing, nor for one who is removed', async () => {
  const [alice, bob] = await cast.enterAll('alice', 'bob')
  const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
  await until('both are in the same epoch', () => inBob.epoch === club.epoch)
  cast.network.partition(['alice'], ['bob'])
  const fromAlice = await club.send('to nobody')
  const fromBob = await inBob.send('to nobody either')
  await club.remove(bob.identity)
  const removed = expect(fromBob.settled).rejects.toMatchObject({ code: 'GROUP_REMOVED' })
  cast.network.heal()
  await removed
  // Alice is alone now: nobody is left whom the message was for.
  expect(await fromAlice.settled).toMatchObject({ missing: [] })
  const waiting = await bobAndCarol()
  const closed = expect(waiting.sent.settled).rejects.toMatchObject({ code: 'CLIENT_CLOSED' })
  await waiting.close()
  await closed
})

async function bobAndCarol(): Promise<{ sent: Awaited<ReturnType<Group['send']>>; close: () => Promise<void> }> {
  const [dave, erin] = await cast.enterAll('dave', 'erin')
  const [club] = await groupOf(dave, erin)
  cast.network.partition(['dave'], ['erin'])
  return { sent: await club.send('waiting'), close: () => dave.close() }
}
