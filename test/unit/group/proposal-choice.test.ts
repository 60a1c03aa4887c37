// Which pending proposals a commit covers when it is not told (RFC 9420 §12.2): always a list that receivers take.
import { describe, expect, it } from 'vitest'
import { equalBytes, utf8 } from '../../../src/bytes.ts'
import * as mls from '../../../src/mls.ts'
import { rejectionCode } from '../../support/errors.ts'
import { agreement, client, followed, groupOf, keyPackageOf, nowMs, suite, trio } from './group-fixtures.ts'

/** A group in which members make proposals that everybody learns of. */
class Assembly {
  states: mls.GroupState[]
  constructor(states: readonly mls.GroupState[]) {
    this.states = [...states]
  }

  at(member: number): mls.GroupState {
    return this.states[member] as mls.GroupState
  }

  async hear(sender: number, sent: mls.SentProposal): Promise<void> {
    this.states = await Promise.all(
      this.states.map((state, i) => (i === sender ? sent.state : followed(state, sent.message))),
    )
  }

  async propose(sender: number, proposal: mls.Proposal): Promise<void> {
    await this.hear(sender, await mls.propose(this.at(sender), proposal, { nowMs }))
  }

  async update(sender: number, changes?: Partial<mls.LeafOptions>): Promise<Uint8Array> {
    const sent = await mls.proposeUpdate(this.at(sender), { nowMs }, changes)
    await this.hear(sender, sent)
    const own = [...sent.state.proposals.values()].find(({ reference }) => equalBytes(reference, sent.reference))
    return own?.ownUpdate?.encryptionKeyPair.publicKey ?? utf8('')
  }

  /** Commits without saying what, and returns what the others see. */
  async commit(committer: number, options: Omit<mls.CommitOptions, 'nowMs'> = {}): Promise<mls.ProcessedCommit> {
    const result = await mls.commit(this.at(committer), { nowMs, ...options })
    const processed = await Promise.all(
      this.states.flatMap((state, i) =>
        i === committer ? [] : [mls.processMessage(state, result.message, { nowMs })],
      ),
    )
    const [first] = processed
    if (first?.kind !== 'commit') throw new Error('nobody processed a commit')
    const staying = processed.map(({ state }) => state).filter(({ status }) => status !== 'removed')
    expect(agreement([result.state, ...staying])).toBe(1)
    this.states = [result.state, ...staying]
    return first
  }
}

const referencesIn = (state: mls.GroupState) => [...state.proposals.values()].map(({ reference }) => reference)
const types = (processed: mls.ProcessedCommit) => processed.proposals.map(({ proposal }) => proposal.proposalType)

