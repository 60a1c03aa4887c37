// Requests by invite links between people on an in-process network: answered over restarts, forks, and with the inviter off.

import { describe, expect, test } from 'vitest'
import type { Group } from '../../src/client/group.ts'
import { until } from '../../src/testing/until.ts'
import { addressOf, castForEach, deadline, folderForEach, groupOf, heard } from './cast.ts'

const cast = castForEach()
const inFolder = folderForEach(cast)

describe('with the inviter off', () => {
  test('another member lets the joiner in', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = await groupOf(alice, bob)
    const { link } = await club.invite()
    await until('bob knows the invite', async () => (await (inBob as Group).invites()).length === 1)
    await alice.close()
    const carol = await cast.enter('carol')
    const joining = carol.groups.join(link, { signal: deadline() })
    await carol.connect(addressOf(bob))
    const inCarol = await joining
    await inCarol.send('Hello')
    await heard(inBob as Group, 'Hello')
  })

  test('the request waits on the joiner’s disk, over a restart on both sides', async () => {
    const at = (name: string): { storage: string } => ({ storage: inFolder(name) })
    let alice = await cast.enter('alice', at('alice'))
    const { link } = await (await alice.groups.create({ name: 'Book club' })).invite()
    await alice.close()
    let carol = await cast.enter('carol', { ...at('carol'), invitations: 'ask' })
    const impatient = carol.groups.join(link, { note: 'It is me', signal: AbortSignal.timeout(300) })
    await expect(impatient).rejects.toMatchObject({ name: 'TimeoutError' })
    const waiting = carol.groups.join(link)
    waiting.catch(() => undefined)
    expect(carol.groups.joining).toMatchObject([{ group: { name: 'Book club' }, note: 'It is me', link }])
    await carol.close()
    await expect(waiting).rejects.toMatchObject({ code: 'CLIENT_CLOSED' })
    alice = await cast.enter('alice', at('alice'))
    carol = await cast.enter('carol', { ...at('carol'), invitations: 'ask' })
    expect(carol.groups.joining).toMatchObject([{ group: { name: 'Book club' }, note: 'It is me', link }])
    const inCarol = await carol.groups.join(link, { signal: deadline() })
    expect(inCarol.name).toBe('Book club')
    expect(alice.groups.list()[0]?.members).toHaveLength(2)
    expect(carol.groups.joining).toEqual([])
    expect(carol.requests.list()).toEqual([])
  })

  test('who was let in while off is in the group when back', async () => {
    const at = (name: string): { storage: string } => ({ storage: inFolder(name) })
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club] = await groupOf(alice, bob)
    const { link } = await club.invite({ uses: 2 })
    let carol = await cast.enter('carol', { ...at('carol'), invitations: 'ask' })
    const waiting = carol.groups.join(link)
    waiting.catch(() => undefined)
    await until('alice has read the request', () => club.inspect().admissions === 1)
    await carol.close()
    await until('carol was added', () => club.members.length === 3)
    carol = await cast.enter('carol', { ...at('carol'), invitations: 'ask' })
    await carol.connect(addressOf(bob))
    expect((await carol.groups.next(deadline())).id).toBe(club.id)
    expect(carol.requests.list()).toEqual([])
    expect(carol.groups.joining).toEqual([])
  })
})

