// Coming in from outside: external commits and proposals, and the group info that they need (RFC 9420 §12.1.8, §12.4.3).
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import * as mls from '../../../src/mls.ts'
import { rejectionCode } from '../../support/errors.ts'
import {
  agreement,
  allFollowed,
  client,
  commitIn,
  followed,
  groupOf,
  keyPackageOf,
  nowMs,
  pair,
  suite,
  trio,
} from './group-fixtures.ts'

describe('an external join', () => {
  it('makes a member that all others follow, at the leftmost free place', async () => {
    const [alice, bob, carol] = await trio()
    const { states } = await commitIn([alice, bob, carol], 2, { proposals: [mls.removeProposal(0)] })
    const rest = states.slice(1)
    const info = await mls.createGroupInfo(rest[0] as mls.GroupState)
    const { state, message } = await mls.joinExternal(suite, info, { ...(await client('dave')), nowMs })
    expect(state.own.leafIndex).toBe(0)
    const next = [...(await allFollowed(rest, message)), state]
    expect(agreement(next)).toBe(1)
    const { states: last } = await commitIn(next, 2)
    expect(agreement(last)).toBe(1)
  })

  it('extends a full tree, and works in a group of one', async () => {
    for (const names of [['a'], ['a', 'b'], ['a', 'b', 'c', 'd']]) {
      const states = await groupOf(names)
      const info = await mls.createGroupInfo(states[0] as mls.GroupState)
      const { state, message } = await mls.joinExternal(suite, info, { ...(await client('z')), nowMs })
      expect(state.own.leafIndex).toBe(names.length)
      expect(agreement([...(await allFollowed(states, message)), state])).toBe(1)
    }
  })

  it('may replace its own earlier leaf, leaf 0 too', async () => {
    const alice = await client('alice')
    const [first, bob] = await pair({ clients: { alice } })
    const info = await mls.createGroupInfo(bob)
    const signatureKeyPair = await suite.signature.generateKeyPair()
    const { state, message } = await mls.joinExternal(suite, info, { ...alice, signatureKeyPair, nowMs, replaces: 0 })
    const processed = await mls.processMessage(bob, message, { nowMs })
    expect(processed).toMatchObject({ kind: 'commit', added: [], removed: [0], committer: { leafIndex: 0 } })
    expect(agreement([state, processed.state])).toBe(1)
    expect((await followed(first, message)).status).toBe('removed')
  })

  it('may prove that it knows PSKs', async () => {
    const [alice] = await pair()
    const psks = mls.knownPsks({ external: [{ pskId: utf8('psk'), secret: new Secret(utf8('shared')) }] })
    const pskIds = [mls.externalPskId(suite, utf8('psk'))]
    const info = await mls.createGroupInfo(alice)
    const { state, message } = await mls.joinExternal(suite, info, { ...(await client('dave')), nowMs, pskIds, psks })
    expect(agreement([state, (await mls.processMessage(alice, message, { nowMs, psks })).state])).toBe(1)
    expect(await rejectionCode(followed(alice, message))).toBe('PSK_UNKNOWN')
  })

  it('needs a group info that is made for it', async () => {
    const [alice] = await pair()
    const joining = async (options: mls.GroupInfoOptions) =>
      mls.joinExternal(suite, await mls.createGroupInfo(alice, options), { ...(await client('dave')), nowMs })
    expect(await rejectionCode(joining({ ratchetTree: true }))).toBe('JOIN_EXTERNAL_PUB_MISSING')
    expect(await rejectionCode(joining({ externalPub: true }))).toBe('JOIN_TREE_MISSING')
    const bare = await mls.createGroupInfo(alice, { externalPub: true })
    const ratchetTree = mls.exportRatchetTree(alice)
    const { state } = await mls.joinExternal(suite, bare, { ...(await client('dave')), nowMs, ratchetTree })
    expect(mls.groupMembers(state)).toHaveLength(3)
  })
})

