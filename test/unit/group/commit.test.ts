// Committing and following (RFC 9420 §12.4): what a commit does, what options it has, and that all agree afterwards.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import * as mls from '../../../src/mls.ts'
import { rejectionCode } from '../../support/errors.ts'
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

/** The Commit in a public message. */
function committed(message: Uint8Array) {
  const decoded = mls.decodeMlsMessage(message)
  if (decoded.wireFormat !== 1 || decoded.publicMessage.content.content.contentType !== 3) throw new Error('no commit')
  return decoded.publicMessage.content.content.commit
}

describe('a commit', () => {
  it.each(['private', 'public'] as const)('is followed by all members (%s)', async (wireFormat) => {
    let states: mls.GroupState[] = await groupOf(['a', 'b', 'c', 'd', 'e'])
    for (const committer of [0, 4, 2]) {
      const { states: next, result } = await commitIn(states, committer, { wireFormat, authenticatedData: utf8('why') })
      expect(agreement(next)).toBe(1)
      expect(mls.decodeMlsMessage(result.message).wireFormat).toBe(wireFormat === 'public' ? 1 : 2)
      states = next
    }
    expect(states.map(mls.epoch)).toEqual([4n, 4n, 4n, 4n, 4n])
  })

  it('says what it did', async () => {
    const [alice, bob, carol] = await trio()
    const dave = await keyPackageOf('dave')
    const proposals = [mls.removeProposal(2), mls.addProposal(dave.keyPackage)]
    const { message } = await mls.commit(alice, { nowMs, proposals, authenticatedData: utf8('why') })
    const processed = await mls.processMessage(bob, message, { nowMs })
    expect(processed).toMatchObject({
      kind: 'commit',
      committer: { sender: { senderType: 1, leafIndex: 0 }, leafIndex: 0 },
      added: [2],
      removed: [2],
      authenticatedData: utf8('why'),
    })
    expect((await followed(carol, message)).status).toBe('removed')
  })

  it('replaces all the keys of its sender', async () => {
    const [alice] = await pair()
    const { state } = await mls.commit(alice, { nowMs })
    const [before, after] = [mls.ownLeafNode(alice), mls.ownLeafNode(state)]
    expect(after.encryptionKey).not.toEqual(before.encryptionKey)
    expect(after.signatureKey).toEqual(before.signatureKey)
    expect(after.origin.source).toBe(3)
    for (const [nodeIndex, { publicKey }] of state.own.privateKeys) {
      expect(alice.own.privateKeys.get(nodeIndex)?.publicKey).not.toEqual(publicKey)
    }
  })

  it('leaves the path out only where it is allowed to, and asked to (RFC 9420 §12.4)', async () => {
    const [alice, bob] = await pair()
    const dave = await keyPackageOf('dave')
    const hasPath = async (options: Partial<mls.CommitOptions>) => {
      const { state, message } = await mls.commit(alice, { nowMs, wireFormat: 'public', ...options })
      expect(agreement([state, await followed(bob, message)])).toBe(1)
      return committed(message).path !== undefined
    }
    const adding = { proposals: [mls.addProposal(dave.keyPackage)] }
    expect(await hasPath(adding)).toBe(true)
    expect(await hasPath({ ...adding, path: 'whenRequired' })).toBe(false)
    expect(await hasPath({ path: 'whenRequired' })).toBe(true)
    expect(await hasPath({ proposals: [mls.groupContextExtensionsProposal([])], path: 'whenRequired' })).toBe(true)
    const reinit = mls.reinitProposal({ groupId: utf8('next'), cipherSuite: 1 })
    expect(await hasPath({ proposals: [reinit] })).toBe(false)
    expect(await hasPath({ proposals: [reinit], path: 'always' })).toBe(true)
    const changing = mls.commit(alice, { nowMs, ...adding, path: 'whenRequired', leaf: {} })
    expect(await rejectionCode(changing)).toBe('ARGUMENT_INVALID')
  })

  it('without a path keeps all keys, and the group goes on', async () => {
    const [alice, bob] = await pair()
    const dave = await keyPackageOf('dave')
    const { state, message, welcome } = await mls.commit(alice, {
      nowMs,
      proposals: [mls.addProposal(dave.keyPackage)],
      path: 'whenRequired',
    })
    expect(state.own.privateKeys).toEqual(alice.own.privateKeys)
    const joined = await mls.joinGroup(suite, welcome as Uint8Array, [dave], { nowMs })
    const { states } = await commitIn([state, await followed(bob, message), joined], 2)
    expect(agreement(states)).toBe(1)
  })

  it('adds and removes in one step, and fills the places that become free from the left', async () => {
    const states = await groupOf(['a', 'b', 'c', 'd'])
    const added = await Promise.all(['e', 'f', 'g'].map((name) => keyPackageOf(name)))
    const proposals = [
      ...added.map(({ keyPackage }) => mls.addProposal(keyPackage)),
      mls.removeProposal(0),
      mls.removeProposal(2),
    ]
    const { states: next, result } = await commitIn([states[1], states[3]] as mls.GroupState[], 0, { proposals })
    const joined = await Promise.all(
      added.map((keyPackage) => mls.joinGroup(suite, result.welcome as Uint8Array, [keyPackage], { nowMs })),
    )
    expect(joined.map(({ own }) => own.leafIndex)).toEqual([0, 2, 4])
    expect(agreement([...next, ...joined])).toBe(1)
  })

  it('removes the first member, who created the group', async () => {
    const [alice, bob, carol] = await trio()
    const { states } = await commitIn([alice, bob, carol], 1, { proposals: [mls.removeProposal(0)] })
    expect(states.map(({ status }) => status)).toEqual(['removed', 'active', 'active'])
    expect(agreement(states.slice(1))).toBe(1)
  })

  it('uses a PSK that all have, and nobody else follows', async () => {
    const [alice, bob] = await pair()
    const lookupOf = (text: string) =>
      mls.knownPsks({ external: [{ pskId: utf8('psk'), secret: new Secret(utf8(text)) }] })
    const proposals = [mls.preSharedKeyProposal(mls.externalPskId(suite, utf8('psk')))]
    const { state, message } = await mls.commit(alice, { nowMs, proposals, psks: lookupOf('right') })
    const processed = await mls.processMessage(bob, message, { nowMs, psks: async (id) => lookupOf('right')(id) })
    expect(agreement([state, processed.state])).toBe(1)
    const wrong = mls.processMessage(bob, message, { nowMs, psks: lookupOf('wrong') })
    expect(await rejectionCode(wrong)).toBe('COMMIT_CONFIRMATION_TAG')
    expect(await rejectionCode(followed(bob, message))).toBe('PSK_UNKNOWN')
  })

  it('changes the extensions of the group', async () => {
    const [alice, bob] = await pair()
    const extensions = [
      mls.requiredCapabilitiesExtension({ extensionTypes: [], proposalTypes: [], credentialTypes: [1] }),
    ]
    const { states } = await commitIn([alice, bob], 0, { proposals: [mls.groupContextExtensionsProposal(extensions)] })
    for (const state of states) expect(state.groupContext.extensions).toEqual(extensions)
    expect(agreement(states)).toBe(1)
  })

  it('puts what was changed of its own leaf into effect', async () => {
    const [alice, bob] = await pair()
    const leaf = {
      leafExtensions: [mls.applicationIdExtension(utf8('device 2'))],
      capabilities: { proposals: [0xff01] },
    }
    const { states } = await commitIn([alice, bob], 1, { leaf })
    for (const state of states) {
      const leafNode = mls.memberAt(state, 1)
      expect(leafNode?.capabilities.proposals).toEqual([0xff01])
      expect(mls.readApplicationId(leafNode?.extensions ?? [])).toEqual(utf8('device 2'))
    }
    // What is not mentioned the next time stays.
    const { states: next } = await commitIn(states, 1)
    expect(mls.memberAt(next[0] as mls.GroupState, 1)?.capabilities.proposals).toEqual([0xff01])
  })
})

