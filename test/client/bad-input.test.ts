// What people and programs do wrong: each thing ends in its own error, and the chat goes on.

import { describe, expect, test } from 'vitest'
import { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import type { ClientOptions } from '../../src/client/options.ts'
import { until } from '../../src/testing/until.ts'
import { addressOf, castForEach, groupOf, heard } from './cast.ts'

const cast = castForEach()
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const LONG = 'x'.repeat(10_000_000)

describe('a contact card', () => {
  test('with a flipped bit, wherever it is, is refused', async () => {
    const alice = await cast.enter('alice')
    const bob = await cast.enter('bob')
    const club = await alice.groups.create({ name: 'Book club' })
    const card = await bob.card()
    const codes = new Set<string>()
    for (let at = 0; at < card.length; at += 5) {
      const other = card[at] === 'A' ? 'B' : 'A'
      const flipped = `${card.slice(0, at)}${other}${card.slice(at + 1)}`
      const error = await club.add(flipped).catch((cause: unknown) => cause)
      expect(error, `character ${at}`).toMatchObject({ code: expect.stringMatching(/^CARD_(MALFORMED|SIGNATURE)$/) })
      codes.add(String((error as { code: string }).code))
    }
    expect(codes).toEqual(new Set(['CARD_MALFORMED', 'CARD_SIGNATURE']))
    for (const other of [card.slice(0, -1), `${card}A`, '', 'coterie:card/', LONG]) {
      await expect(club.add(other)).rejects.toMatchObject({ code: expect.stringMatching(/^CARD_/) })
    }
    // @ts-expect-error: a card is a text
    await expect(club.add(5)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    expect(club.members.length).toBe(1)
    await club.add(card)
    expect(club.members.length).toBe(2)
  })

  test('with an expired key package is refused', async () => {
    const alice = await cast.enter('alice')
    const bob = await cast.enter('bob', { clock: () => Date.now() - 100 * DAY_MS })
    const club = await alice.groups.create({ name: 'Book club' })
    await expect(club.add(await bob.card())).rejects.toMatchObject({ code: 'LEAF_LIFETIME' })
    await club.send('Still here')
    expect(club.members.length).toBe(1)
  })

  test('is renewed in time, and the one before it still works', async () => {
    let nowMs = Date.now()
    const clock = (): number => nowMs
    const { MemoryLevel } = await import('memory-level')
    const disk = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
    const options: Partial<ClientOptions> = { storage: disk, key: new Uint8Array(32), clock }
    const young = await cast.enter('bob', options)
    const first = await young.card()
    await young.close()
    nowMs += 50 * DAY_MS
    const bob = await cast.enter('bob', options)
    expect(await bob.card()).not.toBe(first)
    const alice = await cast.enter('alice', { clock: () => Date.now() + 50 * DAY_MS })
    await alice.connect(addressOf(bob))
    const one = await alice.groups.create({ name: 'By the old card' })
    await one.add(first)
    const two = await alice.groups.create({ name: 'By the new card' })
    await two.add(await bob.card())
    await until('bob is in both', () => bob.groups.list().length === 2)
  })
})

describe('a group', () => {
  test('that nobody knows is unknown', async () => {
    const alice = await cast.enter('alice')
    for (const id of ['', 'ff'.repeat(32), LONG]) {
      expect(() => alice.groups.get(id)).toThrow(expect.objectContaining({ code: 'GROUP_UNKNOWN' }))
    }
  })

  test('takes nobody twice, also not at once', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const club = await alice.groups.create({ name: 'Book club' })
    const card = await bob.card()
    const both = await Promise.allSettled([club.add(card), club.add(card)])
    expect(both).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'GROUP_CARD_IS_MEMBER' } },
    ])
    await expect(club.add(card)).rejects.toMatchObject({ code: 'GROUP_CARD_IS_MEMBER' })
    await expect(club.add(await alice.card())).rejects.toMatchObject({ code: 'GROUP_CARD_IS_MEMBER' })
    await goesOn(club, await bob.groups.next())
  })

  test('is not left by removing oneself, nor by its last admin', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    await expect(club.remove(alice.identity)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    await expect(club.leave()).rejects.toMatchObject({ code: 'GROUP_LAST_ADMIN' })
    await expect(club.remove('did:key:z6MkNobody')).rejects.toMatchObject({ code: 'GROUP_UNKNOWN_MEMBER' })
    await expect(club.promote('nobody')).rejects.toMatchObject({ code: 'GROUP_UNKNOWN_MEMBER' })
    await goesOn(club, inBob)
    await inBob.leave()
    await until('bob is out', () => !inBob.isMember && club.members.length === 1)
    await expect(inBob.send('Hello?')).rejects.toMatchObject({ code: 'GROUP_REMOVED' })
    await expect(inBob.leave()).rejects.toMatchObject({ code: 'GROUP_REMOVED' })
    await club.send('Alone')
  })

  test('has a name of at most 256 bytes, and takes messages of at most 1,048,576', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const invalid = { code: 'ARGUMENT_INVALID' }
    await expect(alice.groups.create({ name: LONG })).rejects.toMatchObject(invalid)
    await expect(alice.groups.create({ name: 'Book club', description: LONG })).rejects.toMatchObject(invalid)
    // @ts-expect-error: a group needs a name
    await expect(alice.groups.create({})).rejects.toMatchObject(invalid)
    // @ts-expect-error: there is no such option
    await expect(alice.groups.create({ name: 'Book club', colour: 'red' })).rejects.toMatchObject(invalid)
    expect(alice.groups.list()).toEqual([])
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    await expect(club.rename(LONG)).rejects.toMatchObject(invalid)
    // @ts-expect-error: a name is a text
    await expect(club.rename(null)).rejects.toMatchObject(invalid)
    await expect(club.send(LONG)).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
    const longest = 'y'.repeat(1_048_576 - 6)
    await expect(club.send(`${longest}y`)).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
    await club.send(longest)
    await heard(inBob, longest)
    await goesOn(club, inBob)
  })
})

