// Whoever was away for longer than frames are kept cannot follow any more: it is added again, told so, and keeps what it has.

import { expect, test } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import type { GroupEvent } from '../../src/client/group-events.ts'
import { until } from '../../src/testing/until.ts'
import { addressOf, castForEach, deadline, texts } from './cast.ts'

/** More than the epochs whose keys are kept, and more than the retention below holds of them. */
const EPOCHS = 20
const RETENTION = { retentionBytes: 8_000 }

const cast = castForEach()

test('one who returns after the retention is added again, keeps its history, and hears what is said from then on', async () => {
  let aheadMs = 0
  const clock = (): number => Date.now() + aheadMs
  const open = (name: string): ReturnType<typeof cast.enter> => cast.enter(name, { clock, ...RETENTION })
  const [alice, bob, carol] = [await open('alice'), await open('bob'), await open('carol')]
  for (const other of [bob, carol]) await alice.connect(addressOf(other))
  await bob.connect(addressOf(carol))
  const club = await alice.groups.create({ name: 'Book club' })
  /** Newcomers give their leaves fresh keys when the group has been calm for a minute: one after the other, so that none compete. */
  const join = async (newcomer: Client): Promise<Group> => {
    await club.add(await newcomer.card())
    const group = await newcomer.groups.next(deadline())
    aheadMs += 61_000
    await club.send(`${newcomer.name} is here`)
    await until('the newcomer has done so', () => group.epoch === club.epoch && group.inspect().intents.length === 0)
    return group
  }
  const [inBob, inCarol] = [await join(bob), await join(carol)]
  await club.promote(carol.identity)
  await inCarol.send('before')
  await until('bob has read it', async () => inBob.epoch === club.epoch && (await history(inBob)).length === 3)
  const before = await history(inBob)

  cast.network.partition(['alice', 'carol'], ['bob'])
  for (let i = 0; i < 5; i++) await inCarol.send(`never heard ${i}`)
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    await club.send(`in epoch ${epoch}`)
    const parent = club.epoch
    await club.rename(`Club ${epoch}`)
    await until('carol follows', () => club.epoch > parent && inCarol.epoch === club.epoch)
  }
  /** Half a second passes, and something is said, so that everybody looks at the time. */
  const talk = async (): Promise<void> => {
    aheadMs += 500
    await club.send('is anybody there?')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const told: GroupEvent[] = []
  inBob.onEvent((event) => told.push(event))
  const types = (): string[] => told.map(({ type }) => type)
  // Carol stays away: what only she could send again stays missing.
  cast.network.partition(['alice', 'bob'], ['carol'])
  await bob.connect(addressOf(alice))
  await until(
    'bob is added again',
    async () => {
      await talk()
      return types().includes('readded')
    },
    30_000,
  )
  expect(types()).toContain('detached')
  await until('bob is where alice is', () => inBob.epoch === club.epoch && inBob.name === club.name)
  expect((await history(inBob)).slice(0, before.length)).toEqual(before)

  await club.send('welcome back')
  await until('it is received', async () => (await history(inBob)).includes('welcome back'))
  // What alice wrote meanwhile she sends again; nobody can do that for carol.
  await until('bob has all of alice', async () => (await history(inBob)).filter(isOf('in epoch')).length === EPOCHS)
  expect((await history(inBob)).filter(isOf('never heard'))).toEqual([])
  expect(await doubled(inBob)).toEqual([])

  // She comes back, and cannot follow either.
  cast.network.heal()
  await carol.connect(addressOf(bob))
  await until(
    'carol has sent it again',
    async () => {
      await talk()
      return (await history(inBob)).filter(isOf('never heard')).length === 5
    },
    30_000,
  )
  await until('all have the same', async () => {
    const [ours, theirs] = [await history(club), await history(inBob)]
    return ours.length === theirs.length && ours.every((text, at) => text === theirs[at])
  })
  expect(await history(inBob)).toEqual(await history(club))
}, 60_000)

async function history(group: Group): Promise<string[]> {
  const messages = []
  for await (const message of group.messages({ live: false })) messages.push(message)
  return texts(messages)
}

function isOf(beginning: string): (text: string) => boolean {
  return (text) => text.startsWith(beginning)
}

/** Ids that are shown more than once. */
async function doubled(group: Group): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of group.messages({ live: false })) ids.push(id)
  return ids.filter((id, at) => ids.indexOf(id) !== at)
}
