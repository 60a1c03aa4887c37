// A Welcome waits until its commit has settled, however many commits follow meanwhile; and for whoever comes late, however late.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { addressOf, all, castForEach, deadline, texts } from './cast.ts'

/** More than the epochs that are kept. */
const EPOCHS = 12
const WEEK_MS = 7 * 24 * 3_600_000
/** More than a commit takes to settle. */
const LATER_MS = 2_000

const cast = castForEach()

test('whoever is added and followed by many commits within a moment joins all the same', async () => {
  let nowMs = Date.now()
  const alice = await cast.enter('alice', { clock: () => nowMs })
  const bob = await cast.enter('bob')
  await alice.connect(addressOf(bob))
  const club = await alice.groups.create({ name: 'Book club' })
  await club.add(await bob.card())
  for (let epoch = 0; epoch < EPOCHS; epoch++) await club.rename(`Club ${epoch}`)
  expect(bob.groups.list()).toEqual([])
  nowMs += LATER_MS
  const inBob = await bob.groups.next(deadline())
  await until('bob is in the same epoch', () => inBob.epoch === club.epoch)
  expect(inBob.name).toBe(`Club ${EPOCHS - 1}`)
})

test('whoever was added while it was off for weeks joins when it is back, and gets what was said meanwhile', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coterie-late-'))
  onTestFinished(async () => {
    await cast.leave()
    await rm(folder, { recursive: true })
  })
  let aheadMs = 0
  const clock = (): number => Date.now() + aheadMs
  const enter = (name: string): ReturnType<typeof cast.enter> => {
    return cast.enter(name, { clock, storage: join(folder, name) })
  }
  let [alice, bob] = [await enter('alice'), await enter('bob')]
  const card = await bob.card()
  await bob.close()
  let club = await alice.groups.create({ name: 'Book club' })
  await club.add(card)
  await club.send('before you were here')
  for (let week = 1; week <= 3; week++) {
    aheadMs += WEEK_MS
    await club.send(`week ${week}`)
    await alice.close()
    alice = await enter('alice')
    club = alice.groups.get(club.id)
  }
  bob = await enter('bob')
  await bob.connect(addressOf(alice))
  const inBob = await bob.groups.next(deadline())
  const read = async (): Promise<string[]> => texts(await all(inBob.messages({ live: false })))
  await until('bob has all that was said', async () => (await read()).length === 4)
  expect(await read()).toEqual(['before you were here', 'week 1', 'week 2', 'week 3'])
})
