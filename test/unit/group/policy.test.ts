// Policy hooks: whom they are asked about, that they may take their time, and what becomes of what they throw.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import * as mls from '../../../src/mls.ts'
import { rejectionCode, rejectionOf } from '../../support/errors.ts'
import { client, followed, groupOf, keyPackageOf, nowMs, pair, suite, trio } from './group-fixtures.ts'

const names = (checks: readonly mls.CredentialCheck[]) =>
  checks.map(({ credential }) => new TextDecoder().decode(mls.basicIdentity(credential)))

/** A policy that takes its time, and what it was asked. */
function asked(): { policy: mls.GroupPolicy; batches: mls.CredentialCheck[][] } {
  const batches: mls.CredentialCheck[][] = []
  return {
    batches,
    policy: {
      validateCredentials: async (checks) => {
        await new Promise((resolve) => setTimeout(resolve, 1))
        batches.push([...checks])
      },
    },
  }
}

const refusing = (error: unknown): mls.GroupPolicy => ({
  validateCredentials: async () => {
    throw error
  },
})

describe('validateCredentials', () => {
  it('is asked once about all that a commit brings', async () => {
    const [alice, bob] = await pair()
    const added = await Promise.all(['carol', 'dave'].map((name) => keyPackageOf(name)))
    const proposals = added.map(({ keyPackage }) => mls.addProposal(keyPackage))
    const committing = asked()
    const { message } = await mls.commit(alice, { nowMs, proposals, policy: committing.policy })
    expect(committing.batches.map(names)).toEqual([['carol', 'dave']])
    const receiving = asked()
    await mls.processMessage(bob, message, { nowMs, policy: receiving.policy })
    // The committer's own new leaf is judged when its path is, with the one that it replaces.
    expect(receiving.batches.map(names)).toEqual([['carol', 'dave'], ['alice']])
    expect(receiving.batches[1]?.[0]?.predecessor).toEqual(mls.memberAt(bob, 0))
    expect(receiving.batches[0]?.[0]).toMatchObject({ role: 'member', predecessor: undefined })
  })

  it('is asked once about all members of a group that one joins, and about its external senders', async () => {
    const founder = await client('alice')
    const outsider = await client('server')
    const created = await mls.createGroup(suite, {
      ...founder,
      groupExtensions: [
        mls.externalSendersExtension([
          { signatureKey: outsider.signatureKeyPair.publicKey, credential: outsider.credential },
        ]),
      ],
    })
    const bob = await keyPackageOf('bob')
    const { welcome } = await mls.commit(created, { nowMs, proposals: [mls.addProposal(bob.keyPackage)] })
    const { policy, batches } = asked()
    await mls.joinGroup(suite, welcome as Uint8Array, [bob], { nowMs, policy })
    expect(batches.map(names)).toEqual([['server', 'alice', 'bob']])
    expect(batches[0]?.map(({ role }) => role)).toEqual(['externalSender', 'member', 'member'])
    expect(batches[0]?.[0]?.leafNode).toBeUndefined()
  })

  it('is asked when a group is created, and when a proposal comes on its own', async () => {
    const { policy, batches } = asked()
    await mls.createGroup(suite, { ...(await client('alice')), policy })
    const [alice, bob] = await pair()
    const update = await mls.proposeUpdate(bob, { nowMs })
    await mls.processMessage(alice, update.message, { nowMs, policy })
    expect(batches.map(names)).toEqual([['alice'], ['bob']])
    expect(batches[1]?.[0]?.predecessor).toEqual(mls.memberAt(alice, 1))
  })

  it('is not asked where there is nothing to judge', async () => {
    const [alice, bob, carol] = await trio()
    const { policy, batches } = asked()
    const removing = await mls.commit(alice, { nowMs, proposals: [mls.removeProposal(2)], policy })
    expect(batches).toEqual([])
    const sent = await mls.encryptMessage(alice, utf8('x'))
    await mls.processMessage(bob, sent.message, { nowMs, policy })
    expect(batches).toEqual([])
    await mls.processMessage(carol, removing.message, { nowMs, policy })
    expect(batches.map(names)).toEqual([['alice']])
  })

  it('refuses with LEAF_CREDENTIAL_INVALID and its own error as the cause, and nothing has changed', async () => {
    const [alice, bob] = await pair()
    const reason = new Error('unknown person')
    const dave = await keyPackageOf('dave')
    const proposals = [mls.addProposal(dave.keyPackage)]
    const committing = mls.commit(alice, { nowMs, proposals, policy: refusing(reason) })
    expect(await rejectionOf(committing)).toMatchObject({ code: 'LEAF_CREDENTIAL_INVALID', cause: reason })
    const { state, message, welcome } = await mls.commit(alice, { nowMs, proposals })
    for (const error of [reason, 'a string', undefined]) {
      expect(await rejectionCode(followed(bob, message, refusing(error)))).toBe('LEAF_CREDENTIAL_INVALID')
    }
    const joining = mls.joinGroup(suite, welcome as Uint8Array, [dave], { nowMs, policy: refusing(reason) })
    expect(await rejectionCode(joining)).toBe('LEAF_CREDENTIAL_INVALID')
    expect(mls.epochAuthenticator(await followed(bob, message))).toEqual(mls.epochAuthenticator(state))
  })

  it('may throw at once, and its typed errors pass through', async () => {
    const [alice] = await pair()
    const typed = new mls.CoterieError('LEAF_IDENTITY_CHANGED', 'another person')
    const throwing: mls.GroupPolicy = {
      validateCredentials: () => {
        throw typed
      },
    }
    const dave = await keyPackageOf('dave')
    const options = { nowMs, proposals: [mls.addProposal(dave.keyPackage)], policy: throwing }
    expect(await rejectionOf(mls.commit(alice, options))).toBe(typed)
  })
})