describe('a Welcome', () => {
  it('is there where someone is added, and has the tree unless it is told not to', async () => {
    const [alice] = await pair()
    const dave = await keyPackageOf('dave')
    const proposals = [mls.addProposal(dave.keyPackage)]
    const full = await mls.commit(alice, { nowMs, proposals })
    const bare = await mls.commit(alice, { nowMs, proposals, groupInfo: { ratchetTree: false } })
    expect(full.welcome?.length).toBeGreaterThan((bare.welcome?.length ?? 0) + 300)
    const join = (options: Partial<mls.JoinOptions>) =>
      mls.joinGroup(suite, bare.welcome as Uint8Array, [dave], { nowMs, ...options })
    expect(await rejectionCode(join({}))).toBe('JOIN_TREE_MISSING')
    const joined = await join({ ratchetTree: mls.exportRatchetTree(bare.state) })
    expect(agreement([bare.state, joined])).toBe(1)
    expect(await rejectionCode(join({ ratchetTree: mls.exportRatchetTree(full.state) }))).toBe('TREE_HASH_MISMATCH')
  })

  it('finds the key package that it is for among others', async () => {
    const [alice] = await pair()
    const [one, two, three] = await Promise.all(['x', 'y', 'z'].map((name) => keyPackageOf(name)))
    if (one === undefined || two === undefined || three === undefined) throw new Error('too few')
    const { welcome } = await mls.commit(alice, { nowMs, proposals: [mls.addProposal(two.keyPackage)] })
    const joined = await mls.joinGroup(suite, welcome as Uint8Array, [one, two, three], { nowMs })
    expect(mls.ownLeafNode(joined)).toEqual(two.keyPackage.leafNode)
    const without = mls.joinGroup(suite, welcome as Uint8Array, [one, three], { nowMs })
    expect(await rejectionCode(without)).toBe('JOIN_KEY_PACKAGE_UNKNOWN')
  })

  it('is refused by those who are in the group already', async () => {
    const [alice] = await pair()
    const dave = await keyPackageOf('dave')
    const { welcome } = await mls.commit(alice, { nowMs, proposals: [mls.addProposal(dave.keyPackage)] })
    const asked: Uint8Array[] = []
    const isOwnGroup = (groupId: Uint8Array) => asked.push(groupId) > 0
    const joining = mls.joinGroup(suite, welcome as Uint8Array, [dave], { nowMs, isOwnGroup })
    expect(await rejectionCode(joining)).toBe('GROUP_ID_TAKEN')
    expect(asked).toEqual([mls.groupId(alice)])
  })

  it('goes with PSKs that the new member has to have', async () => {
    const [alice] = await pair()
    const dave = await keyPackageOf('dave')
    const psks = mls.knownPsks({ external: [{ pskId: utf8('psk'), secret: new Secret(utf8('shared')) }] })
    const proposals = [
      mls.addProposal(dave.keyPackage),
      mls.preSharedKeyProposal(mls.externalPskId(suite, utf8('psk'))),
    ]
    const { state, welcome } = await mls.commit(alice, { nowMs, proposals, psks })
    const joined = await mls.joinGroup(suite, welcome as Uint8Array, [dave], { nowMs, psks })
    expect(agreement([state, joined])).toBe(1)
    const without = mls.joinGroup(suite, welcome as Uint8Array, [dave], { nowMs })
    expect(await rejectionCode(without)).toBe('PSK_UNKNOWN')
  })
})