describe('nobody comes in', () => {
  test('when the link has expired, by anybody’s clock', async () => {
    const startMs = Date.now()
    let passedMs = 0
    const clock = (): number => startMs + passedMs
    const alice = await cast.enter('alice', { clock })
    const bob = await cast.enter('bob', { clock })
    // Carol's clock is slow.
    const carol = await cast.enter('carol')
    const club = await alice.groups.create({ name: 'Book club' })
    const { link } = await club.invite({ expires: 60_000 })
    passedMs = 61_000
    await expect(bob.groups.preview(link)).rejects.toMatchObject({ code: 'INVITE_EXPIRED' })
    await expect(bob.groups.join(link)).rejects.toMatchObject({ code: 'INVITE_EXPIRED' })
    await expect(carol.groups.join(link, { signal: deadline() })).rejects.toMatchObject({ code: 'INVITE_EXPIRED' })
    expect(carol.groups.joining).toEqual([])
    expect(club.members).toHaveLength(1)
  })

  test('when the link was revoked, by its creator or an admin', async () => {
    const [alice, bob, carol] = await cast.enterAll('alice', 'bob', 'carol')
    const [club, inBob, inCarol] = (await groupOf(alice, bob, carol)) as [Group, Group, Group]
    const ofBob = await inBob.invite()
    const ofCarol = await inCarol.invite()
    await until('alice knows both', async () => (await club.invites()).length === 2)
    await until('carol knows both', async () => (await inCarol.invites()).length === 2)
    const [first] = (await inCarol.invites()).filter(({ id }) => id === ofBob.id)
    await expect(first?.revoke()).rejects.toMatchObject({ code: 'GROUP_NOT_PERMITTED' })
    await ofBob.revoke()
    const [second] = (await club.invites()).filter(({ id }) => id === ofCarol.id)
    await second?.revoke()
    const isRevoked = async (): Promise<boolean> => (await club.invites()).every(({ revoked }) => revoked)
    await until('both are revoked', isRevoked)
    const dave = await cast.enter('dave')
    for (const { link } of [ofBob, ofCarol]) {
      await expect(dave.groups.join(link, { signal: deadline() })).rejects.toMatchObject({ code: 'INVITE_REVOKED' })
    }
    expect(club.members).toHaveLength(3)
  })

  test('when it is used up: of two who race for one use exactly one is let in', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club] = await groupOf(alice, bob)
    const { link } = await club.invite()
    const [carol, dave] = await cast.enterAll('carol', 'dave')
    for (const one of [carol, dave]) for (const other of [alice, bob]) await one.connect(addressOf(other))
    const outcomes = await Promise.allSettled([carol, dave].map((one) => one.groups.join(link, { signal: deadline() })))
    const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    expect(failed).toMatchObject([{ code: 'INVITE_USED_UP' }])
    expect(club.members).toHaveLength(3)
    expect(await club.invites()).toMatchObject([{ uses: 0 }])
  })

  test('over a fork: of two who were let in on two sides by one use one stays, and the other is told', {
    timeout: 120_000,
  }, async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    const { link } = await club.invite()
    await until('bob knows the invite', async () => (await inBob.invites()).length === 1)
    const carol = await cast.enter('carol')
    const dave = await cast.enter('dave')
    cast.network.partition(['alice', 'carol'], ['bob', 'dave'])
    const [inCarol, [inDave]] = await Promise.all([
      carol.groups.join(link, { signal: deadline() }),
      Promise.all([dave.groups.join(link, { signal: deadline() }), dave.connect(addressOf(bob))]),
    ])
    expect([club.members.length, inBob.members.length]).toEqual([3, 3])
    const warnings = new Map([carol, dave].map((client) => [client, [] as string[]] as const))
    for (const [client, codes] of warnings) client.onWarning(({ code }) => codes.push(code))
    cast.network.heal()
    await alice.connect(addressOf(bob))
    await until('alice and bob agree', () => club.inspect().head === inBob.inspect().head, 60_000)
    const names = club.members.map(({ name }) => name).sort()
    expect(names).toHaveLength(3)
    expect([
      ['alice', 'bob', 'carol'],
      ['alice', 'bob', 'dave'],
    ]).toContainEqual(names)
    expect(await club.invites()).toMatchObject([{ uses: 0 }])
    await club.send('settled')
    await heard(inBob, 'settled')
    expect(club.members).toHaveLength(3)
    const [winner, loser] = names.includes('carol') ? [carol, dave] : [dave, carol]
    const [ofWinner, ofLoser] = names.includes('carol') ? [inCarol, inDave] : [inDave, inCarol]
    await until('who lost is told', () => warnings.get(loser)?.includes('INVITE_USED_UP') === true)
    expect(ofLoser.isMember).toBe(false)
    await expect(ofLoser.send('Is anybody there?')).rejects.toMatchObject({ code: 'GROUP_REMOVED' })
    await heard(ofWinner, 'settled')
    expect(ofWinner.isMember).toBe(true)
    expect(warnings.get(winner)).not.toContain('INVITE_USED_UP')
    // By another link there is a way in again, into the same group.
    const second = await club.invite()
    expect(await loser.groups.join(second.link, { signal: deadline() })).toBe(ofLoser)
    await ofLoser.send('Here I am')
    await heard(club, 'Here I am')
  })
})

