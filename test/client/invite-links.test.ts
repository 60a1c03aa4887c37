// Invite links between people on an in-process network: what they show, which of them are refused, and who gives them away.

import { describe, expect, test } from 'vitest'
import type { Group } from '../../src/client/group.ts'
import { until } from '../../src/testing/until.ts'
import { castForEach, deadline, groupOf, heard } from './cast.ts'

const cast = castForEach()

describe('a link', () => {
  test('shows what it leads to, and leads there without a card', async () => {
    const alice = await cast.enter('alice')
    const bob = await cast.enter('bob', { invitations: 'ask' })
    const club = await alice.groups.create({ name: 'Book club' })
    const invite = await club.invite()
    expect(invite).toMatchObject({ uses: 1, approve: false, revoked: false, createdBy: alice.identity })
    expect(await bob.groups.preview(invite.link)).toEqual({
      group: { name: 'Book club' },
      invitedBy: { identity: alice.identity, name: 'alice' },
      expiresAt: invite.expiresAt,
      needsApproval: false,
    })
    const inBob = await bob.groups.join(` ${invite.link}\n`, { signal: deadline() })
    expect(inBob.id).toBe(club.id)
    expect(bob.requests.list()).toEqual([])
    expect(bob.groups.joining).toEqual([])
    await inBob.send('Thanks for the link')
    await heard(club, 'Thanks for the link')
    expect(await club.invites()).toMatchObject([{ id: invite.id, uses: 0 }])
    await until('bob follows the invite', async () => (await inBob.invites())[0]?.id === invite.id)
    // Whoever is in the group is led to it again, and uses nothing.
    expect(await bob.groups.join(invite.link)).toBe(inBob)
  })

  test('is refused where anything in it was changed, and where it is none', async () => {
    const alice = await cast.enter('alice')
    const bob = await cast.enter('bob')
    const { link } = await (await alice.groups.create({ name: 'Book club' })).invite()
    for (let at = 'coterie:invite/'.length; at < link.length; at += 23) {
      const changed = `${link.slice(0, at)}${link[at] === 'A' ? 'B' : 'A'}${link.slice(at + 1)}`
      const code = expect.stringMatching(/^INVITE_(MALFORMED|SIGNATURE)$/)
      await expect(bob.groups.preview(changed)).rejects.toMatchObject({ code })
      await expect(bob.groups.join(changed)).rejects.toMatchObject({ code })
    }
    for (const none of ['', 'coterie:invite/', await alice.card(), link.slice(0, -5)]) {
      await expect(bob.groups.join(none)).rejects.toMatchObject({ code: 'INVITE_MALFORMED' })
    }
    await expect(bob.groups.join(5 as unknown as string)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    await expect(bob.groups.join(link, { note: 'x'.repeat(257) })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    expect(bob.groups.joining).toEqual([])
  })

  test('is not made with terms that make no sense', async () => {
    const alice = await cast.enter('alice')
    const club = await alice.groups.create({ name: 'Book club' })
    for (const options of [
      { uses: 0 },
      { uses: 1_001 },
      { uses: 1.5 },
      { expires: 0 },
      { expires: 31 * 86_400_000 },
      { expires: new Date(Date.now() - 1) },
      { expires: new Date(Number.NaN) },
      { approve: 'yes' },
      { forever: true },
    ]) {
      await expect(club.invite(options as object)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    }
    for (let i = 0; i < 32; i++) await club.invite({ uses: 1_000 })
    await expect(club.invite()).rejects.toMatchObject({ code: 'INVITE_LIMIT' })
    expect(await club.invites()).toHaveLength(32)
  })

  test('of one member can be given away by another, in that one’s name', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const carol = await cast.enter('carol')
    const [club, inBob] = await groupOf(alice, bob)
    const { id } = await club.invite()
    await until('bob knows the invite', async () => (await (inBob as Group).invites()).length === 1)
    const [theirs] = await (inBob as Group).invites()
    expect(theirs).toMatchObject({ id, createdBy: alice.identity })
    expect((await carol.groups.preview(String(theirs?.link))).invitedBy.name).toBe('bob')
    await alice.close()
    const inCarol = await carol.groups.join(String(theirs?.link), { signal: deadline() })
    expect(inCarol.members.map(({ name }) => name).sort()).toEqual(['alice', 'bob', 'carol'])
  })
})
