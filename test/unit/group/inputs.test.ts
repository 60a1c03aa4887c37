// What callers hand in is theirs: whatever they do to it, as soon as the call is made or later, changes nothing. Tried with
// plain byte arrays and with Node.js's Buffers, whose `slice` does not copy.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import * as mls from '../../../src/mls.ts'
import { rejectionCode } from '../../support/errors.ts'
import { fingerprint } from '../../support/state-walk.ts'
import {
  agreement,
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

type Bytes = 'Uint8Array' | 'Buffer'

/** A deep copy whose byte strings are of the kind that the test is about. */
function inputs<T>(kind: Bytes, value: T): T {
  const copy = (part: unknown): unknown => {
    if (part instanceof Uint8Array) return kind === 'Buffer' ? Buffer.from(part) : part.slice()
    if (part instanceof Secret || typeof part !== 'object' || part === null) return part
    if (Array.isArray(part)) return part.map(copy)
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, copy(inner)]))
  }
  return copy(value) as T
}

/** Overwrites all bytes, empties all arrays, and takes everything out of all objects. */
function spoil(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0xee)
  else if (Array.isArray(value)) {
    value.forEach(spoil)
    value.length = 0
  } else if (typeof value === 'object' && value !== null && !(value instanceof Secret)) {
    for (const [name, part] of Object.entries(value)) {
      spoil(part)
      Reflect.deleteProperty(value, name)
    }
  }
}

/** Calls, spoils the arguments before it awaits, and returns the result. */
async function spoiling<A extends readonly unknown[], R>(call: (...args: A) => Promise<R>, ...args: A): Promise<R> {
  const result = call(...args)
  args.forEach(spoil)
  return result
}

/** The state does not change when all that was handed in, or given out beside it, is overwritten. */
function checkIndependent(state: mls.GroupState, ...others: unknown[]): void {
  const before = fingerprint(state)
  others.forEach(spoil)
  expect(fingerprint(state)).toBe(before)
}

