// What a group says of itself: at its founding, when it changes, and to those who come later.

import { expect, test } from 'vitest'
import type { Group } from '../../src/client/group.ts'
import { until } from '../../src/testing/until.ts'
import { castForEach, deadline, groupOf, only, take } from './cast.ts'

const cast = castForEach()

test('a description is changed like a name, by whoever may, and everybody is told', async () => {
  const [alice, bob, carol] = await cast.enterAll('alice', 'bob', 'carol')
  const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
  expect(club.description).toBe('')
  const told = take(only(club.events({ signal: deadline() }), 'described', 'renamed'), 2)
  await inBob.describe('every Thursday')
  await until('alice has it', () => club.description === 'every Thursday')
  await inBob.rename('Film club')
  expect(await told).toMatchObject([
    { type: 'described', description: 'every Thursday' },
    { type: 'renamed', name: 'Film club' },
  ])
  await club.add(await carol.card())
  expect((await carol.groups.next(deadline())).description).toBe('every Thursday')
  await club.describe('')
  await until('bob has it', () => inBob.description === '')
})

test('two who change name and description at once both get what they want', async () => {
  const [alice, bob] = await cast.enterAll('alice', 'bob')
  const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
  await Promise.all([club.rename('Film club'), inBob.describe('every Thursday')])
  for (const group of [club, inBob]) {
    await until('both are there', () => group.name === 'Film club' && group.description === 'every Thursday')
  }
})

test('what is too long for a description, or none, is refused', async () => {
  const alice = await cast.enter('alice')
  const club = await alice.groups.create({ name: 'Book club', description: 'every Thursday' })
  const invalid = { code: 'ARGUMENT_INVALID' }
  await expect(club.describe('x'.repeat(4_097))).rejects.toMatchObject(invalid)
  // @ts-expect-error: a description is a text
  await expect(club.describe(undefined)).rejects.toMatchObject(invalid)
  expect(club.description).toBe('every Thursday')
})
