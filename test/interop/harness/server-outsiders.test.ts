// What the RPCs of coterie's server do for those outside the group: external commits, external senders, own additions.
import { describe, expect, it } from 'vitest'
import { EMPTY, utf8 } from '../../../src/bytes.ts'
import { SenderType } from '../../../src/mls.ts'
import type { ProposalDescription } from './messages.ts'
import type { RequestOf } from './mls-client.ts'
import { describe as described, publicContent, Stage } from './server-stage.ts'

const psk = { pskId: utf8('name'), pskSecret: utf8('secret') }

describe('an external join', () => {
  it('is a PublicMessage also where handshakes are encrypted, and its PSKs stay', async () => {
    const stage = new Stage(1, true)
    const { alice } = await stage.group('alice')
    await stage.stack.StorePSK({ stateOrTransactionId: alice, ...psk })
    const { stateId, commit, epochAuthenticator } = await join(stage, alice, { psks: [psk] })
    expect(publicContent(commit).sender).toEqual({ senderType: SenderType.newMemberCommit })
    const handled = await stage.stack.HandleCommit({ stateId: alice, commit, proposal: [] })
    expect(handled).toEqual({ stateId: alice, epochAuthenticator })
    const again = await stage.commit(stateId, { byValue: [described('externalPSK', { pskId: psk.pskId })] })
    await stage.follow([stateId, alice], again.commit)
    expect(await stage.agree(stateId, alice)).toBe(true)
  })

  it('needs PSKs that the members have', async () => {
    const stage = new Stage()
    const { alice } = await stage.group('alice')
    const { commit } = await join(stage, alice, { psks: [psk] })
    const handled = stage.stack.HandleCommit({ stateId: alice, commit, proposal: [] })
    await expect(handled).rejects.toMatchObject({ code: 'PSK_UNKNOWN' })
  })

  it('removes the leaf of the same identity, which there has to be', async () => {
    const stage = new Stage()
    const { alice } = await stage.group('alice', 'bob', 'zoe')
    const { stateId, commit } = await join(stage, alice, { removePrior: true }, 'bob')
    const { content } = publicContent(commit)
    if (!('commit' in content)) throw new Error('not a commit')
    expect(content.commit.proposals).toContainEqual({ kind: 'proposal', proposal: { proposalType: 3, removed: 1 } })
    await stage.stack.HandleCommit({ stateId: alice, commit, proposal: [] })
    expect(await stage.agree(stateId, alice)).toBe(true)
    await expect(join(stage, alice, { removePrior: true }, 'nobody')).rejects.toMatchObject({ code: 'PROPOSAL_TARGET' })
  })

  it('takes the tree from where it is', async () => {
    const stage = new Stage()
    const { alice } = await stage.group('alice', 'bob')
    const { groupInfo, ratchetTree } = await stage.stack.GroupInfo({ stateId: alice, externalTree: true })
    for (const removePrior of [false, true]) {
      const bare = join(stage, alice, { groupInfo, removePrior }, 'bob')
      await expect(bare).rejects.toMatchObject({ code: 'JOIN_TREE_MISSING' })
    }
    const { stateId, commit } = await join(stage, alice, { groupInfo, ratchetTree, removePrior: true }, 'bob')
    await stage.stack.HandleCommit({ stateId: alice, commit, proposal: [] })
    expect(await stage.agree(stateId, alice)).toBe(true)
  })
})

describe('a client that proposes to be added', () => {
  it('can join by the Welcome of the commit', async () => {
    const stage = new Stage(1, true)
    const { alice } = await stage.group('alice')
    const groupInfo = await stage.groupInfo(alice)
    const offered = await stage.stack.NewMemberAddProposal({ groupInfo, identity: utf8('bob') })
    expect(publicContent(offered.proposal).sender).toEqual({ senderType: SenderType.newMemberProposal })
    const { welcome } = await stage.commit(alice, { byReference: [offered.proposal] })
    await stage.stack.HandlePendingCommit({ stateId: alice })
    const { stateId } = await stage.join(offered.transactionId, welcome)
    expect(await stage.agree(stateId, alice)).toBe(true)
  })
})