describe.each<Bytes>(['Uint8Array', 'Buffer'])('inputs of %s', (kind) => {
  const given = <T>(value: T): T => inputs(kind, value)

  it('to createKeyPackage', async () => {
    const options = given({
      ...(await client('dave')),
      capabilities: { extensions: [0xff01] },
      leafExtensions: [mls.applicationIdExtension(utf8('app'))],
      keyPackageExtensions: [{ extensionType: 0xff02, data: utf8('x') }],
    })
    const dave = await spoiling((own) => mls.createKeyPackage(suite, own), options)
    await mls.validateKeyPackage(suite, dave.keyPackage, { nowMs })
    expect(await mls.readKeyPackage(suite, dave.message, { nowMs })).toEqual(dave.keyPackage)
    const { leafNode, extensions } = dave.keyPackage
    expect(leafNode.credential).toEqual(mls.basicCredential(utf8('dave')))
    expect(leafNode.capabilities.extensions).toContain(0xff01)
    expect(mls.readApplicationId(leafNode.extensions)).toEqual(utf8('app'))
    expect(extensions).toEqual([{ extensionType: 0xff02, data: utf8('x') }])
    const [alice] = await pair()
    const { welcome } = await mls.commit(alice, { nowMs, proposals: [mls.addProposal(dave.keyPackage)] })
    expect(mls.epoch(await mls.joinGroup(suite, welcome as Uint8Array, [dave], { nowMs }))).toBe(2n)
  })

  it('to createGroup', async () => {
    const senders = [{ signatureKey: utf8('key'), credential: mls.basicCredential(utf8('server')) }]
    const options = given({
      ...(await client('alice')),
      groupId: utf8('group'),
      groupExtensions: [mls.externalSendersExtension(senders)],
      limits: { pastEpochs: 1 },
    })
    const state = await spoiling((own) => mls.createGroup(suite, own), options)
    expect(mls.groupId(state)).toEqual(utf8('group'))
    expect(state.limits.pastEpochs).toBe(1)
    expect(mls.readExternalSenders(state.groupContext.extensions)).toEqual(senders)
    expect(mls.ownLeafNode(state).credential).toEqual(mls.basicCredential(utf8('alice')))
    const bob = await keyPackageOf('bob')
    const { state: next, welcome } = await mls.commit(state, { nowMs, proposals: [mls.addProposal(bob.keyPackage)] })
    expect(agreement([next, await mls.joinGroup(suite, welcome as Uint8Array, [bob], { nowMs })])).toBe(1)
  })

  it('to commit', async () => {
    const [alice, bob, carol] = await trio()
    const update = await mls.proposeUpdate(carol, { nowMs })
    const [committer, receiver] = [await followed(alice, update.message), await followed(bob, update.message)]
    const dave = await keyPackageOf('dave')
    const options = given({
      nowMs,
      proposals: [mls.addProposal(dave.keyPackage)],
      references: [update.reference],
      leaf: { leafExtensions: [mls.applicationIdExtension(utf8('app'))] },
      authenticatedData: utf8('data'),
      groupInfo: { extensions: [{ extensionType: 0x0a0a, data: utf8('grease') }] },
    })
    const result = await spoiling((own) => mls.commit(committer, own), options)
    const processed = await mls.processMessage(receiver, result.message, { nowMs })
    expect(processed).toMatchObject({ kind: 'commit', added: [3], authenticatedData: utf8('data') })
    const joined = await mls.joinGroup(suite, result.welcome as Uint8Array, [dave], { nowMs })
    expect(agreement([result.state, processed.state, joined])).toBe(1)
    expect(mls.readApplicationId(mls.ownLeafNode(result.state).extensions)).toEqual(utf8('app'))
    expect(mls.memberAt(result.state, 3)).toEqual(dave.keyPackage.leafNode)
    checkIndependent(result.state, dave.keyPackage, result.message, result.welcome)
  })

  it('to a commit with a new credential and signature key', async () => {
    const [alice, bob] = await pair()
    const leaf = given({
      credential: mls.basicCredential(utf8('alice')),
      signatureKeyPair: await suite.signature.generateKeyPair(),
      capabilities: { proposals: [0xff01] },
    })
    const { state, message } = await spoiling((own) => mls.commit(alice, { nowMs, leaf: own }), leaf)
    expect(agreement([state, await followed(bob, message)])).toBe(1)
    expect(mls.ownLeafNode(state).capabilities.proposals).toEqual([0xff01])
    const sent = await mls.encryptMessage(state, utf8('x'))
    expect(mls.epoch((await mls.processMessage(await followed(bob, message), sent.message, { nowMs })).state)).toBe(2n)
  })

  it('to propose and proposeUpdate', async () => {
    const [alice, bob] = await pair()
    const dave = await keyPackageOf('dave')
    const proposal = given(mls.addProposal(dave.keyPackage))
    const options = given({ nowMs, authenticatedData: utf8('why') })
    const sent = await spoiling((one, own) => mls.propose(alice, one, own), proposal, options)
    const received = await mls.processMessage(bob, sent.message, { nowMs })
    expect(received).toMatchObject({ kind: 'proposal', authenticatedData: utf8('why') })
    checkIndependent(sent.state, sent.reference, sent.message, dave.keyPackage)
    if (received.kind !== 'proposal') throw new Error('not a proposal')
    checkIndependent(received.state, received.reference, received.authenticatedData)
    const changes = given({ leafExtensions: [mls.applicationIdExtension(utf8('app'))] })
    const updated = await spoiling(
      (one, own) => mls.proposeUpdate(received.state, own, one),
      changes,
      given({ nowMs, authenticatedData: utf8('new keys') }),
    )
    const heard = await mls.processMessage(sent.state, updated.message, { nowMs })
    expect(heard).toMatchObject({ kind: 'proposal', authenticatedData: utf8('new keys') })
    checkIndependent(updated.state, updated.reference)
    const commit = await mls.commit(heard.state, { nowMs })
    expect(agreement([commit.state, await followed(updated.state, commit.message)])).toBe(1)
    expect(mls.readApplicationId((mls.memberAt(commit.state, 1) as mls.LeafNode).extensions)).toEqual(utf8('app'))
  })

  it('to encryptMessage', async () => {
    const [alice, bob] = await pair()
    const options = given({ authenticatedData: utf8('subject') })
    const sent = await spoiling((data, own) => mls.encryptMessage(alice, data, own), given(utf8('text')), options)
    const received = await mls.processMessage(bob, sent.message, { nowMs })
    expect(received).toMatchObject({ data: utf8('text'), authenticatedData: utf8('subject') })
    if (received.kind !== 'application') throw new Error('not application data')
    checkIndependent(received.state, received.data, received.authenticatedData, sent.message)
  })

  it('to processMessage, encoded and decoded', async () => {
    const [alice, bob] = await pair()
    const dave = await keyPackageOf('dave')
    const options = { nowMs, wireFormat: 'public' } as const
    const messages = [
      (await mls.commit(bob, { ...options, proposals: [mls.addProposal(dave.keyPackage)] })).message,
      (await mls.propose(bob, mls.addProposal(dave.keyPackage), options)).message,
      (await mls.encryptMessage(bob, utf8('x'))).message,
    ]
    for (const message of messages) {
      const expected = fingerprint((await mls.processMessage(alice, message, { nowMs })).state)
      for (const input of [given(message), given(mls.decodeMlsMessage(message))]) {
        const { state } = await spoiling((one, judgement) => mls.processMessage(alice, one, judgement), input, {
          nowMs,
        })
        expect(fingerprint(state)).toBe(expected)
      }
    }
  })

  it('to joinGroup', async () => {
    const [alice] = await pair()
    const dave = await keyPackageOf('dave')
    const { state, welcome } = await mls.commit(alice, {
      nowMs,
      proposals: [mls.addProposal(dave.keyPackage)],
      groupInfo: { ratchetTree: false },
    })
    const joined = await spoiling(
      (message, keyPackages, options) => mls.joinGroup(suite, message, keyPackages, options),
      given(welcome as Uint8Array),
      given([await keyPackageOf('another'), dave]),
      given({ nowMs, ratchetTree: mls.exportRatchetTree(state), limits: { pastEpochs: 1 } }),
    )
    expect(joined.limits.pastEpochs).toBe(1)
    expect(agreement([state, joined])).toBe(1)
    checkIndependent(joined, dave.keyPackage, dave.secrets.encryptionKeyPair.publicKey)
    const commit = await mls.commit(state, { nowMs })
    expect(agreement([commit.state, await followed(joined, commit.message)])).toBe(1)
  })

  it('to joinExternal and createGroupInfo', async () => {
    const [alice, bob] = await pair()
    const info = await spoiling(
      (options) => mls.createGroupInfo(alice, options),
      given({ externalPub: true, extensions: [{ extensionType: 0x0a0a, data: utf8('grease') }] }),
    )
    const secret = new Secret(utf8('known to all of them'))
    const psks = mls.knownPsks({ external: [{ pskId: utf8('psk'), secret }] })
    const { state, message } = await spoiling(
      (bytes, options) => mls.joinExternal(suite, bytes, { ...options, psks }),
      given(info),
      given({
        ...(await client('bob')),
        nowMs,
        ratchetTree: mls.exportRatchetTree(alice),
        replaces: 1,
        pskIds: [mls.externalPskId(suite, utf8('psk'))],
        authenticatedData: utf8('again'),
      }),
    )
    const processed = await mls.processMessage(alice, message, { nowMs, psks })
    expect(processed).toMatchObject({ kind: 'commit', removed: [1], authenticatedData: utf8('again') })
    expect(agreement([state, processed.state])).toBe(1)
    expect(mls.ownLeafNode(state).credential).toEqual(mls.ownLeafNode(bob).credential)
  })

  it('to reinitGroup and branchGroup', async () => {
    const [alice, bob] = await pair()
    const branchOptions = async () =>
      given({
        ...(await client('alice')),
        nowMs,
        groupId: utf8('branch'),
        keyPackages: [(await keyPackageOf('bob')).keyPackage],
      })
    const branch = await spoiling((options) => mls.branchGroup(alice, options), await branchOptions())
    expect(mls.groupId(branch.state)).toEqual(utf8('branch'))
    expect(mls.groupMembers(branch.state)).toHaveLength(2)
    const reinit = mls.reinitProposal({ groupId: utf8('next'), cipherSuite: 1 })
    const { states } = await commitIn([alice, bob], 0, { proposals: [reinit] })
    const ready = await keyPackageOf('bob')
    const next = await spoiling(
      (options) => mls.reinitGroup(suite, states[0] as mls.GroupState, options),
      given({ ...(await client('alice')), nowMs, keyPackages: [ready.keyPackage] }),
    )
    const joined = await mls.joinGroup(suite, next.welcome as Uint8Array, [ready], {
      nowMs,
      predecessor: states[1] as mls.GroupState,
    })
    expect(agreement([next.state, joined])).toBe(1)
  })

  it('to proposals from outside', async () => {
    const server = await client('server')
    const sender = { signatureKey: server.signatureKeyPair.publicKey, credential: server.credential }
    const [alice] = (await groupOf(['alice'], { groupExtensions: [mls.externalSendersExtension([sender])] })) as [
      mls.GroupState,
    ]
    const target = () => given({ groupId: mls.groupId(alice), epoch: mls.epoch(alice), authenticatedData: utf8('x') })
    const dave = await client('dave')
    const { keyPackage } = await mls.createKeyPackage(suite, dave)
    const appointed = await spoiling(
      (proposal, to) => mls.proposeAsExternalSender(suite, server.signatureKeyPair, 0, proposal, to),
      given(mls.addProposal(keyPackage)),
      target(),
    )
    const own = await spoiling(
      (one, to) => mls.proposeOwnAdd(suite, dave.signatureKeyPair, one, to),
      given(keyPackage),
      target(),
    )
    for (const message of [appointed, own]) expect((await followed(alice, message)).proposals.size).toBe(1)
  })

  it('to validateKeyPackage, which judges what it was given', async () => {
    const { keyPackage } = await keyPackageOf('dave')
    await spoiling((one) => mls.validateKeyPackage(suite, one, { nowMs }), given(keyPackage))
    const wrong = given({ ...keyPackage, signature: new Uint8Array(64) })
    const judging = mls.validateKeyPackage(suite, wrong, { nowMs })
    Object.assign(wrong, keyPackage)
    expect(await rejectionCode(judging)).toBe('KEY_PACKAGE_SIGNATURE')
  })

  it('to restoreState and exportSecret', async () => {
    const [alice] = await pair()
    const records = new Map([...mls.stateRecords(alice).put].map(([name, value]) => [name, given(value)]))
    const restored = mls.restoreState(suite, records)
    for (const value of records.values()) value.fill(0xee)
    expect(fingerprint(restored)).toBe(fingerprint(alice))
    checkIndependent(restored, [...mls.stateRecords(restored).put.values()])
    checkIndependent(
      restored,
      mls.exportSecret(restored, 'x', given(utf8('c')), 16).bytes,
      mls.epochAuthenticator(restored),
    )
  })
})