describe('without a policy', () => {
  it('a first credential is taken, and a successor has to equal its predecessor', async () => {
    const [alice, bob] = await pair()
    const renamed = { credential: mls.basicCredential(utf8('mallory')) }
    const update = await mls.proposeUpdate(bob, { nowMs }, renamed)
    expect(await rejectionCode(followed(alice, update.message))).toBe('LEAF_IDENTITY_CHANGED')
    const commit = await mls.commit(bob, { nowMs, leaf: renamed })
    expect(await rejectionCode(followed(alice, commit.message))).toBe('LEAF_IDENTITY_CHANGED')
    const accepting: mls.GroupPolicy = { validateCredentials: () => undefined }
    const next = await followed(alice, commit.message, accepting)
    expect(mls.memberAt(next, 1)?.credential).toEqual(renamed.credential)
  })

  it('a new signature key with the same credential is taken', async () => {
    const [alice, bob] = await pair()
    const signatureKeyPair = await suite.signature.generateKeyPair()
    const { state, message } = await mls.commit(bob, { nowMs, leaf: { signatureKeyPair } })
    const next = await followed(alice, message)
    expect(mls.memberAt(next, 1)?.signatureKey).toEqual(signatureKeyPair.publicKey)
    const sent = await mls.encryptMessage(state, utf8('still me'))
    expect((await mls.processMessage(next, sent.message, { nowMs })).kind).toBe('application')
  })
})

describe('checkProposals', () => {
  it('sees the proposals of a commit with their senders, and the members as they were', async () => {
    const [alice, bob, carol] = await trio()
    const update = await mls.proposeUpdate(carol, { nowMs })
    const committer = await followed(alice, update.message)
    const receiver = await followed(bob, update.message)
    const contexts: [readonly mls.ProposalInContext[], mls.ProposalContext][] = []
    const policy: mls.GroupPolicy = {
      checkProposals: async (proposals, context) => {
        contexts.push([proposals, context])
      },
    }
    const authenticatedData = utf8('why')
    const proposals = [mls.removeProposal(1)]
    const { message } = await mls.commit(committer, { nowMs, proposals, policy, authenticatedData })
    await mls.processMessage(receiver, message, { nowMs, policy })
    expect(contexts).toHaveLength(2)
    for (const [list, context] of contexts) {
      expect(list.map(({ proposal, sender }) => [proposal.proposalType, sender])).toEqual([
        [2, { senderType: 1, leafIndex: 2 }],
        [3, { senderType: 1, leafIndex: 0 }],
      ])
      expect(context.committer).toEqual({ senderType: 1, leafIndex: 0 })
      expect(context.groupContext.epoch).toBe(1n)
      expect(context.authenticatedData).toEqual(authenticatedData)
      expect(context.memberAt(1)).toEqual(mls.memberAt(alice, 1))
      expect(context.memberAt(3)).toBeUndefined()
    }
  })

  it('sees a proposal that comes on its own, without a committer', async () => {
    const [alice, bob] = await pair()
    let seen: mls.ProposalContext | undefined
    const policy: mls.GroupPolicy = {
      checkProposals: (_, context) => {
        seen = context
      },
    }
    const { message } = await mls.propose(bob, mls.removeProposal(0), { nowMs })
    await mls.processMessage(alice, message, { nowMs, policy })
    expect(seen).toMatchObject({ committer: undefined })
  })

  it('refuses with PROPOSAL_REFUSED or its own typed error', async () => {
    const [alice, bob] = await pair()
    const { message } = await mls.commit(bob, { nowMs, proposals: [mls.removeProposal(0)] })
    const saying = (error: unknown): mls.GroupPolicy => ({ checkProposals: () => Promise.reject(error) })
    const reason = new Error('not an admin')
    expect(await rejectionOf(followed(alice, message, saying(reason)))).toMatchObject({
      code: 'PROPOSAL_REFUSED',
      cause: reason,
    })
    const typed = new mls.CoterieError('PROPOSAL_TARGET', 'not this one')
    expect(await rejectionOf(followed(alice, message, saying(typed)))).toBe(typed)
    const own = mls.commit(bob, { nowMs, proposals: [mls.removeProposal(0)], policy: saying(reason) })
    expect(await rejectionCode(own)).toBe('PROPOSAL_REFUSED')
    const proposing = mls.propose(bob, mls.removeProposal(0), { nowMs, policy: saying(reason) })
    expect(await rejectionCode(proposing)).toBe('PROPOSAL_REFUSED')
    const joining = mls.joinExternal(suite, await mls.createGroupInfo(alice), {
      ...(await client('eve')),
      nowMs,
      policy: saying(reason),
    })
    expect(await rejectionCode(joining)).toBe('PROPOSAL_REFUSED')
  })
})