describe('a group info', () => {
  it('has what it is asked for, and by default all one needs', async () => {
    const [alice] = await pair()
    const types = async (options?: mls.GroupInfoOptions) => {
      const decoded = mls.decodeMlsMessage(await mls.createGroupInfo(alice, options))
      if (decoded.wireFormat !== 4) throw new Error('not a group info')
      return decoded.groupInfo.extensions.map(({ extensionType }) => extensionType)
    }
    expect(await types()).toEqual([2, 4])
    expect(await types({})).toEqual([])
    expect(await types({ extensions: [{ extensionType: 0x0a0a, data: utf8('x') }], externalPub: true })).toEqual([
      0x0a0a, 4,
    ])
  })

  it('lets outsiders see who is where', async () => {
    const [alice] = await trio()
    const listed = mls.readRatchetTree(mls.exportRatchetTree(alice))
    expect(listed).toEqual(mls.groupMembers(alice))
  })
})

describe('proposals from outside', () => {
  it('come from appointed senders and from those who want in, and are committed by members', async () => {
    const servers = await Promise.all(['first', 'second'].map((name) => client(name)))
    const senders = servers.map(({ signatureKeyPair, credential }) => ({
      signatureKey: signatureKeyPair.publicKey,
      credential,
    }))
    const states = await groupOf(['a', 'b', 'c'], { groupExtensions: [mls.externalSendersExtension(senders)] })
    const target = { groupId: mls.groupId(states[0] as mls.GroupState), epoch: 1n }
    const keys = servers.map(({ signatureKeyPair }) => signatureKeyPair)
    const dave = await client('dave')
    const own = await mls.createKeyPackage(suite, dave)
    const messages = [
      await mls.proposeAsExternalSender(suite, keys[1] as mls.KeyPair, 1, mls.removeProposal(2), target),
      await mls.proposeOwnAdd(suite, dave.signatureKeyPair, own.keyPackage, target),
    ]
    let heard = states
    for (const message of messages) heard = await allFollowed(heard, message)
    expect([...(heard[0] as mls.GroupState).proposals.values()].map(({ sender }) => sender)).toEqual([
      { senderType: 2, senderIndex: 1 },
      { senderType: 3 },
    ])
    const references = [...(heard[0] as mls.GroupState).proposals.values()].map(({ reference }) => reference)
    const { states: next, result } = await commitIn(heard.slice(0, 2), 0, { references })
    const joined = await mls.joinGroup(suite, result.welcome as Uint8Array, [own], { nowMs })
    expect(agreement([...next, joined])).toBe(1)
    expect(joined.own.leafIndex).toBe(2)
    const mixedUp = await mls.proposeAsExternalSender(suite, keys[0] as mls.KeyPair, 1, mls.removeProposal(2), target)
    expect(await rejectionCode(followed(states[0] as mls.GroupState, mixedUp))).toBe('FRAMING_SIGNATURE')
    const unknown = await mls.proposeAsExternalSender(suite, keys[0] as mls.KeyPair, 2, mls.removeProposal(2), target)
    expect(await rejectionCode(followed(states[0] as mls.GroupState, unknown))).toBe('FRAMING_SENDER')
  })

  it('let nobody in whom no member names: one message of the group is enough to ask', async () => {
    const [alice, bob] = await pair()
    const sent = await mls.encryptMessage(alice, utf8('x'))
    const seen = mls.decodeMlsMessage(sent.message)
    if (seen.wireFormat !== mls.WireFormat.privateMessage) throw new Error('a message in the open')
    const mallory = await keyPackageOf('mallory')
    const { keyPackage, secrets } = mallory
    const asking = await mls.proposeOwnAdd(suite, secrets.signatureKeyPair, keyPackage, seen.privateMessage)
    const heard = await allFollowed([sent.state, bob], asking)
    const { result, states } = await commitIn(heard, 0)
    expect(result.welcome).toBeUndefined()
    expect(mls.groupMembers(states[1] as mls.GroupState)).toHaveLength(2)
  })
})
