// Joining by a link although nobody is there: a relay keeps the request, and then what answers it.

import { expect, test } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { deadline, heard } from '../client/cast.ts'
import { stageForEach } from './people.ts'

const stage = stageForEach()

test.each(['none', 'its own'])(
  'members and joiner are never there together; the joiner has %s as a relay',
  async (of) => {
    let relay = await stage.relay('relay')
    const { address, listen } = relay
    const own = of === 'none' ? [] : [address]

    const alice = await stage.enter('alice', address)
    const bob = await stage.enter('bob', address)
    const club = await alice.groups.create({ name: 'Book club' })
    await club.add(await bob.card())
    const inBob = await bob.groups.next(deadline())
    const { link } = await club.invite({ uses: 2 })
    await until('bob knows the invite', async () => (await inBob.invites()).length === 1)
    // Both inboxes, the group and the invite.
    await until('the relay carries the invite', async () => Number(await relay.metric('topics')) >= 4, 20_000)
    await stage.leave(alice, bob)

    // A link that alice made, and nobody is there.
    const carol = await stage.enter('carol', ...own)
    const before = Number(await relay.metric('frames'))
    await carol.groups.ask(link)
    await until('the relay has the request', async () => Number(await relay.metric('frames')) > before)
    await stage.leave(carol)

    expect(await relay.stop('SIGKILL')).toBe(null)
    relay = await stage.relay('relay', [], listen)

    // Somebody else than the inviter comes.
    const again = await stage.enter('bob', address)
    const theirs = again.groups.get(club.id)
    await until('carol was added', () => theirs.members.length === 3, 40_000)
    await theirs.send('Welcome, Carol')
    await stage.leave(again)

    const back = await stage.enter('carol', ...own)
    const inCarol = await back.groups.next(deadline())
    expect(inCarol.id).toBe(club.id)
    expect(back.groups.joining).toEqual([])
    await heard(inCarol, 'Welcome, Carol')
    await inCarol.send('Thanks')
    await stage.leave(back)

    const inviter = await stage.enter('alice', address)
    await heard(inviter.groups.get(club.id), 'Thanks')
    expect(inviter.groups.get(club.id).members).toHaveLength(3)
  },
  120_000,
)

test('who asks in vain is told although nobody is there at the same time', async () => {
  const relay = await stage.relay('relay')
  const { address } = relay
  const alice = await stage.enter('alice', address)
  const club = await alice.groups.create({ name: 'Book club' })
  const invite = await club.invite()
  await invite.revoke()
  // Her inbox, the group and the invite.
  await until('the relay carries the invite', async () => Number(await relay.metric('topics')) >= 3, 20_000)
  await stage.leave(alice)
  const carol = await stage.enter('carol')
  const card = await carol.card()
  const before = Number(await relay.metric('frames'))
  await carol.groups.ask(invite.link)
  await until('the relay has the request', async () => Number(await relay.metric('frames')) > before, 20_000)
  await stage.leave(carol)
  const again = await stage.enter('alice', address)
  await until('alice has read the request', () => again.groups.get(club.id).inspect().admissions === 1, 20_000)
  await until('the relay has the answer', async () => (await stage.inInbox(address, card)) === 1, 20_000)
  await stage.leave(again)
  const back = await stage.enter('carol')
  const answer = back.groups.join(invite.link, { signal: deadline() })
  await expect(answer).rejects.toMatchObject({ code: 'INVITE_REVOKED' })
}, 120_000)