describe('an Update', () => {
  it('takes effect when somebody else commits it, with all the new keys', async () => {
    const [alice, bob, carol] = await trio()
    const signatureKeyPair = await suite.signature.generateKeyPair()
    const update = await mls.proposeUpdate(bob, { nowMs }, { signatureKeyPair })
    const states = [await followed(alice, update.message), update.state, await followed(carol, update.message)]
    const { states: next } = await commitIn(states, 2)
    expect(agreement(next)).toBe(1)
    expect(mls.memberAt(next[0] as mls.GroupState, 1)?.signatureKey).toEqual(signatureKeyPair.publicKey)
    const { states: last } = await commitIn(next, 1)
    expect(agreement(last)).toBe(1)
  })

  it('that was not committed is forgotten, and the old keys stay', async () => {
    const [alice, bob] = await pair()
    const update = await mls.proposeUpdate(bob, { nowMs })
    const { state, message } = await mls.commit(alice, { nowMs })
    const next = await followed(update.state, message)
    expect(agreement([state, next])).toBe(1)
    expect(mls.ownLeafNode(next)).toEqual(mls.ownLeafNode(bob))
  })

  it('is not proposed by `propose`', async () => {
    const [alice] = await pair()
    const leafNode = mls.ownLeafNode(alice)
    expect(await rejectionCode(mls.propose(alice, { proposalType: 2, leafNode }, { nowMs }))).toBe('ARGUMENT_INVALID')
    const init = { proposalType: 6, kemOutput: utf8('x') } as const
    expect(await rejectionCode(mls.propose(alice, init, { nowMs }))).toBe('ARGUMENT_INVALID')
  })
})

describe('clients of different abilities', () => {
  it('agree on what all of them can do', async () => {
    const states = await groupOf(['a', 'b'], {
      clients: { a: { capabilities: { extensions: [0xff01, 0xff02] } }, b: { capabilities: { extensions: [0xff02] } } },
    })
    const extend = (extensionType: number) => {
      const proposal = mls.groupContextExtensionsProposal([{ extensionType, data: utf8('x') }])
      return commitIn(states, 0, { proposals: [proposal] })
    }
    expect(agreement((await extend(0xff02)).states)).toBe(1)
    expect(await rejectionCode(extend(0xff01))).toBe('GROUP_EXTENSION_UNSUPPORTED')
    const { states: extended } = await extend(0xff02)
    const poor = await mls.createKeyPackage(suite, await client('poor'))
    const adding = commitIn(extended, 0, { proposals: [mls.addProposal(poor.keyPackage)] })
    expect(await rejectionCode(adding)).toBe('LEAF_EXTENSION_UNSUPPORTED')
  })
})
