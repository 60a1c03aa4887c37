// What the RPCs of coterie's server do when a group is reinitialized or branches.
import { describe, expect, it } from 'vitest'
import { EMPTY, utf8 } from '../../../src/bytes.ts'
import { LeafNodeSource, readRatchetTree } from '../../../src/mls.ts'
import type { HandleReInitCommitResponse } from './messages.ts'
import type { RequestOf } from './mls-client.ts'
import { describe as described, NOTHING, Stage } from './server-stage.ts'

const target = { groupId: utf8('successor'), cipherSuite: 2, extensions: [] }

describe('the commit of a ReInit', () => {
  it('is for its own RPCs only, and those for nothing else', async () => {
    const stage = new Stage()
    const { alice, bob } = await stage.group('alice', 'bob')
    const { proposal } = await stage.stack.ReInitProposal({ stateId: alice, ...target })
    const byReference = [proposal]
    await expect(stage.commit(alice, { byReference })).rejects.toThrow('this is the commit of a ReInit')
    await expect(stage.stack.ReInitCommit({ stateId: alice, ...NOTHING })).rejects.toThrow('is no commit of a ReInit')
    const { commit: ordinary } = await stage.commit(bob)
    await expect(stage.stack.HandlePendingReInitCommit({ stateId: bob })).rejects.toThrow('is no commit of a ReInit')
    const handle = (commit: Uint8Array) => ({ stateId: alice, commit, proposal: byReference })
    await expect(stage.stack.HandleReInitCommit(handle(ordinary))).rejects.toThrow('is no commit of a ReInit')

    const { commit } = await stage.stack.ReInitCommit({ stateId: bob, ...NOTHING, byReference })
    await expect(stage.stack.HandlePendingCommit({ stateId: bob })).rejects.toThrow('this is the commit of a ReInit')
    await expect(stage.stack.HandleCommit(handle(commit))).rejects.toThrow('this is the commit of a ReInit')
    const [first, second] = [
      await stage.stack.HandlePendingReInitCommit({ stateId: bob }),
      await stage.stack.HandleReInitCommit(handle(commit)),
    ]
    expect(second.epochAuthenticator).toEqual(first.epochAuthenticator)
    for (const stateId of [alice, bob]) {
      await expect(stage.stack.StateAuth({ stateId })).rejects.toThrow(`there is no state ${stateId}`)
    }
  })

  it('needs a suite that the server has, and otherwise leaves everything as it is', async () => {
    const stage = new Stage()
    const { alice } = await stage.group('alice')
    const { proposal } = await stage.stack.ReInitProposal({ stateId: alice, ...target, cipherSuite: 99 })
    await stage.stack.ReInitCommit({ stateId: alice, ...NOTHING, byReference: [proposal] })
    const handled = stage.stack.HandlePendingReInitCommit({ stateId: alice })
    await expect(handled).rejects.toMatchObject({ code: 'CRYPTO_UNSUPPORTED_SUITE' })
    await stage.commit(alice)
    await stage.stack.HandlePendingCommit({ stateId: alice })
  })
})

describe('the successor of a group', () => {
  it.each([
    ['the same group ID and suite', { ...target, groupId: utf8('of alice'), cipherSuite: 1 }],
    ['another group ID and suite', target],
  ])('has %s as the ReInit says', async (_, wanted) => {
    const { stage, alice, bob } = await ended(wanted)
    const created = await stage.stack.ReInitWelcome(founding(alice, [bob.keyPackage]))
    const joined = await stage.stack.HandleReInitWelcome(answer(bob, created))
    expect(joined.epochAuthenticator).toEqual(created.epochAuthenticator)
    const { commit } = await stage.commit(joined.stateId)
    await stage.follow([joined.stateId, created.stateId], commit)
    await expect(stage.stack.ReInitWelcome(founding(alice, [bob.keyPackage]))).rejects.toThrow('there is no reinit')
    await expect(stage.stack.HandleReInitWelcome(answer(bob, created))).rejects.toThrow('there is no reinit')
  })

  it('has the members of the old group: none missing, none new', async () => {
    const { stage, alice, bob } = await ended(target)
    const stranger = (await stage.offer('mallory', 2)).keyPackage
    for (const keyPackages of [[], [bob.keyPackage, stranger], [stranger]]) {
      const founded = stage.stack.ReInitWelcome(founding(alice, keyPackages))
      await expect(founded).rejects.toMatchObject({ code: 'JOIN_REINIT_MISMATCH' })
    }
    await stage.stack.ReInitWelcome(founding(alice, [bob.keyPackage]))
  })

  it('is not any group that someone adds the member to', async () => {
    const { stage, bob } = await ended({ ...target, cipherSuite: 1 })
    const { alice } = await stage.group('alice')
    const { welcome } = await stage.commit(alice, { byValue: [described('add', { keyPackage: bob.keyPackage })] })
    const joined = stage.stack.HandleReInitWelcome(answer(bob, { welcome, ratchetTree: EMPTY }))
    await expect(joined).rejects.toMatchObject({ code: 'JOIN_REINIT_MISMATCH' })
  })
})

