// Coterie with each of the other stacks: every kind of exchange that both can do, both ways, comparing after each.
import { describe, expect, test } from 'vitest'
import { assertAgreement } from './agreement.ts'
import { coreCrypto } from './core-crypto.ts'
import { daveyPeer } from './davey.ts'
import { add, commitTo, deliver, joinExternally, remove, say, update } from './exchange.ts'
import { newExternalSender } from './external-sender.ts'
import { qualifiedClientId, userNumber } from './identities.ts'
import { newOurExternalSender } from './our-external-sender.ts'
import { ours } from './ours.ts'
import type { MemberOptions, Peer, PeerMember } from './peer.ts'
import { tsMls } from './ts-mls.ts'

const coterie = ours({ provider: 'node', path: 'whenRequired', stored: false })
const groupId = new TextEncoder().encode('coterie with others')

describe.each([...coreCrypto.suites])('with core-crypto, suite %i', (suite) => {
  const member = (peer: Peer, serial: number): Promise<PeerMember> =>
    peer.newMember({ suite, groupId, identity: qualifiedClientId(serial) })

  test.each([
    ['coterie', coterie, coreCrypto],
    ['core-crypto', coreCrypto, coterie],
  ])('in a group created by %s', async (_name, first, second) => {
    const alice = await member(first, 1)
    const bob = await member(second, 2)
    const carol = await member(coterie, 3)
    await alice.createGroup()
    let group = await add([alice], [bob])
    group = await add([bob, alice], [carol])
    for (const one of group) await say(group, one, 'hello')
    for (const one of group) await update(group, one)

    const dave = await member(first, 4)
    await update(group, bob)
    group = await joinExternally(group, bob, dave)
    group = await joinExternally(group, dave, bob)
    for (const one of group) await say(group, one, 'hello again')

    await proposeAndCommit(group, carol, await carol.proposeUpdate(), first === coreCrypto ? alice : bob)
    group = await remove(group, bob, carol)
    group = await remove(group, alice, bob)
    await say(group, dave, 'to the last one')
  })
})

test('core-crypto takes a new signature key from an Update, but not from a commit', async () => {
  const member = (peer: Peer, serial: number): Promise<PeerMember> =>
    peer.newMember({ suite: 1, groupId, identity: qualifiedClientId(serial), newSignatureKeys: true })
  const alice = await member(coreCrypto, 1)
  const bob = await member(coterie, 2)
  await alice.createGroup()
  const group = await add([alice], [bob])
  await proposeAndCommit(group, bob, await bob.proposeUpdate(), alice)
  await say(group, bob, 'signed with the new key')
  await expect(update(group, bob)).rejects.toThrow(
    "core-crypto: CoreCryptoError.Mls: MlsError.Other: The message's sig",
  )
})

describe.each([...tsMls.suites])('with ts-mls, suite %i', (suite) => {
  test.each([
    ['coterie, handshakes in the clear', coterie, tsMls, false],
    ['ts-mls, handshakes encrypted', tsMls, coterie, true],
  ])('in a group created by %s', async (_name, first, second, privateHandshakes) => {
    const member = (peer: Peer, serial: number): Promise<PeerMember> =>
      peer.newMember({
        suite,
        groupId,
        identity: qualifiedClientId(serial),
        privateHandshakes,
        newSignatureKeys: true,
      })
    const alice = await member(first, 1)
    const bob = await member(second, 2)
    const carol = await member(tsMls, 3)
    await alice.createGroup()
    let group = await add([alice], [bob])
    group = await add([bob, alice], [carol])
    for (const one of group) await update(group, one)
    for (const one of group) await say(group, one, 'hello')

    const [ourself, other] = first === coterie ? [alice, bob] : [bob, alice]
    const dave = await member(coterie, 4)
    group = await joinExternally(group, ourself, dave)
    await proposeAndCommit(group, ourself, await ourself.proposeUpdate(), other)
    group = await remove(group, other, dave)
    const output = await commitTo(group, other, await other.proposeAdd(await dave.keyPackage()), ourself)
    if (output.welcome === undefined) throw new Error('no Welcome')
    await deliver(
      output,
      group.filter((one) => one !== ourself),
    )
    await dave.joinWelcome(output.welcome)
    group = [...group, dave]
    await assertAgreement(group)
    for (const one of group) await say(group, one, 'hello again')
  })
})

describe.each([
  ['ts-mls', newExternalSender],
  ['coterie', newOurExternalSender],
])('with davey, proposals from outside by %s', (_sender, newSender) => {
  const channel = userNumber(0x1234)
  const options = { suite: 2, groupId: channel } satisfies Partial<MemberOptions>

  test.each([
    ['coterie', coterie, daveyPeer],
    ['davey', daveyPeer, coterie],
  ])('in a group created by %s', async (_name, first, second) => {
    const externalSender = await newSender('gateway')
    const member = (peer: Peer, serial: number): Promise<PeerMember> =>
      peer.newMember({ ...options, identity: userNumber(serial), externalSender })
    const alice = await member(first, 1)
    const bob = await member(second, 2)
    const carol = await member(daveyPeer, 3)
    await alice.createGroup()
    let group = await add([alice], [bob])
    group = await add([bob, alice], [carol])
    const ourself = first === coterie ? alice : bob
    await update(group, ourself)

    const dave = await member(coterie, 4)
    group = await joinExternally(group, ourself, dave)
    await proposeAndCommit(group, ourself, await ourself.proposeUpdate(), carol)
    group = await remove(group, carol, dave)
    group = await remove(group, ourself, carol)
    expect(await ourself.members()).toHaveLength(2)
  })
})

/** One proposes, another commits to it, and all agree afterwards. */
async function proposeAndCommit(
  group: readonly PeerMember[],
  proposer: PeerMember,
  proposal: Uint8Array,
  committer: PeerMember,
): Promise<void> {
  const output = await commitTo(group, proposer, proposal, committer)
  await deliver(
    output,
    group.filter((one) => one !== committer),
  )
  await assertAgreement(group)
}
