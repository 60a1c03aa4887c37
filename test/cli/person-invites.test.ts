// Invite links for a person at a terminal that is wide enough for a QR code, or not; and what they are told at each step.

import { expect, test } from 'vitest'
import { PersonInvites } from '../../src/cli/person-invites.ts'
import type { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import { until } from '../../src/testing/until.ts'
import { castForEach } from '../client/cast.ts'

const cast = castForEach()

test('a QR code is shown where it fits: a torn one could not be read', async () => {
  const alice = await cast.enter('alice')
  const club = await alice.groups.create({ name: 'Book club' })
  const pipe = at(alice)
  await pipe.invites.invite(club, '')
  const width = (/^[█▀▄ ]+$/m.exec(pipe.shown())?.[0] ?? '').length
  expect(width).toBeGreaterThan(60)
  const wide = at(alice, width)
  await wide.invites.invite(club, '')
  expect(wide.shown()).toMatch(/[█▀▄ ]{60,}\n/)
  const narrow = at(alice, width - 1)
  await narrow.invites.invite(club, '')
  expect(narrow.shown()).not.toMatch(/[█▀▄]/)
  expect(narrow.shown()).toContain(`takes ${width} columns, and there are ${width - 1}`)
  expect(narrow.shown()).toMatch(/coterie:invite\/[\w-]{300,}/)
})

test('an invite for too many, or for too long, is answered with what there is', async () => {
  const alice = await cast.enter('alice')
  const club = await alice.groups.create({ name: 'Book club' })
  const { invites } = at(alice)
  for (const argument of ['5000', '0', '1 10000', 'many']) {
    await expect(invites.invite(club, argument)).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: expect.stringContaining('Like this: /invite [PEOPLE] [HOURS]'),
    })
  }
  await expect(invites.invite(club, '5000')).rejects.toThrow(/for 1 to 1,000 people and for 1 to 720 hours/)
})

test('revoking is confirmed, and doing it again says that it was done', async () => {
  const alice = await cast.enter('alice')
  const club = await alice.groups.create({ name: 'Book club' })
  const { invites, shown } = at(alice)
  await invites.invite(club, '')
  await invites.revoke(club, '1')
  expect(shown()).toMatch(/It is revoked: its link lets nobody in/)
  await invites.revoke(club, '1')
  expect(shown()).toMatch(/is revoked already/)
})

test('whoever asks is told that somebody decides, and that they can go; a member goes there at once', async () => {
  const [alice, bob] = await cast.enterAll('alice', 'bob')
  const club = await alice.groups.create({ name: 'Book club' })
  const { link } = await club.invite({ approve: true })
  const asking = at(bob)
  const entered: Group[] = []
  const enter = async (group: Group): Promise<void> => {
    entered.push(group)
  }
  await asking.invites.join(link, enter)
  expect(asking.shown()).toMatch(/An admin has to let you in.*\n.*You have asked\. An admin decides; you can leave/)
  await (await club.applicants.next()).approve()
  await until('he is in', () => entered.length === 1)
  const again = at(bob)
  await again.invites.join(link, enter)
  expect(again.shown()).toContain('You are in that group already.')
  expect(entered).toEqual([entered[0], entered[0]])
  const deciding = at(alice)
  expect(() => deciding.invites.applicant(club, '')).toThrow('Nobody asks to be let in.')
})

function at(client: Client, columns?: number): { invites: PersonInvites; shown: () => string } {
  let text = ''
  const print = (line: string): void => {
    text += `${line}\n`
  }
  return { invites: new PersonInvites(client, { print, columns }), shown: () => text }
}
