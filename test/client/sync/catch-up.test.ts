// Members who were away get everything from whoever has it, through more epochs than keys are kept of.

import { expect, test } from 'vitest'
import type { Group } from '../../../src/client/group.ts'
import { retentionOf } from '../../../src/client/options.ts'
import { until } from '../../../src/testing/until.ts'
import { DEFAULT_RETENTION } from '../../../src/topics/frame-archive.ts'
import { addressOf, castForEach, groupOf, texts } from '../cast.ts'

/** Keys are kept of eight. */
const EPOCHS = 24

const cast = castForEach()

test('one who was away for many epochs reads every message of them', async () => {
  const [alice, bob] = await cast.enterAll('alice', 'bob')
  const [club, inBob] = await groupOf(alice, bob)
  await until('bob is where alice is', () => inBob?.epoch === club.epoch)
  cast.network.partition(['alice'], ['bob'])
  await liveThrough(club)
  cast.network.heal()
  await until('bob is there again', () => inBob?.epoch === club.epoch, 30_000)
  expect(await history(inBob)).toEqual(await history(club))
}, 60_000)

test('a third member passes on what it heard, when its sender has gone', async () => {
  const [alice, bob, carol] = await cast.enterAll('alice', 'bob', 'carol')
  const [club, inBob, inCarol] = await groupOf(alice, bob, carol)
  await until('all are together', () => [inBob, inCarol].every((group) => group?.epoch === club.epoch))
  cast.network.partition(['alice', 'bob'], ['carol'])
  await liveThrough(club)
  await until('bob has followed', async () => (await history(inBob)).length === EPOCHS, 30_000)
  await alice.close()
  cast.network.heal()
  await carol.connect(addressOf(bob))
  await until('carol has caught up', async () => (await history(inCarol)).length === EPOCHS, 30_000)
  expect(await history(inCarol)).toEqual(await history(inBob))
  expect(inCarol?.epoch).toBe(inBob?.epoch)
}, 60_000)

test('members who each heard a part have the whole together', async () => {
  const [alice, bob, carol] = await cast.enterAll('alice', 'bob', 'carol')
  const groups = await groupOf(alice, bob, carol)
  const [club, inBob, inCarol] = groups
  await until('all are together', () => groups.every(({ epoch }) => epoch === club.epoch))
  cast.network.partition(['alice', 'bob'], ['carol'])
  for (let i = 0; i < 10; i++) await club.send(`to bob ${i}`)
  await until('bob has them', async () => (await history(inBob)).length === 10)
  cast.network.partition(['alice', 'carol'], ['bob'])
  await carol.connect(addressOf(alice))
  for (let i = 0; i < 10; i++) await inCarol?.send(`from carol ${i}`)
  await until('alice has all', async () => (await history(club)).length === 20)
  await alice.close()
  cast.network.heal()
  await carol.connect(addressOf(bob))
  for (const group of [inBob, inCarol]) await until('both have all', async () => (await history(group)).length === 20)
  expect(await history(inCarol)).toEqual(await history(inBob))
}, 60_000)

test('a client keeps as much for others as it is told, and refuses what makes no sense', async () => {
  expect(retentionOf({ storage: 'memory' })).toEqual(DEFAULT_RETENTION)
  const own = { storage: 'memory', retentionMs: 1_000, retentionBytes: 2_000 }
  expect(retentionOf(own)).toEqual({ ...DEFAULT_RETENTION, keepMs: 1_000, maxBytes: 2_000 })
  for (const options of [{ retentionMs: 0 }, { retentionBytes: -1 }, { retentionMs: Number.NaN }]) {
    await expect(cast.enter('nobody', options)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
  }
})

async function liveThrough(group: Group): Promise<void> {
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    await group.send(`in epoch ${epoch}`)
    const before = group.epoch
    await group.rename(`Club ${epoch}`)
    await until('the next epoch has begun', () => group.epoch > before)
  }
}

async function history(group: Group | undefined): Promise<string[]> {
  const messages = []
  for await (const message of group?.messages({ live: false }) ?? []) messages.push(message)
  return texts(messages)
}
