// Invites by which nobody comes in before an admin has agreed.

import { describe, expect, test } from 'vitest'
import type { Group } from '../../src/client/group.ts'
import { addressOf, castForEach, deadline, folderForEach, groupOf, heard } from './cast.ts'

const cast = castForEach()
const inFolder = folderForEach(cast)

describe('an invite that needs approval', () => {
  test('lets in whom an admin approves, and tells whom one refuses', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    const { link } = await inBob.invite({ uses: 3, approve: true })
    const [carol, dave] = await cast.enterAll('carol', 'dave')
    expect((await carol.groups.preview(link)).needsApproval).toBe(true)
    const ofCarol = carol.groups.join(link, { note: 'Bob knows me', signal: deadline() })
    const applicant = await club.applicants.next(deadline())
    expect(applicant).toMatchObject({ identity: carol.identity, name: 'carol', note: 'Bob knows me' })
    // Bob is no admin.
    expect(inBob.applicants.list()).toEqual([])
    expect(club.members).toHaveLength(2)
    await applicant.approve()
    const inCarol = await ofCarol
    expect(club.applicants.list()).toEqual([])
    await expect(applicant.approve()).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    const ofDave = dave.groups.join(link, { signal: deadline() })
    ofDave.catch(() => undefined)
    await (await club.applicants.next(deadline())).refuse()
    await expect(ofDave).rejects.toMatchObject({ code: 'INVITE_REFUSED' })
    expect(() => club.applicants.get(dave.identity)).toThrow(expect.objectContaining({ code: 'REQUEST_UNKNOWN' }))
    await inCarol.send('Where is Dave?')
    await heard(club, 'Where is Dave?')
    expect(club.members).toHaveLength(3)
  })

  test('lets in whom one admin has refused and another approves afterwards', async () => {
    const [alice, bob] = await cast.enterAll('alice', 'bob')
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    await club.promote(bob.identity)
    const { link } = await club.invite({ approve: true })
    const at = { storage: inFolder('carol'), invitations: 'ask' } as const
    let carol = await cast.enter('carol', at)
    const joining = carol.groups.join(link, { signal: deadline() })
    joining.catch(() => undefined)
    await carol.connect(addressOf(bob))
    const ofBob = await inBob.applicants.next(deadline())
    await (await club.applicants.next(deadline())).refuse()
    await expect(joining).rejects.toMatchObject({ code: 'INVITE_REFUSED' })
    await carol.close()
    carol = await cast.enter('carol', at)
    await carol.connect(addressOf(bob))
    await ofBob.approve()
    // She has asked for this group, and is not asked again.
    const inCarol = await carol.groups.next(deadline())
    expect(carol.requests.list()).toEqual([])
    await inCarol.send('After all')
    await heard(club, 'After all')
  })

  test('is decided by any admin, over a restart; two who approve at once let in one', async () => {
    const at = (name: string): { storage: string } => ({ storage: inFolder(name) })
    let alice = await cast.enter('alice', at('alice'))
    const bob = await cast.enter('bob')
    await bob.connect(addressOf(alice))
    const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
    await club.promote(bob.identity)
    const { link } = await club.invite({ uses: 2, approve: true })
    const carol = await cast.enter('carol')
    const joining = carol.groups.join(link, { signal: deadline() })
    await carol.connect(addressOf(bob))
    await club.applicants.next(deadline())
    await alice.close()
    alice = await cast.enter('alice', at('alice'))
    await bob.connect(addressOf(alice))
    const again = alice.groups.get(inBob.id)
    const [one, other] = [again.applicants.get(carol.identity), await inBob.applicants.next(deadline())]
    await Promise.all([one.approve(), other.approve()])
    const inCarol = await joining
    await inCarol.send('In')
    for (const group of [again, inBob]) {
      await heard(group, 'In')
      expect(group.members).toHaveLength(3)
      expect(await group.invites()).toMatchObject([{ uses: 1 }])
    }
  })
})
