// The adapter to davey, with members of davey alone, and of ts-mls as far as that can take part.
import { expect, test } from 'vitest'
import { daveyPeer } from './davey.ts'
import { add, remove } from './exchange.ts'
import { newExternalSender } from './external-sender.ts'
import { userNumber } from './identities.ts'
import type { PeerMember } from './peer.ts'

const groupId = userNumber(0x7777)
const externalSender = await newExternalSender('gateway')
const member = (serial: number): Promise<PeerMember> =>
  daveyPeer.newMember({ suite: 2, groupId, identity: userNumber(serial), externalSender })

test('adds several and one, removes, takes back', async () => {
  const alice = await member(1)
  const bob = await member(2)
  const carol = await member(3)
  await alice.createGroup()
  let group = await add([alice], [bob, carol])
  const dave = await member(4)
  group = await add(group, [dave])
  expect(await carol.members()).toHaveLength(4)
  expect(await dave.leafIndex()).toBe(3)
  group = await remove(group, dave, bob)
  group = await add(group, [bob])
  expect(await bob.leafIndex()).toBe(1)
  group = await remove(group, bob, alice)
  expect(await carol.members()).toHaveLength(3)
  for (const one of group) await one.close()
})

test('refuses proposals of anybody else', async () => {
  const alice = await member(1)
  const bob = await member(2)
  await alice.createGroup()
  const group = await add([alice], [bob])
  const impostor = await newExternalSender('gateway')
  const keyPackage = await (await member(3)).keyPackage()
  const proposal = await impostor.proposeAdd(groupId, await alice.epoch(), keyPackage)
  for (const one of group) {
    await one.processProposal(proposal)
    await expect(one.commitProposals()).rejects.toThrow('InvalidSignature')
  }
})