describe('without being told, a commit covers', () => {
  it('everything that is pending, in the order of arrival', async () => {
    const group = new Assembly(await trio())
    await group.propose(1, mls.addProposal((await keyPackageOf('dave')).keyPackage))
    await group.update(2)
    await group.propose(0, mls.addProposal((await keyPackageOf('erin')).keyPackage))
    const processed = await group.commit(0)
    expect(types(processed)).toEqual([1, 2, 1])
    expect(processed.added).toEqual([3, 4])
    expect(group.at(0).proposals.size).toBe(0)
  })

  it('no Update of its own, which is dropped with the epoch', async () => {
    const group = new Assembly(await trio())
    const key = await group.update(0)
    const others = await group.update(1)
    const processed = await group.commit(0)
    expect(types(processed)).toEqual([2])
    const keys = mls.groupMembers(group.at(0)).map(({ leafNode }) => String(leafNode.encryptionKey))
    expect(keys).toContain(String(others))
    expect(keys).not.toContain(String(key))
  })

  it('no removal of itself', async () => {
    const group = new Assembly(await trio())
    await group.propose(1, mls.removeProposal(0))
    const processed = await group.commit(0)
    expect(types(processed)).toEqual([])
    expect(mls.memberAt(group.at(0), 0)).toBeDefined()
  })

  it('a Remove rather than an Update of the same member, whichever came first', async () => {
    for (const removeFirst of [true, false]) {
      const group = new Assembly(await trio())
      if (removeFirst) await group.propose(0, mls.removeProposal(2))
      await group.update(2)
      if (!removeFirst) await group.propose(0, mls.removeProposal(2))
      const processed = await group.commit(1)
      expect(types(processed)).toEqual([3])
      expect(processed.removed).toEqual([2])
    }
  })

  it('one Remove of a member that several want to remove', async () => {
    const group = new Assembly(await trio())
    await group.propose(0, mls.removeProposal(2))
    await group.propose(1, mls.removeProposal(2))
    expect(types(await group.commit(0))).toEqual([3])
  })

  it('the latest Update of a member', async () => {
    const group = new Assembly(await trio())
    await group.update(1)
    const latest = await group.update(1)
    expect(types(await group.commit(0))).toEqual([2])
    expect(mls.memberAt(group.at(0), 1)?.encryptionKey).toEqual(latest)
  })

  it('the latest change of the extensions', async () => {
    const group = new Assembly(await trio())
    const required = (credentialTypes: number[]) =>
      mls.groupContextExtensionsProposal([
        mls.requiredCapabilitiesExtension({ extensionTypes: [], proposalTypes: [], credentialTypes }),
      ])
    await group.propose(1, required([]))
    await group.propose(2, required([1]))
    await group.commit(0)
    expect(mls.readRequiredCapabilities(group.at(0).groupContext.extensions)?.credentialTypes).toEqual([1])
  })

  it('one Add of a client that several want to add', async () => {
    const group = new Assembly(await trio())
    const dave = await client('dave')
    for (const sender of [0, 1]) {
      await group.propose(sender, mls.addProposal((await mls.createKeyPackage(suite, dave)).keyPackage))
    }
    expect((await group.commit(0)).added).toEqual([3])
  })

  it('nothing that does not suit the group, such as the Add of a member', async () => {
    const [dave, server] = [await client('dave'), await client('server')]
    const { credential, signatureKeyPair } = server
    const groupExtensions = [mls.externalSendersExtension([{ credential, signatureKey: signatureKeyPair.publicKey }])]
    const group = new Assembly(await groupOf(['alice', 'bob', 'dave'], { clients: { dave }, groupExtensions }))
    const { keyPackage } = await mls.createKeyPackage(suite, dave)
    const target = { groupId: mls.groupId(group.at(0)), epoch: 1n }
    const add = mls.addProposal(keyPackage)
    const message = await mls.proposeAsExternalSender(suite, signatureKeyPair, 0, add, target)
    group.states = await Promise.all(group.states.map((state) => followed(state, message)))
    expect(group.at(0).proposals.size).toBe(1)
    expect(types(await group.commit(0))).toEqual([])
    expect(mls.groupMembers(group.at(0))).toHaveLength(3)
  })

  it('no ReInit beside anything else, and only one alone', async () => {
    const reinit = () => mls.reinitProposal({ groupId: utf8('next'), cipherSuite: 1 })
    const group = new Assembly(await trio())
    await group.propose(1, reinit())
    await group.update(2)
    expect(types(await group.commit(0))).toEqual([2])
    await group.propose(1, reinit())
    await group.propose(2, mls.reinitProposal({ groupId: utf8('other'), cipherSuite: 1 }))
    const processed = await group.commit(0)
    expect(types(processed)).toEqual([5])
    expect(group.at(0).status).toBe('frozen')
  })
})

