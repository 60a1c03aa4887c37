// Whose the keys are: a state has copies of the signature keys that it was given, so that wiping it takes nobody else's.
import { describe, expect, it } from 'vitest'
import * as mls from '../../../src/mls.ts'
import { client, followed, keyPackageOf, nowMs, pair, send, suite } from './group-fixtures.ts'

describe('the signature key that a client was given', () => {
  it('serves its other groups after one was wiped', async () => {
    const identity = await client('alice')
    const [one, two] = [await mls.createGroup(suite, identity), await mls.createGroup(suite, identity)]
    mls.wipeState(one, [])
    expect(one.own.signatureKeyPair.privateKey.wiped).toBe(true)
    expect(identity.signatureKeyPair.privateKey.wiped).toBe(false)
    await send(two, 'still here')
    await mls.createKeyPackage(suite, identity)
  })

  it('is left where it came with a key package, an external commit, an Update or a commit', async () => {
    const [alice] = await pair()
    const carol = await keyPackageOf('carol')
    const added = await mls.commit(alice, { nowMs, proposals: [mls.addProposal(carol.keyPackage)] })
    const joined = await mls.joinGroup(suite, added.welcome ?? new Uint8Array(), [carol], { nowMs })
    const dave = await client('dave')
    const external = await mls.joinExternal(suite, await mls.createGroupInfo(added.state), { ...dave, nowMs })
    const [updated, committed] = [await suite.signature.generateKeyPair(), await suite.signature.generateKeyPair()]
    const update = await mls.proposeUpdate(joined, { nowMs }, { signatureKeyPair: updated })
    const changed = await mls.commit(added.state, { nowMs, leaf: { signatureKeyPair: committed } })
    for (const state of [joined, external.state, update.state, changed.state]) mls.wipeState(state, [])
    for (const { privateKey } of [carol.secrets.signatureKeyPair, dave.signatureKeyPair, updated, committed]) {
      expect(privateKey.wiped).toBe(false)
    }
  })

  it('can be wiped while the state goes on', async () => {
    const identity = await client('alice')
    const state = await mls.createGroup(suite, identity)
    const signatureKeyPair = await suite.signature.generateKeyPair()
    const changed = await mls.commit(state, { nowMs, leaf: { signatureKeyPair } })
    identity.signatureKeyPair.privateKey.wipe()
    signatureKeyPair.privateKey.wipe()
    await send(state, 'with the first key')
    await send(changed.state, 'with the second')
  })
})

describe('a key in use', () => {
  it('changes with a committed Update', async () => {
    const [alice, bob] = await pair()
    const signatureKeyPair = await suite.signature.generateKeyPair()
    const update = await mls.proposeUpdate(bob, { nowMs }, { signatureKeyPair })
    const commit = await mls.commit(await followed(alice, update.message), { nowMs })
    const { own } = await followed(update.state, commit.message)
    expect(own.signatureKeyPair.publicKey).toEqual(signatureKeyPair.publicKey)
    expect(own.signatureKeyPair.privateKey.bytes).toEqual(signatureKeyPair.privateKey.bytes)
  })
})