describe('custom proposals', () => {
  const TYPE = 0xff77
  const capabilities = { proposals: [TYPE] }
  const setup = { clients: { alice: { capabilities }, bob: { capabilities } } }

  it('need a path unless requiresPath says otherwise', async () => {
    const [alice, bob] = await pair(setup)
    const pathless: mls.GroupPolicy = { requiresPath: (type) => type !== TYPE }
    const options = { nowMs, proposals: [mls.customProposal(TYPE, utf8('x'))], path: 'whenRequired' } as const
    const hasPath = async (policy?: mls.GroupPolicy) => {
      const { message } = await mls.commit(alice, { ...options, wireFormat: 'public', ...(policy && { policy }) })
      const decoded = mls.decodeMlsMessage(message)
      if (decoded.wireFormat !== 1 || decoded.publicMessage.content.content.contentType !== 3)
        throw new Error('no commit')
      return { message, path: decoded.publicMessage.content.content.commit.path !== undefined }
    }
    expect((await hasPath()).path).toBe(true)
    const without = await hasPath(pathless)
    expect(without.path).toBe(false)
    expect(await rejectionCode(followed(bob, without.message))).toBe('COMMIT_PATH_MISSING')
    expect(mls.epoch(await followed(bob, without.message, pathless))).toBe(2n)
  })

  it('come from external senders where allowedFromExternal says so', async () => {
    const server = await client('server')
    const sender = { signatureKey: server.signatureKeyPair.publicKey, credential: server.credential }
    const [alice] = await groupOf(['alice'], { ...setup, groupExtensions: [mls.externalSendersExtension([sender])] })
    if (alice === undefined) throw new Error('no group')
    const target = { groupId: mls.groupId(alice), epoch: mls.epoch(alice) }
    const proposal = mls.customProposal(TYPE, utf8('x'))
    const message = await mls.proposeAsExternalSender(suite, server.signatureKeyPair, 0, proposal, target)
    expect(await rejectionCode(followed(alice, message))).toBe('PROPOSAL_FROM_EXTERNAL')
    const allowing: mls.GroupPolicy = { allowedFromExternal: (type) => type === TYPE }
    expect((await followed(alice, message, allowing)).proposals.size).toBe(1)
  })

  it('are neither sent nor taken where a member does not list their type', async () => {
    const [alice] = await pair({ clients: { alice: { capabilities } } })
    const proposal = mls.customProposal(TYPE, utf8('x'))
    expect(await rejectionCode(mls.commit(alice, { nowMs, proposals: [proposal] }))).toBe('COMMIT_PROPOSAL_UNSUPPORTED')
    expect(await rejectionCode(mls.propose(alice, proposal, { nowMs }))).toBe('COMMIT_PROPOSAL_UNSUPPORTED')
  })
})

describe('checkLifetimesInTree', () => {
  it('lets one join a group whose members have let their key packages expire', async () => {
    const alice = await mls.createGroup(suite, await client('alice', { lifetime: mls.lifetimeOfDays(nowMs, 1) }))
    const info = await mls.createGroupInfo(alice)
    const later = nowMs + 40 * 86_400_000
    const joiner = { ...(await client('bob')), nowMs: later }
    expect(await rejectionCode(mls.joinExternal(suite, info, joiner))).toBe('LEAF_LIFETIME')
    const { state } = await mls.joinExternal(suite, info, { ...joiner, policy: { checkLifetimesInTree: false } })
    expect(mls.groupMembers(state)).toHaveLength(2)
  })
})
