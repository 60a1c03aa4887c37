// Pending proposals that suit the group one by one, and not together (RFC 9420 §7.3, §12.2): a commit still comes about.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import { signKeyPackage } from '../../../src/messages/key-package.ts'
import { signLeafNode } from '../../../src/messages/leaf-node.ts'
import * as mls from '../../../src/mls.ts'
import { agreement, allFollowed, keyPackageOf, nowMs, suite, trio } from './group-fixtures.ts'

const CUSTOM_TYPE = 0xf123
const OTHER_CREDENTIAL = 0xf001

/** A group in which everybody heard these proposals of bob's and carol's. */
async function afterProposals(
  setup: Parameters<typeof trio>[0],
  propose: (bob: mls.GroupState, carol: mls.GroupState) => Promise<[mls.SentProposal, mls.SentProposal]>,
): Promise<[mls.GroupState, mls.GroupState, mls.GroupState]> {
  const [alice, bob, carol] = await trio(setup)
  const [ofBob, ofCarol] = await propose(bob, carol)
  const [heardByAlice] = await allFollowed(await allFollowed([alice], ofBob.message), ofCarol.message)
  const [heardByBob] = await allFollowed([ofBob.state], ofCarol.message)
  const [heardByCarol] = await allFollowed([ofCarol.state], ofBob.message)
  return [heardByAlice, heardByBob, heardByCarol] as [mls.GroupState, mls.GroupState, mls.GroupState]
}

async function committedTypes([alice, bob, carol]: [mls.GroupState, mls.GroupState, mls.GroupState]): Promise<
  number[]
> {
  const { state, message } = await mls.commit(alice, { nowMs })
  const processed = await mls.processMessage(bob, message, { nowMs })
  const [last] = await allFollowed([carol], message)
  expect(agreement([state, processed.state, last as mls.GroupState])).toBe(1)
  return processed.kind === 'commit' ? processed.proposals.map(({ proposal }) => proposal.proposalType) : []
}

async function propose(state: mls.GroupState, proposal: mls.Proposal): Promise<mls.SentProposal> {
  return mls.propose(state, proposal, { nowMs })
}

describe('of proposals that exclude each other', () => {
  it('one new leaf of those with the same encryption key is committed', async () => {
    const dave = await keyPackageOf('dave')
    const mallory = await keyPackageOf('mallory')
    const { encryptionKey } = dave.keyPackage.leafNode
    const { signatureKeyPair } = mallory.secrets
    const copied = { ...mallory.keyPackage.leafNode, encryptionKey }
    const leafNode = await signLeafNode(suite, signatureKeyPair, copied, undefined)
    const forged = await signKeyPackage(suite, signatureKeyPair, { ...mallory.keyPackage, leafNode })
    const states = await afterProposals({}, async (bob, carol) => [
      await propose(bob, mls.addProposal(dave.keyPackage)),
      await propose(carol, mls.addProposal(forged)),
    ])
    expect(await committedTypes(states)).toEqual([mls.ProposalType.add])
  })

  it('one new leaf of those with the same signature key', async () => {
    const dave = await keyPackageOf('dave')
    const { signatureKeyPair } = dave.secrets
    const states = await afterProposals({}, async (bob, carol) => [
      await propose(bob, mls.addProposal(dave.keyPackage)),
      await mls.proposeUpdate(carol, { nowMs }, { signatureKeyPair }),
    ])
    expect(await committedTypes(states)).toEqual([mls.ProposalType.update])
  })

  it('the latest of new members who cannot read each other’s credentials', async () => {
    const both = { capabilities: { credentials: [OTHER_CREDENTIAL] } }
    const dave = await keyPackageOf('dave')
    const eve = await keyPackageOf('eve', {
      credential: { credentialType: OTHER_CREDENTIAL, content: utf8('eve') },
      capabilities: { credentials: [mls.CredentialType.basic] },
    })
    for (const [first, second] of [
      [dave, eve],
      [eve, dave],
    ] as const) {
      const states = await afterProposals({ clients: { alice: both, bob: both, carol: both } }, async (bob, carol) => [
        await propose(bob, mls.addProposal(first.keyPackage)),
        await propose(carol, mls.addProposal(second.keyPackage)),
      ])
      const { state } = await mls.commit(states[0], { nowMs })
      const newcomer = mls.memberAt(state, 3)
      expect(newcomer?.credential).toEqual(second.keyPackage.leafNode.credential)
      expect(await committedTypes(states)).toEqual([mls.ProposalType.add])
    }
  })

  it('the latest of a custom proposal and an Update that ends the support of its type', async () => {
    const custom = { capabilities: { proposals: [CUSTOM_TYPE] } }
    const setup = { clients: { alice: custom, bob: custom, carol: custom } }
    const proposal = mls.customProposal(CUSTOM_TYPE, utf8('x'))
    const downgrade = { capabilities: { proposals: [] } }
    const later = await afterProposals(setup, async (bob, carol) => [
      await propose(bob, proposal),
      await mls.proposeUpdate(carol, { nowMs }, downgrade),
    ])
    expect(await committedTypes(later)).toEqual([mls.ProposalType.update])
    const earlier = await afterProposals(setup, async (bob, carol) => [
      await mls.proposeUpdate(bob, { nowMs }, downgrade),
      await propose(carol, proposal),
    ])
    expect(await committedTypes(earlier)).toEqual([CUSTOM_TYPE])
  })
})