describe('a branch', () => {
  it('leaves the old group as it is, beside the new one', async () => {
    const stage = new Stage()
    const { alice, bob, carol } = await stage.group('alice', 'bob', 'carol')
    const { keyPackage, transactionId } = await stage.offer('bob')
    const created = await stage.stack.CreateBranch(branching(alice, [keyPackage]))
    const joined = await stage.stack.HandleBranch({ ...created, stateId: bob, transactionId })
    expect(joined.epochAuthenticator).toEqual(created.epochAuthenticator)
    expect(await stage.agree(alice, bob, carol)).toBe(true)
    for (const states of [
      [alice, bob, carol],
      [joined.stateId, created.stateId],
    ] as const) {
      const { commit } = await stage.commit(states[0])
      await stage.follow(states, commit)
      expect(await stage.agree(...states)).toBe(true)
    }
    await expect(stage.stack.HandleBranch({ ...created, stateId: bob, transactionId })).rejects.toThrow(
      `there is no transaction ${transactionId}`,
    )
  })

  it.each([
    [true, LeafNodeSource.commit],
    [false, LeafNodeSource.keyPackage],
  ])('has a path where it is asked for: %s', async (forcePath, source) => {
    const stage = new Stage()
    const { alice } = await stage.group('alice', 'bob')
    const { keyPackage } = await stage.offer('bob')
    const request = { ...branching(alice, [keyPackage]), forcePath, externalTree: true }
    const { ratchetTree } = await stage.stack.CreateBranch(request)
    expect(readRatchetTree(ratchetTree)[0]?.leafNode.origin.source).toBe(source)
  })

  it('has an ID of its own and members of the old group only', async () => {
    const stage = new Stage()
    const { alice } = await stage.group('alice', 'bob')
    const taken = stage.stack.CreateBranch({ ...branching(alice, []), groupId: utf8('of alice') })
    await expect(taken).rejects.toMatchObject({ code: 'GROUP_ID_TAKEN' })
    const { keyPackage } = await stage.offer('mallory')
    const strange = stage.stack.CreateBranch(branching(alice, [keyPackage]))
    await expect(strange).rejects.toMatchObject({ code: 'JOIN_BRANCH_MISMATCH' })
  })

  it('is not any group that someone adds the member to', async () => {
    const stage = new Stage()
    const { bob } = await stage.group('alice', 'bob')
    const { keyPackage, transactionId } = await stage.offer('bob')
    const other = await stage.group('zoe')
    const { welcome } = await stage.commit(other.zoe, { byValue: [described('add', { keyPackage })] })
    const joined = stage.stack.HandleBranch({ stateId: bob, transactionId, welcome, ratchetTree: EMPTY })
    await expect(joined).rejects.toMatchObject({ code: 'JOIN_BRANCH_MISMATCH' })
  })

  it('belongs to the group that it comes from', async () => {
    const stage = new Stage()
    const { alice } = await stage.group('alice', 'bob')
    const other = await stage.group('zoe', 'bob')
    const { keyPackage, transactionId } = await stage.offer('bob')
    const created = await stage.stack.CreateBranch(branching(alice, [keyPackage]))
    const joined = stage.stack.HandleBranch({ ...created, stateId: other.bob, transactionId })
    await expect(joined).rejects.toMatchObject({ code: 'PSK_UNKNOWN' })
  })
})

/** A group of alice and bob after a ReInit that alice has committed. */
async function ended(wanted: Omit<RequestOf<'ReInitProposal'>, 'stateId'>): Promise<{
  stage: Stage
  alice: HandleReInitCommitResponse
  bob: HandleReInitCommitResponse
}> {
  const stage = new Stage()
  const { alice, bob } = await stage.group('alice', 'bob')
  const { proposal } = await stage.stack.ReInitProposal({ stateId: bob, ...wanted })
  const byReference = [proposal]
  const { commit } = await stage.stack.ReInitCommit({ stateId: alice, ...NOTHING, byReference })
  return {
    stage,
    alice: await stage.stack.HandlePendingReInitCommit({ stateId: alice }),
    bob: await stage.stack.HandleReInitCommit({ stateId: bob, commit, proposal: byReference }),
  }
}

function founding(
  { reinitId }: HandleReInitCommitResponse,
  keyPackage: readonly Uint8Array[],
): RequestOf<'ReInitWelcome'> {
  return { reinitId, keyPackage, forcePath: false, externalTree: false }
}

function answer(
  { reinitId }: HandleReInitCommitResponse,
  { welcome, ratchetTree }: { welcome: Uint8Array; ratchetTree: Uint8Array },
): RequestOf<'HandleReInitWelcome'> {
  return { reinitId, welcome, ratchetTree }
}

function branching(stateId: number, keyPackages: readonly Uint8Array[]): RequestOf<'CreateBranch'> {
  return { stateId, groupId: utf8('branch'), extensions: [], keyPackages, forcePath: false, externalTree: false }
}