describe('with proposals of its own by value, a commit leaves out', () => {
  it('what they exclude', async () => {
    const group = new Assembly(await trio())
    const dave = await client('dave')
    await group.update(2)
    await group.propose(1, mls.groupContextExtensionsProposal([]))
    await group.propose(1, mls.addProposal((await mls.createKeyPackage(suite, dave)).keyPackage))
    const processed = await group.commit(0, {
      proposals: [
        mls.removeProposal(2),
        mls.groupContextExtensionsProposal([]),
        mls.addProposal((await mls.createKeyPackage(suite, dave)).keyPackage),
      ],
    })
    expect(types(processed)).toEqual([3, 7, 1])
    expect(processed.proposals.every(({ pending }) => pending === undefined)).toBe(true)
  })

  it('a ReInit, which stands alone', async () => {
    const group = new Assembly(await trio())
    await group.propose(1, mls.reinitProposal({ groupId: utf8('next'), cipherSuite: 1 }))
    expect(types(await group.commit(0, { proposals: [mls.removeProposal(2)] }))).toEqual([3])
  })
})

describe('told which, a commit covers', () => {
  it('those and no others, none too', async () => {
    const group = new Assembly(await trio())
    await group.update(1)
    await group.update(2)
    const [first] = group.at(0).proposals.values()
    const one = await mls.commit(group.at(0), { nowMs, references: [first?.reference ?? utf8('')] })
    const none = await mls.commit(group.at(0), { nowMs, references: [] })
    for (const [{ message }, count] of [
      [one, 1],
      [none, 0],
    ] as const) {
      const processed = await mls.processMessage(group.at(1), message, { nowMs })
      expect(processed.kind === 'commit' && processed.proposals.length).toBe(count)
    }
  })

  it('nothing that is not known', async () => {
    const [alice] = await trio()
    const references = [new Uint8Array(32)]
    expect(await rejectionCode(mls.commit(alice, { nowMs, references }))).toBe('COMMIT_PROPOSAL_UNKNOWN')
  })

  it('an invalid list with an error', async () => {
    const group = new Assembly(await trio())
    await group.update(0)
    const references = referencesIn(group.at(0))
    expect(await rejectionCode(mls.commit(group.at(0), { nowMs, references }))).toBe('COMMIT_UPDATES_COMMITTER')
  })
})

describe('discarding proposals', () => {
  it('takes out those named, or all, and lets messages be sent again', async () => {
    const [alice, bob, carol] = await trio()
    const one = await mls.proposeUpdate(bob, { nowMs })
    const two = await mls.proposeUpdate(carol, { nowMs })
    let state = await followed(await followed(alice, one.message), two.message)
    expect(state.proposals.size).toBe(2)
    expect(await rejectionCode(mls.encryptMessage(state, utf8('x')))).toBe('GROUP_PENDING_PROPOSALS')
    const without = mls.discardProposals(state, [one.reference])
    expect(referencesIn(without)).toEqual([two.reference])
    expect(mls.discardProposals(state, [utf8('unknown')]).proposals.size).toBe(2)
    expect(mls.discardProposals(state, []).proposals.size).toBe(2)
    state = mls.discardProposals(state)
    expect(state.proposals.size).toBe(0)
    await mls.encryptMessage(state, utf8('x'))
  })

  it('keeps a commit that covers them from being processed, until they come again', async () => {
    const [alice, bob, carol] = await trio()
    const update = await mls.proposeUpdate(bob, { nowMs, wireFormat: 'public' })
    const { message } = await mls.commit(await followed(carol, update.message), { nowMs })
    const forgetful = mls.discardProposals(await followed(alice, update.message))
    expect(await rejectionCode(followed(forgetful, message))).toBe('COMMIT_PROPOSAL_UNKNOWN')
    expect(mls.epoch(await followed(await followed(forgetful, update.message), message))).toBe(2n)
  })
})

describe('a group of one', () => {
  it('commits nothing, and what it proposed itself', async () => {
    const [alice] = (await groupOf(['alice'])) as [mls.GroupState]
    const { state } = await mls.commit(alice, { nowMs })
    const proposed = await mls.propose(state, mls.addProposal((await keyPackageOf('bob')).keyPackage), { nowMs })
    const { state: next, welcome } = await mls.commit(proposed.state, { nowMs })
    expect(mls.groupMembers(next)).toHaveLength(2)
    expect(welcome).toBeDefined()
  })
})
