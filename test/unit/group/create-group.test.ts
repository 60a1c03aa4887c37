// A group of one (RFC 9420 §11).
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import { suite5 } from '../../../src/crypto/providers/noble/suites.ts'
import * as mls from '../../../src/mls.ts'
import { rejectionCode } from '../../support/errors.ts'
import { client, keyPackageOf, nowMs, suite } from './group-fixtures.ts'

describe('a new group', () => {
  it('has its creator at leaf 0, in epoch 0, and an empty transcript', async () => {
    const state = await mls.createGroup(suite, { ...(await client('alice')), groupId: utf8('g') })
    expect(state.own.leafIndex).toBe(0)
    expect(state.groupContext).toMatchObject({
      version: 1,
      cipherSuite: 1,
      groupId: utf8('g'),
      epoch: 0n,
      confirmedTranscriptHash: new Uint8Array(0),
      extensions: [],
    })
    expect(mls.groupMembers(state).map(({ leafIndex }) => leafIndex)).toEqual([0])
    expect([...state.own.privateKeys.keys()]).toEqual([0])
  })

  it('has secrets that no other group has', async () => {
    const alice = { ...(await client('alice')), groupId: utf8('g') }
    const [one, two] = await Promise.all([mls.createGroup(suite, alice), mls.createGroup(suite, alice)])
    expect(mls.epochAuthenticator(one)).not.toEqual(mls.epochAuthenticator(two))
  })

  it('goes on alone, and takes members later', async () => {
    let state = await mls.createGroup(suite, await client('alice'))
    for (let epoch = 1n; epoch < 3n; epoch++) {
      const { state: next, welcome } = await mls.commit(state, { nowMs })
      expect(welcome).toBeUndefined()
      expect(mls.epoch(next)).toBe(epoch)
      state = next
    }
    const bob = await keyPackageOf('bob')
    const { state: next, welcome } = await mls.commit(state, { nowMs, proposals: [mls.addProposal(bob.keyPackage)] })
    const joined = await mls.joinGroup(suite, welcome as Uint8Array, [bob], { nowMs })
    expect(mls.epochAuthenticator(joined)).toEqual(mls.epochAuthenticator(next))
  })

  it('works in the suite with the largest numbers', async () => {
    const signatureKeyPair = await suite5.signature.generateKeyPair()
    const options = { ...(await client('alice')), signatureKeyPair }
    const state = await mls.createGroup(suite5, options)
    expect(mls.groupId(state)).toHaveLength(64)
  })
})

describe('a group is not created', () => {
  const required = { extensionTypes: [0xff01], proposalTypes: [], credentialTypes: [] }
  it('with extensions that its creator does not support', async () => {
    const alice = await client('alice')
    const groupExtensions = [{ extensionType: 0xff01, data: utf8('x') }]
    expect(await rejectionCode(mls.createGroup(suite, { ...alice, groupExtensions }))).toBe(
      'GROUP_EXTENSION_UNSUPPORTED',
    )
    const capabilities = { extensions: [0xff01] }
    const state = await mls.createGroup(suite, { ...alice, groupExtensions, capabilities })
    expect(state.groupContext.extensions).toEqual(groupExtensions)
  })

  it('with required capabilities that its creator lacks', async () => {
    const alice = await client('alice')
    const groupExtensions = [mls.requiredCapabilitiesExtension(required)]
    expect(await rejectionCode(mls.createGroup(suite, { ...alice, groupExtensions }))).toBe(
      'GROUP_REQUIRED_CAPABILITIES',
    )
    await mls.createGroup(suite, { ...alice, groupExtensions, capabilities: { extensions: [0xff01] } })
  })
})
