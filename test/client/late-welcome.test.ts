// A Welcome waits until its commit has settled, however many commits follow meanwhile.

import { expect, test } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { addressOf, castForEach, deadline } from './cast.ts'

/** More than the epochs that are kept. */
const EPOCHS = 12
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
