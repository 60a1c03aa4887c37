// Who may do what in a group: said at its founding, changed by admins, and kept to by everybody, also against one who does not.

import { expect, test, vi } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import type { CryptoProvider } from '../../src/crypto/contract.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { until } from '../../src/testing/until.ts'
import { addressOf, castForEach, deadline, groupOf, heard, only, take } from './cast.ts'

const LAWLESS = 'lawless'

// Whoever computes with this provider takes every commit for permitted, its own ones too.
vi.mock(import('../../src/session/authorise.ts'), async (original) => {
  const { authorise } = await original()
  return {
    authorise: (wire, ...rest) => (wire.provider === LAWLESS ? Promise.resolve() : authorise(wire, ...rest)),
  }
})

const cast = castForEach()

const DEFAULT = { add: 'members', remove: 'admins', rename: 'members', promote: 'admins' }
const NOT_PERMITTED = { code: 'GROUP_NOT_PERMITTED' }

test('a new group permits what its founder says, and what all groups permit for the rest', async () => {
  const [alice, bob, carol] = await cast.enterAll('alice', 'bob', 'carol')
  expect((await alice.groups.create({ name: 'Open house' })).permissions).toEqual(DEFAULT)
  const permissions = { add: 'admins', remove: 'members' } as const
  const club = await alice.groups.create({ name: 'Book club', permissions })
  expect(club.permissions).toEqual({ ...DEFAULT, ...permissions })
  await club.add(await bob.card())
  const inBob = await bob.groups.next(deadline())
  expect(inBob.permissions).toEqual(club.permissions)
  await expect(inBob.add(await carol.card())).rejects.toMatchObject(NOT_PERMITTED)
  await expect(inBob.promote(bob.identity)).rejects.toMatchObject(NOT_PERMITTED)
  await club.add(await carol.card())
  await until('bob has heard of carol', () => inBob.members.length === 3)
  await inBob.remove(carol.identity)
  await until('alice has heard of it', () => club.members.length === 2)
})

test('an admin changes what is permitted, everybody is told, and it holds from then on', async () => {
  const [alice, bob] = await cast.enterAll('alice', 'bob')
  const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
  const told = take(only(inBob.events({ signal: deadline() }), 'permissions'), 2)
  await inBob.rename('Film club')
  await until('alice has it', () => club.name === 'Film club')
  await club.setPermissions({ rename: 'admins' })
  await until('bob has it', () => inBob.permissions.rename === 'admins')
  await expect(inBob.rename('Jazz club')).rejects.toMatchObject(NOT_PERMITTED)
  await expect(inBob.describe('every Thursday')).rejects.toMatchObject(NOT_PERMITTED)
  await expect(inBob.setPermissions({ rename: 'members' })).rejects.toMatchObject(NOT_PERMITTED)
  await club.setPermissions({ rename: 'members', remove: 'members' })
  expect(await told).toMatchObject([
    { type: 'permissions', permissions: { ...DEFAULT, rename: 'admins' } },
    { type: 'permissions', permissions: { ...DEFAULT, remove: 'members' } },
  ])
  await inBob.rename('Jazz club')
  await until('alice has that as well', () => club.name === 'Jazz club')
})

test('two admins who change different things at once both get what they want', async () => {
  const [alice, bob] = await cast.enterAll('alice', 'bob')
  const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
  await club.promote(bob.identity)
  await until('bob is an admin', () => inBob.members.every(({ admin }) => admin))
  await Promise.all([club.setPermissions({ add: 'admins' }), inBob.setPermissions({ rename: 'admins' })])
  for (const group of [club, inBob]) {
    await until('both are there', () => group.permissions.add === 'admins' && group.permissions.rename === 'admins')
  }
})

test('a change by somebody who keeps to no rules is refused by all others, and they go on', async () => {
  const [alice, carol] = await cast.enterAll('alice', 'carol')
  const bob = await cast.enter('bob', { provider: lawless() })
  for (const other of [alice, carol]) await bob.connect(addressOf(other))
  const [club, inBob, inCarol] = (await groupOf(alice, bob, carol)) as [Group, Group, Group]
  await until('all are there', () => [club, inBob, inCarol].every(({ members }) => members.length === 3))
  const warned = [alice, carol].map(refusalOf)
  await inBob.setPermissions({ add: 'admins', promote: 'members' })
  expect(inBob.permissions).toEqual({ ...DEFAULT, add: 'admins', promote: 'members' })
  await Promise.all(warned)
  for (const group of [club, inCarol]) expect(group.permissions).toEqual(DEFAULT)
  await inCarol.send('still here')
  await heard(club, 'still here')
  await inCarol.rename('Film club')
  await until('alice follows carol', () => club.name === 'Film club')
})

test('who is to be permitted what is checked', async () => {
  const alice = await cast.enter('alice')
  const club = await alice.groups.create({ name: 'Book club' })
  const wrong = [{ add: 'nobody' }, { fly: 'admins' }, 'admins', null, ['admins'], { rename: 1 }]
  for (const permissions of wrong as never[]) {
    const invalid = { code: 'ARGUMENT_INVALID' }
    await expect(club.setPermissions(permissions)).rejects.toMatchObject(invalid)
    await expect(alice.groups.create({ name: 'Film club', permissions })).rejects.toMatchObject(invalid)
  }
  await club.setPermissions({})
  Object.assign(club.permissions, { add: 'admins' })
  expect(club.permissions).toEqual(DEFAULT)
  expect(alice.groups.list().length).toBe(1)
})

/** Resolves when a client warns that somebody did what is not permitted. */
function refusalOf(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.onWarning(({ code }) => {
      if (code === NOT_PERMITTED.code) resolve()
    })
  })
}

function lawless(): CryptoProvider {
  const suite: CryptoProvider['suite'] = (id) => {
    const known = nodeProvider.suite(id)
    return known && { ...known, provider: LAWLESS }
  }
  return { ...nodeProvider, suite }
}
