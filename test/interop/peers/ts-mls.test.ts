// The adapter to ts-mls, with members of ts-mls alone.
import { describe, test } from 'vitest'
import { assertDisagreement } from './agreement.ts'
import { add, commitTo, deliver, remove, say, update } from './exchange.ts'
import { qualifiedClientId } from './identities.ts'
import type { PeerMember } from './peer.ts'
import { tsMls } from './ts-mls.ts'

const groupId = new TextEncoder().encode('ts-mls among itself')
const member = (suite: number, serial: number, privateHandshakes: boolean): Promise<PeerMember> =>
  tsMls.newMember({ suite, groupId, identity: qualifiedClientId(serial), privateHandshakes })

describe.each([...tsMls.suites])('ts-mls, suite %i', (suite) => {
  test.each([false, true])('adds, talks, updates, removes, takes back; private handshakes: %s', async (asPrivate) => {
    const alice = await member(suite, 1, asPrivate)
    const bob = await member(suite, 2, asPrivate)
    const carol = await member(suite, 3, asPrivate)
    await alice.createGroup()

    let group = await add([alice], [bob, carol])
    await say(group, alice, 'from the creator')
    await say(group, carol, 'from a joiner')

    await update(group, bob)
    await say(group, bob, 'after an update')

    group = await remove(group, carol, alice)
    await assertDisagreement(bob, alice)
    await say(group, bob, 'after a removal')

    group = await add(group, [alice])
    await say(group, alice, 'back')

    const output = await commitTo(group, bob, await bob.proposeRemove(carol), alice)
    await deliver(output, [bob])
    await say([alice, bob], bob, 'after a removal by reference')

    const dave = await member(suite, 4, asPrivate)
    const { welcome, ...added } = await commitTo(
      [alice, bob],
      alice,
      await alice.proposeAdd(await dave.keyPackage()),
      bob,
    )
    if (welcome === undefined) throw new Error('no Welcome')
    await deliver(added, [alice])
    await dave.joinWelcome(welcome)
    await say([alice, bob, dave], dave, 'after an addition by reference')
  })
})
