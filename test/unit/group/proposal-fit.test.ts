// What suits a group as it is (RFC 9420 §7.3, §12.2): asked of own proposals and of what is committed by default, never of
// what is received.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import { checkFits } from '../../../src/group/proposal-fit.ts'
import * as mls from '../../../src/mls.ts'
import { knowing } from '../../negative/cases/groups.ts'
import { forgeMessage } from '../../negative/forge/message.ts'
import { codeOf } from '../../support/errors.ts'
import { client, keyPackageOf, nowMs, suite, trio } from './group-fixtures.ts'

const EXTRA = 0xf001
const able = { capabilities: { extensions: [EXTRA], proposals: [EXTRA] } }
const inUse = { extensionType: EXTRA, data: utf8('in use') }
const sender = (leafIndex: number) => ({ senderType: 1, leafIndex }) as const

function judged(state: mls.GroupState, proposal: mls.Proposal, leafIndex = 0): string {
  try {
    checkFits(state, { proposal, sender: sender(leafIndex) })
    return 'fits'
  } catch (error) {
    return codeOf(() => {
      throw error
    })
  }
}

describe('a proposal', () => {
  it('of a custom type or extension suits where all members support it', async () => {
    const [some] = await trio({ clients: { alice: able, bob: able } })
    const [all] = await trio({ clients: { alice: able, bob: able, carol: able } })
    const custom = mls.customProposal(EXTRA, utf8('custom'))
    const extensions = mls.groupContextExtensionsProposal([inUse])
    expect([some, all].map((state) => judged(state, custom))).toEqual(['COMMIT_PROPOSAL_UNSUPPORTED', 'fits'])
    expect([some, all].map((state) => judged(state, extensions))).toEqual(['GROUP_EXTENSION_UNSUPPORTED', 'fits'])
  })

  it('to add suits where the client is new and supports what is in use', async () => {
    const [alice] = await trio({ clients: { alice: able, bob: able, carol: able }, groupExtensions: [inUse] })
    const add = async (changes: Parameters<typeof keyPackageOf>[1]): Promise<string> =>
      judged(alice, mls.addProposal((await keyPackageOf('dave', changes)).keyPackage))
    expect(await add(able)).toBe('fits')
    expect(await add({})).toBe('LEAF_EXTENSION_UNSUPPORTED')
    const { signatureKeyPair } = alice.own
    expect(await add({ ...able, signatureKeyPair })).toBe('COMMIT_MEMBER_EXISTS')
    const credential = { credentialType: 0xf00c, content: utf8('dave') }
    expect(await add({ ...able, credential })).toBe('LEAF_CREDENTIAL_UNSUPPORTED')
  })

  it('to update suits where its keys are nobody else’s', async () => {
    const [alice, bob] = await trio()
    const own = mls.ownLeafNode(bob)
    const { publicKey } = await suite.kem.generateKeyPair()
    const update = (changes: Partial<mls.LeafNode>): mls.Proposal => ({
      proposalType: 2,
      leafNode: { ...own, encryptionKey: publicKey, origin: { source: 2 }, ...changes },
    })
    expect(judged(alice, update({}), 1)).toBe('fits')
    expect(judged(alice, update({ signatureKey: (await client('bob')).signatureKeyPair.publicKey }), 1)).toBe('fits')
    expect(judged(alice, update({ signatureKey: mls.ownLeafNode(alice).signatureKey }), 1)).toBe('TREE_DUPLICATE_KEY')
    expect(judged(alice, update({ encryptionKey: mls.ownLeafNode(alice).encryptionKey }), 1)).toBe('TREE_DUPLICATE_KEY')
  })
})

describe('a received proposal that does not suit', () => {
  it('is kept, left out by default, and committed beside what makes it suit', async () => {
    const [alice, bob, carol] = await trio({ clients: { alice: able, bob: able } })
    const proposal = mls.customProposal(EXTRA, utf8('custom'))
    const message = await forgeMessage(bob, { contentType: 2, proposal })
    const received = await mls.processMessage(alice, message, { nowMs })
    if (received.kind !== 'proposal') throw new Error(received.kind)
    const left = await mls.commit(received.state, { nowMs })
    expect(left.state.proposals.size).toBe(0)

    const { reference } = received
    const covered = await mls.commit(received.state, {
      nowMs,
      references: [reference],
      proposals: [mls.removeProposal(carol.own.leafIndex)],
    })
    const followed = await mls.processMessage(knowing(bob, message).state, covered.message, { nowMs })
    if (followed.kind !== 'commit') throw new Error(followed.kind)
    expect(followed.proposals.map((each) => each.proposal.proposalType)).toEqual([EXTRA, 3])
    expect(mls.epochAuthenticator(followed.state)).toEqual(mls.epochAuthenticator(covered.state))
  })
})
