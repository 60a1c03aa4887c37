// The adapter to coterie's core, with members of coterie alone.
import { expect, test } from 'vitest'
import { PROVIDER_NAMES } from '../../conformance/providers.ts'
import { runSchedule } from '../schedule.ts'
import { assertDisagreement } from './agreement.ts'
import { add } from './exchange.ts'
import { qualifiedClientId } from './identities.ts'
import { ours } from './ours.ts'
import type { PeerMember } from './peer.ts'

const groupId = new TextEncoder().encode('coterie among itself')
const peers = PROVIDER_NAMES.map((provider, index) =>
  ours({ provider, path: index === 0 ? 'always' : 'whenRequired', stored: index === 1 }),
)

test.each([1, 2, 3, 4, 5, 6, 7])('all providers agree on all operations, suite %i', async (suite) => {
  const options = { seed: 6, steps: 20, suite, peers, identityOf: qualifiedClientId, groupId, maxMembers: 8 }
  const { counts } = await runSchedule(options)
  expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
})

const coterie = ours({ provider: 'node', path: 'whenRequired', stored: false })
const member = (serial: number): Promise<PeerMember> =>
  coterie.newMember({ suite: 1, groupId, identity: qualifiedClientId(serial) })

test('a member that misses a commit no longer agrees', async () => {
  const alice = await member(1)
  const bob = await member(2)
  await alice.createGroup()
  await add([alice], [bob])
  await alice.commitUpdate()
  await assertDisagreement(alice, bob)
})

test('messages are taken for what they are', async () => {
  const alice = await member(1)
  const bob = await member(2)
  await expect(alice.epoch()).rejects.toThrow('not in the group')
  await alice.createGroup()
  await add([alice], [bob])
  await expect(alice.proposeRemove(await member(3))).rejects.toThrow('no such member')
  await expect(bob.decrypt(await alice.proposeUpdate())).rejects.toThrow('expected an application message')
  await expect(bob.processCommit(await alice.proposeUpdate())).rejects.toThrow('expected a commit')
  await expect(bob.processProposal((await alice.commitUpdate()).commit)).rejects.toThrow('expected a proposal')
})