describe('a clock', () => {
  test.each([HOUR_MS, -HOUR_MS])('that is %i ms off breaks nothing', async (offMs) => {
    const alice = await cast.enter('alice')
    const bob = await cast.enter('bob', { clock: () => Date.now() + offMs })
    await bob.connect(addressOf(alice))
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    await goesOn(club, inBob)
    await goesOn(inBob, club)
    await inBob.rename('Film club')
    await until('alice knows the name', () => club.name === 'Film club')
    const theirs = await bob.groups.create({ name: 'Other club' })
    await theirs.add(await alice.card())
    await until('alice is in it', () => alice.groups.list().length === 2)
    await goesOn(alice.groups.get(theirs.id), theirs)
  })
})

describe('the options of a client', () => {
  test.each([
    [undefined],
    [{}],
    [{ storage: 5 }],
    [{ storage: '' }],
    [{ storage: 'memory', colour: 'red' }],
    [{ storage: 'memory', identity: 'did:key:z6Mk' }],
    [{ storage: 'memory', name: 5 }],
    [{ storage: 'memory', key: new Uint8Array(16) }],
    [{ storage: 'memory', key: 'secret' }],
    [{ storage: 'memory', passphrase: new Uint8Array(32) }],
    [{ storage: 'memory', invitations: 'maybe' }],
    [{ storage: 'memory', transport: {} }],
    [{ storage: 'memory', provider: 'node' }],
    [{ storage: 'memory', clock: 5 }],
    [{ storage: 'memory', logger: true }],
    [{ storage: 'memory', logger: { warn: 'me' } }],
  ])('%j are refused', async (options) => {
    await expect(Client.open(options as unknown as ClientOptions)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
  })

  test('a name that cannot be one leaves nothing behind', async () => {
    const { MemoryLevel } = await import('memory-level')
    const storage = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
    const key = new Uint8Array(32)
    for (const name of [LONG, '']) {
      await expect(cast.enter('bob', { storage, key, name })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    }
    expect((await cast.enter('bob', { storage, key, name: 'Bob' })).name).toBe('Bob')
  })
})

/** One speaks, the other hears. */
async function goesOn(from: Group, to: Group): Promise<void> {
  const text = `${from.name} ${from.epoch} ${Math.random()}`
  await from.send(text)
  await heard(to, text)
}