describe('an external signer', () => {
  it('proposes under its own place, whatever the runner says', async () => {
    const stage = new Stage(1, true)
    const { alice, bob } = await stage.group('alice', 'bob', 'carol')
    const first = await appoint(stage, [alice, bob], 'first')
    const second = await appoint(stage, [alice, bob], 'second')
    const stranger = await stage.stack.CreateExternalSigner({ cipherSuite: 1, identity: utf8('second') })
    const remove = described('remove', { removedId: utf8('carol') })
    const byIndex = (signerId: number, signerIndex: number) => propose(stage, alice, { signerId, signerIndex }, remove)
    for (const [signer, given, index] of [
      [first, 0, 0],
      [first, 1, 0],
      [second, 0, 1],
      [second, 7, 1],
    ] as const) {
      expect(publicContent(await byIndex(signer, given)).sender).toMatchObject({ senderIndex: index })
    }
    await expect(byIndex(stranger.signerId, 1)).rejects.toMatchObject({ code: 'PROPOSAL_FROM_EXTERNAL' })
    const proposal = await byIndex(second, 1)
    const { commit } = await stage.commit(alice, { byReference: [proposal] })
    await stage.follow([alice, bob], commit, [proposal])
    expect(await stage.agree(alice, bob)).toBe(true)
  })

  it('joins those who are there already, beside the other extensions', async () => {
    const stage = new Stage(1, false)
    const { alice, bob } = await stage.group('alice', 'bob')
    const extensions = [{ extensionType: 3, extensionData: new Uint8Array(3) }]
    const { commit } = await stage.commit(alice, { byValue: [described('groupContextExtensions', { extensions })] })
    await stage.follow([alice, bob], commit)
    await appoint(stage, [alice, bob], 'first')
    const { externalSender } = await stage.stack.CreateExternalSigner({ cipherSuite: 1, identity: utf8('second') })
    const { proposal } = await stage.stack.AddExternalSigner({ stateId: alice, externalSender })
    const { content } = publicContent(proposal)
    if (!('proposal' in content && 'extensions' in content.proposal)) throw new Error('not a change of extensions')
    expect(content.proposal.extensions.map(({ extensionType }) => extensionType)).toEqual([3, 5])
    const [required, senders] = content.proposal.extensions
    expect(Buffer.from(required?.data ?? EMPTY).toString('hex')).toBe('000000')
    expect(Buffer.from(senders?.data ?? EMPTY).subarray(-externalSender.length)).toEqual(Buffer.from(externalSender))
  })

  it('must be of the suite of the group, and say what it proposes', async () => {
    const stage = new Stage(1)
    const { alice } = await stage.group('alice')
    const { signerId } = await stage.stack.CreateExternalSigner({ cipherSuite: 2, identity: utf8('ds') })
    const sender = { signerId, signerIndex: 0 }
    await expect(propose(stage, alice, sender, described('externalPSK'))).rejects.toThrow('the signer is for suite 2')
    await expect(propose(stage, alice, sender, null)).rejects.toThrow('the proposal is not described')
  })

  it.each([
    ['add', 1],
    ['externalPSK', 4],
    ['resumptionPSK', 4],
    ['reinit', 5],
    ['groupContextExtensions', 7],
  ])('can propose %s', async (type, proposalType) => {
    const stage = new Stage(1)
    const { alice, bob } = await stage.group('alice', 'bob')
    const signerId = await appoint(stage, [alice, bob], 'ds')
    const { keyPackage } = await stage.offer('carol')
    const fields = { keyPackage, epochId: '1', cipherSuite: 1, groupId: utf8('new'), pskId: utf8('name') }
    const proposal = await propose(stage, alice, { signerId, signerIndex: 0 }, described(type, fields))
    expect(publicContent(proposal).content).toMatchObject({ proposal: { proposalType } })
  })
})

function join(stage: Stage, stateId: number, request: Partial<RequestOf<'ExternalJoin'>>, identity = 'joiner') {
  const { encryptHandshake } = stage
  const fields = { ratchetTree: EMPTY, encryptHandshake, identity: utf8(identity), removePrior: false, psks: [] }
  return stage.groupInfo(stateId).then((groupInfo) => stage.stack.ExternalJoin({ groupInfo, ...fields, ...request }))
}

/** Makes someone an external sender of a group, of all whose states are given; tells its signer ID. */
async function appoint(stage: Stage, stateIds: readonly [number, ...number[]], name: string): Promise<number> {
  const { signerId, externalSender } = await stage.stack.CreateExternalSigner({ cipherSuite: 1, identity: utf8(name) })
  const { proposal } = await stage.stack.AddExternalSigner({ stateId: stateIds[0], externalSender })
  const { commit } = await stage.commit(stateIds[0], { byReference: [proposal] })
  await stage.follow(stateIds, commit, [proposal])
  return signerId
}

async function propose(
  stage: Stage,
  stateId: number,
  sender: { signerId: number; signerIndex: number },
  description: ProposalDescription | null,
): Promise<Uint8Array> {
  const { groupInfo, ratchetTree } = await stage.stack.GroupInfo({ stateId, externalTree: true })
  return (await stage.stack.ExternalSignerProposal({ ...sender, groupInfo, ratchetTree, description })).proposal
}
