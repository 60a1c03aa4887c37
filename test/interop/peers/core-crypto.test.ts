// The adapter to core-crypto, with members of core-crypto alone.
import { describe, expect, test } from 'vitest'
import { assertAgreement, assertDisagreement } from './agreement.ts'
import { coreCrypto } from './core-crypto.ts'
import { add, joinExternally, remove, say, update } from './exchange.ts'
import { qualifiedClientId } from './identities.ts'
import type { PeerMember } from './peer.ts'

const groupId = new TextEncoder().encode('core-crypto among itself')
const member = (suite: number, serial: number): Promise<PeerMember> =>
  coreCrypto.newMember({ suite, groupId, identity: qualifiedClientId(serial) })

describe.each([...coreCrypto.suites])('core-crypto, suite %i', (suite) => {
  test('adds, talks, updates, removes, takes back, joins externally', async () => {
    const alice = await member(suite, 1)
    const bob = await member(suite, 2)
    const carol = await member(suite, 3)
    await alice.createGroup()

    let group = await add([alice], [bob, carol])
    await say(group, alice, 'from the creator')
    await say(group, carol, 'from a joiner')

    await update(group, bob)
    await say(group, bob, 'after an update')

    group = await remove(group, carol, alice)
    await say(group, bob, 'after a removal')

    group = await add(group, [alice])
    await say(group, alice, 'back')

    const dave = await member(suite, 4)
    group = await joinExternally(group, bob, dave)
    await say(group, dave, 'from outside')

    group = await joinExternally(group, dave, carol)
    expect(await alice.members()).toHaveLength(4)
    await say(group, carol, 'came in again with a new leaf')

    for (const one of group) await one.close()
  })
})

test('a member that misses a commit no longer agrees', async () => {
  const alice = await member(1, 1)
  const bob = await member(1, 2)
  await alice.createGroup()
  await add([alice], [bob])
  await alice.commitUpdate()
  await assertDisagreement(alice, bob)
  await expect(assertAgreement([alice, bob])).rejects.toThrow('disagree on epoch')
})

test('errors tell the reason', async () => {
  const alice = await member(1, 1)
  await alice.createGroup()
  await expect(alice.commitAdd([])).rejects.toThrow(/^core-crypto: /)
  await expect(alice.joinWelcome(new Uint8Array([0, 1, 0, 3]))).rejects.toThrow(/EndOfStream/)
})
