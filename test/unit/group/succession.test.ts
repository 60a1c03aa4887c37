// Groups that continue others: ReInit (RFC 9420 §11.2) and branches (§11.3).
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import { suite3 } from '../../../src/crypto/providers/noble/suites.ts'
import * as mls from '../../../src/mls.ts'
import { rejectionCode } from '../../support/errors.ts'
import { agreement, client, commitIn, keyPackageOf, nowMs, pair, suite, trio } from './group-fixtures.ts'

const joinWith = (
  result: mls.CommitResult,
  own: mls.OwnKeyPackage,
  predecessor: mls.GroupState | undefined,
  changes: Partial<mls.JoinOptions> = {},
) =>
  mls.joinGroup(result.state.suite, result.welcome as Uint8Array, [own], {
    nowMs,
    ...(predecessor && { predecessor }),
    ...changes,
  })

describe('a ReInit', () => {
  async function reinitialised(cipherSuite: 1 | 3 = 3) {
    const extensions = [mls.externalSendersExtension([])]
    const proposal = mls.reinitProposal({ groupId: utf8('next'), cipherSuite, extensions })
    const { states } = await commitIn(await pair(), 0, { proposals: [proposal] })
    return { old: states as [mls.GroupState, mls.GroupState], extensions }
  }

  it('leads to a group of the new suite with the same members', async () => {
    const { old, extensions } = await reinitialised()
    const bob = await mls.createKeyPackage(suite3, await client('bob'))
    const options = { ...(await client('alice')), nowMs, keyPackages: [bob.keyPackage] }
    const next = await mls.reinitGroup(suite3, old[0], options)
    expect(next.state.groupContext).toMatchObject({ groupId: utf8('next'), cipherSuite: 3, epoch: 1n, extensions })
    const joined = await joinWith(next, bob, old[1], { succession: 'reinit' })
    expect(agreement([next.state, joined])).toBe(1)
  })

  it('is refused by who does not have the old group, or has not seen the ReInit', async () => {
    const { old } = await reinitialised()
    const bob = await mls.createKeyPackage(suite3, await client('bob'))
    const next = await mls.reinitGroup(suite3, old[0], {
      ...(await client('alice')),
      nowMs,
      keyPackages: [bob.keyPackage],
    })
    expect(await rejectionCode(joinWith(next, bob, undefined))).toBe('PSK_UNKNOWN')
    const [stranger] = await pair()
    expect(await rejectionCode(joinWith(next, bob, stranger))).toBe('PSK_UNKNOWN')
    const unaware = { ...old[1], reinit: undefined }
    expect(await rejectionCode(joinWith(next, bob, unaware))).toBe('JOIN_REINIT_MISMATCH')
    expect(await rejectionCode(joinWith(next, bob, old[1], { succession: 'branch' }))).toBe('JOIN_BRANCH_MISMATCH')
  })

  it('is not carried out here with a version that this library does not know', async () => {
    const proposal = { ...mls.reinitProposal({ groupId: utf8('next'), cipherSuite: 1 }), version: 2 }
    const { states } = await commitIn(await pair(), 0, { proposals: [proposal] })
    const alice = { ...(await client('alice')), nowMs, keyPackages: [(await keyPackageOf('bob')).keyPackage] }
    const making = mls.reinitGroup(suite, states[0] as mls.GroupState, alice)
    expect(await rejectionCode(making)).toBe('JOIN_REINIT_MISMATCH')
  })

  it('is not carried out with another suite, another set of members, or without a ReInit', async () => {
    const { old } = await reinitialised()
    const alice = { ...(await client('alice')), nowMs, keyPackages: [] }
    expect(await rejectionCode(mls.reinitGroup(suite, old[0], alice))).toBe('JOIN_REINIT_MISMATCH')
    expect(await rejectionCode(mls.reinitGroup(suite3, old[0], alice))).toBe('JOIN_REINIT_MISMATCH')
    const [active] = await pair()
    expect(await rejectionCode(mls.reinitGroup(suite3, active, alice))).toBe('ARGUMENT_INVALID')
  })

  it('may have new members, and knows old ones by the policy', async () => {
    const { old } = await reinitialised(1)
    const [bob, extra] = await Promise.all([keyPackageOf('Bob, renamed'), keyPackageOf('erin')])
    const options = {
      ...(await client('alice')),
      nowMs,
      keyPackages: [bob.keyPackage, extra.keyPackage],
    }
    expect(await rejectionCode(mls.reinitGroup(suite, old[0], options))).toBe('JOIN_REINIT_MISMATCH')
    const initial = ({ credential }: mls.LeafNode) =>
      new TextDecoder().decode(mls.basicIdentity(credential))[0]?.toLowerCase()
    const policy: mls.GroupPolicy = { sameClient: (a, b) => initial(a) === initial(b) }
    const next = await mls.reinitGroup(suite, old[0], { ...options, policy })
    expect(mls.groupMembers(next.state)).toHaveLength(3)
    expect(agreement([next.state, await joinWith(next, bob, old[1], { policy })])).toBe(1)
    expect(await rejectionCode(joinWith(next, bob, old[1]))).toBe('JOIN_REINIT_MISMATCH')
  })
})

describe('a branch', () => {
  it('is a group of some of the members, and the old group goes on', async () => {
    const [alice, bob, carol] = await trio()
    const ready = await keyPackageOf('carol')
    const options = { ...(await client('alice')), nowMs, keyPackages: [ready.keyPackage] }
    const branch = await mls.branchGroup(alice, options)
    const joined = await joinWith(branch, ready, carol, { succession: 'branch' })
    expect(agreement([branch.state, joined])).toBe(1)
    expect(mls.groupId(branch.state)).not.toEqual(mls.groupId(alice))
    expect(alice.status).toBe('active')
    expect(agreement((await commitIn([alice, bob, carol], 1)).states)).toBe(1)
  })

  it('takes nobody who is not in the group, on either side', async () => {
    const [alice, bob] = await pair()
    const [outsider, ready] = await Promise.all([keyPackageOf('eve'), keyPackageOf('bob')])
    const options = { ...(await client('alice')), nowMs }
    const branching = mls.branchGroup(alice, { ...options, keyPackages: [outsider.keyPackage] })
    expect(await rejectionCode(branching)).toBe('JOIN_BRANCH_MISMATCH')
    const lenient: mls.GroupPolicy = { sameClient: () => true }
    const keyPackages = [outsider.keyPackage, ready.keyPackage]
    const branch = await mls.branchGroup(alice, { ...options, keyPackages, policy: lenient })
    expect(await rejectionCode(joinWith(branch, ready, bob))).toBe('JOIN_BRANCH_MISMATCH')
  })

  it('has the extensions of the old group unless it is given others', async () => {
    const groupExtensions = [mls.externalSendersExtension([])]
    const [alice] = await pair({ groupExtensions })
    const options = { ...(await client('alice')), nowMs, keyPackages: [] }
    expect((await mls.branchGroup(alice, options)).state.groupContext.extensions).toEqual(groupExtensions)
    const bare = await mls.branchGroup(alice, { ...options, groupExtensions: [] })
    expect(bare.state.groupContext.extensions).toEqual([])
  })

  it('of one is tied to its group too', async () => {
    const [alice] = await pair()
    const options = { ...(await client('alice')), nowMs, keyPackages: [], groupId: utf8('mine') }
    const [one, two] = await Promise.all([mls.branchGroup(alice, options), mls.branchGroup(alice, options)])
    expect([mls.epoch(one.state), one.welcome]).toEqual([1n, undefined])
    expect(agreement([one.state, two.state])).toBe(2)
  })
})