describe('a request', () => {
  test('is carried out once, although all members see it', async () => {
    const [alice, bob, carol] = await cast.enterAll('alice', 'bob', 'carol')
    const [club, inBob, inCarol] = (await groupOf(alice, bob, carol)) as [Group, Group, Group]
    const { link } = await club.invite({ uses: 5 })
    await until(
      'all know the invite',
      async () => (await inBob.invites()).length + (await inCarol.invites()).length === 2,
    )
    const failures: string[] = []
    for (const group of [club, inBob, inCarol]) {
      group.onEvent((event) => {
        if (event.type === 'wish-failed') failures.push(event.code)
      })
    }
    const dave = await cast.enter('dave')
    for (const other of [alice, bob, carol]) await dave.connect(addressOf(other))
    const inDave = await dave.groups.join(link, { signal: deadline() })
    await inDave.send('In')
    for (const group of [club, inBob, inCarol]) await heard(group, 'In')
    for (const group of [club, inBob, inCarol, inDave]) {
      expect(group.members).toHaveLength(4)
      expect(await group.invites()).toMatchObject([{ uses: 4 }])
    }
    expect(failures).toEqual([])
  })

  test('serves once: whoever was removed is not let in by it again, not by newcomers either', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const club = await alice.groups.create({ name: 'Book club' })
    const { link } = await club.invite({ uses: 5 })
    const inBob = await bob.groups.join(link, { signal: deadline() })
    await club.remove(bob.identity)
    await until('bob is out', () => !inBob.isMember)
    const carol = await cast.enter('carol')
    const inCarol = await carol.groups.join(link, { signal: deadline() })
    await carol.connect(addressOf(bob))
    await inCarol.send('Alone?')
    await heard(club, 'Alone?')
    // Carol finds bob's old request where her own was.
    await until('carol has found it', () => inCarol.inspect().admissions === 1)
    await inCarol.send('Alone.')
    await heard(club, 'Alone.')
    expect(club.members.map(({ name }) => name)).toEqual(['alice', 'carol'])
    expect(await club.invites()).toMatchObject([{ uses: 3 }])
    // But the link is still good, and he may use it anew.
    expect(await bob.groups.join(link, { signal: deadline() })).toBe(inBob)
    expect(club.members).toHaveLength(3)
  })

  test('reaches the inviter who comes back later, without anything being done', async () => {
    const at = (name: string): { storage: string } => ({ storage: inFolder(name) })
    const alice = await cast.enter('alice', at('alice'))
    const { link } = await (await alice.groups.create({ name: 'Book club' })).invite()
    await alice.close()
    const bob = await cast.enter('bob')
    const joining = bob.groups.join(link, { signal: deadline() })
    await until('it waits', () => bob.groups.joining.length === 1)
    await cast.enter('alice', at('alice'))
    expect((await joining).name).toBe('Book club')
  })

  test('can be given up', async () => {
    const alice = await cast.enter('alice')
    const { link } = await (await alice.groups.create({ name: 'Book club' })).invite()
    await alice.close()
    const bob = await cast.enter('bob')
    const joining = bob.groups.join(link)
    joining.catch(() => undefined)
    await until('it waits', () => bob.groups.joining.length === 1)
    await bob.groups.joining[0]?.cancel()
    await expect(joining).rejects.toMatchObject({ code: 'INVITE_CANCELLED' })
    expect(bob.groups.joining).toEqual([])
  })
})
