// Members of different stacks in one group. What fails here is a quirk of the peers, not of the code under test.
import { describe, expect, test } from 'vitest'
import { assertAgreement } from './agreement.ts'
import { coreCrypto } from './core-crypto.ts'
import { daveyPeer } from './davey.ts'
import { add, commitTo, deliver, expectText, joinExternally, remove, say, update } from './exchange.ts'
import { newExternalSender } from './external-sender.ts'
import { qualifiedClientId, userNumber } from './identities.ts'
import type { Peer, PeerMember } from './peer.ts'
import { tsMls } from './ts-mls.ts'

describe.each([...coreCrypto.suites])('core-crypto with ts-mls, suite %i', (suite) => {
  const groupId = new TextEncoder().encode('mixed')
  const member = (peer: Peer, serial: number): Promise<PeerMember> =>
    peer.newMember({ suite, groupId, identity: qualifiedClientId(serial) })

  test.each([
    ['core-crypto', coreCrypto, tsMls],
    ['ts-mls', tsMls, coreCrypto],
  ])('a group created by %s', async (_name, first, second) => {
    const alice = await member(first, 1)
    const bob = await member(second, 2)
    const carol = await member(coreCrypto, 3)
    await alice.createGroup()
    let group = await add([alice], [bob, carol])
    for (const one of group) await say(group, one, 'hello')
    for (const one of group) await update(group, one)
    for (const one of group) await say(group, one, 'hello again')

    const dave = await member(tsMls, 4)
    group = await add([carol, alice, bob], [dave])
    const eve = await member(coreCrypto, 5)
    await update(group, carol)
    group = await joinExternally(group, carol, eve)
    await say(group, eve, 'from outside')
    group = await joinExternally(group, eve, carol)
    await say(group, dave, 'to one who came in again')

    const late = await dave.encrypt(Buffer.from('late'))
    await update(group, dave)
    await update(group, eve)
    for (const one of group) if (one !== dave) await expectText(one, late, 'late')

    group = await remove(group, dave, carol)
    group = await remove(group, eve, alice)
    expect(await dave.members()).toHaveLength(3)

    const output = await commitTo(group, dave, await dave.proposeRemove(bob), eve)
    await deliver(output, [dave])
    expect(await bob.processCommit(output.commit)).toBe('removed')
    await say([dave, eve], eve, 'the last two')
  })
})

describe('davey with ts-mls', () => {
  const groupId = userNumber(0x1234)

  test('ts-mls joins a group of davey, updates, adds, removes and proposes there', async () => {
    const externalSender = await newExternalSender('gateway')
    const newDavey = (serial: number): Promise<PeerMember> =>
      daveyPeer.newMember({ suite: 2, groupId, identity: userNumber(serial), externalSender })
    const alice = await newDavey(1)
    const bob = await newDavey(2)
    const carol = await tsMls.newMember({ suite: 2, groupId, identity: userNumber(3) })
    const dave = await newDavey(4)
    await alice.createGroup()
    let group = await add([alice], [bob, carol])
    await update(group, carol)
    group = await add([carol, alice, bob], [dave])
    group = await remove(group, carol, bob)
    expect(await dave.members()).toHaveLength(3)

    for (const proposal of [await carol.proposeAdd(await bob.keyPackage()), await carol.proposeRemove(dave)]) {
      for (const one of [alice, dave]) await one.processProposal(proposal)
    }
    const { welcome, ...output } = await alice.commitProposals()
    if (welcome === undefined) throw new Error('no Welcome')
    await deliver(output, [carol])
    expect(await dave.processCommit(output.commit)).toBe('removed')
    await bob.joinWelcome(welcome)
    await assertAgreement([alice, carol, bob])
  })
})
