// Invitations that wait for an answer: seen before anything is joined, kept over a restart, accepted or declined.

import { describe, expect, test } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import type { ClientOptions } from '../../src/client/options.ts'
import { until } from '../../src/testing/until.ts'
import { addressOf, all, castForEach, deadline, folderForEach, heard, texts } from './cast.ts'

const cast = castForEach()
const inFolder = folderForEach(cast)

describe('a request', () => {
  test('shows the group and who invites before anything is joined, and joins when it is accepted', async () => {
    const alice = await cast.enter('alice')
    const dave = await cast.enter('dave')
    const bob = await enterBob(alice)
    await dave.connect(addressOf(alice))
    const club = await alice.groups.create({ name: 'Book club', description: 'every Thursday' })
    await club.add(await dave.card())
    const inDave = await dave.groups.next(deadline())
    await inDave.add(await bob.card())
    const request = await bob.requests.next(deadline())
    expect(request).toMatchObject({
      group: {
        id: club.id,
        name: 'Book club',
        description: 'every Thursday',
        members: [
          { identity: alice.identity, name: 'alice', admin: true },
          { identity: dave.identity, name: 'dave', admin: false },
        ],
      },
      invitedBy: { identity: dave.identity, name: 'dave' },
      size: 2,
    })
    expect(bob.groups.list()).toEqual([])
    await club.send('Hello, Bob')
    const inBob = await request.accept()
    expect(bob.requests.list()).toEqual([])
    expect(bob.groups.list()).toEqual([inBob])
    await inBob.send('Hello')
    await heard(club, 'Hello')
    expect((await heard(inBob, 'Hello, Bob')).sender.name).toBe('alice')
    await expect(request.accept()).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    await expect(request.decline()).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    expect(() => bob.requests.get(request.id)).toThrow(expect.objectContaining({ code: 'REQUEST_UNKNOWN' }))
  })

  test('survives a restart, and is gone for good when it is declined', async () => {
    const alice = await cast.enter('alice')
    let bob = await enterBob(alice)
    const club = await alice.groups.create({ name: 'Book club' })
    await club.add(await bob.card())
    const { id, receivedAt } = await bob.requests.next(deadline())
    await bob.close()
    bob = await enterBob(alice)
    const [again] = bob.requests.list()
    expect(again).toMatchObject({ id, receivedAt, group: { name: 'Book club' }, invitedBy: { name: 'alice' } })
    await again?.decline()
    expect(bob.requests.list()).toEqual([])
    await bob.close()
    bob = await enterBob(alice)
    // Alice still has the Welcome, and offers it again.
    await until('bob and alice have compared what they have', () => !bob.status.syncing && bob.peers.length > 0)
    expect(bob.requests.list()).toEqual([])
    expect(bob.groups.list()).toEqual([])
  })

  test('does not come back when it was declined and is left again', async () => {
    let aheadMs = 0
    const clock = (): number => Date.now() + aheadMs
    const alice = await cast.enter('alice', { clock })
    let bob = await enterBob(alice, { clock })
    const card = await bob.card()
    const club = await alice.groups.create({ name: 'Book club' })
    await club.add(card)
    await (await bob.requests.next(deadline())).decline()
    for (const name of ['Film club', 'Chess club']) {
      // Alice hears nothing of bob, and leaves the Welcome for him once more, ahead of another.
      aheadMs += 4 * 86_400_000
      await club.send('is bob there?')
      await (await alice.groups.create({ name })).add(card)
      await until('the other has come', () => bob.requests.list().some(({ group }) => group.name === name))
      expect(bob.requests.list().map(({ group }) => group.name)).not.toContain('Book club')
      await bob.close()
      bob = await enterBob(alice, { clock })
    }
  })

  test('of several for one card each can be accepted', async () => {
    const alice = await cast.enter('alice')
    const bob = await enterBob(alice)
    const card = await bob.card()
    for (const name of ['one', 'two', 'three']) await (await alice.groups.create({ name })).add(card)
    await until('all have come', () => bob.requests.list().length === 3)
    for (const request of bob.requests.list()) {
      const group = await request.accept()
      // So often that nothing is kept of the keys with which bob has joined.
      for (let i = 0; i < 12; i++) await group.rename(`${i}`)
      await group.rename(`${request.group.name}, with Bob`)
    }
    await until('alice sees bob in all', () => alice.groups.list().every(({ name }) => name.endsWith('with Bob')))
  })

  test('is the later one where somebody invites to a group again', async () => {
    const alice = await cast.enter('alice')
    const bob = await enterBob(alice)
    const card = await bob.card()
    const club = await alice.groups.create({ name: 'Book club' })
    await club.add(card)
    const first = await bob.requests.next(deadline())
    await club.remove(bob.identity)
    await club.rename('Film club')
    await club.add(card)
    const second = await bob.requests.next(deadline())
    expect(bob.requests.list()).toEqual([second])
    expect(second.group).toMatchObject({ id: first.group.id, name: 'Film club' })
    const inBob = await second.accept()
    expect(inBob.name).toBe('Film club')
  })

  test('comes again after one was removed, and leads back into the same group', async () => {
    const alice = await cast.enter('alice')
    const bob = await enterBob(alice)
    const club = await alice.groups.create({ name: 'Book club' })
    await club.add(await bob.card())
    const inBob = await (await bob.requests.next(deadline())).accept()
    await club.send('one')
    await heard(inBob, 'one')
    await club.remove(bob.identity)
    await until('bob is out', () => !inBob.isMember)
    await club.send('not for bob')
    await club.add(await bob.card())
    const again = await bob.requests.next(deadline())
    expect(inBob.isMember).toBe(false)
    expect(await again.accept()).toBe(inBob)
    expect(inBob.isMember).toBe(true)
    await club.send('two')
    await heard(inBob, 'two')
    await inBob.send('three')
    await heard(club, 'three')
    expect(texts(await all(inBob.messages({ live: false })))).toEqual(['one', 'two', 'three'])
  })

  test('beyond ten of one person the oldest is dropped, with a warning', async () => {
    const alice = await cast.enter('alice')
    const bob = await enterBob(alice)
    const warnings: string[] = []
    bob.onWarning(({ code, message }) => warnings.push(`${code}: ${message}`))
    const card = await bob.card()
    const names = Array.from({ length: 11 }, (_, i) => `Group ${i}`)
    await Promise.all(names.map(async (name) => (await alice.groups.create({ name })).add(card)))
    await until('one was dropped', () => warnings.length > 0)
    const kept = bob.requests.list().map(({ group }) => group.name)
    expect(kept.length).toBe(10)
    const [dropped] = names.filter((name) => !kept.includes(name))
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^REQUEST_DROPPED: .*to ${dropped} was`))])
  })
})

async function enterBob(known: Client, options: Partial<ClientOptions> = {}): Promise<Client> {
  const bob = await cast.enter('bob', { storage: inFolder('bob'), invitations: 'ask', ...options })
  await bob.connect(addressOf(known))
  return bob
}
