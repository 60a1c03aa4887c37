// The only member of a group, at any leaf, lost its state and comes back by an external commit (RFC 9420 §7.7, §12.1.3).
import { describe, expect, it } from 'vitest'
import * as mls from '../../../src/mls.ts'
import { leafCount } from '../../../src/tree/ratchet-tree.ts'
import { agreement, client, groupOf, keyPackageOf, nowMs, suite } from './group-fixtures.ts'

describe('the last member', () => {
  it.each([0, 1, 2, 4])('rejoins in the place of leaf %i, and others can join then', async (last) => {
    const states = await groupOf(['a', 'b', 'c', 'd', 'e'])
    const others = [0, 1, 2, 3, 4].filter((leafIndex) => leafIndex !== last)
    const alone = await mls.commit(states[last] as mls.GroupState, {
      nowMs,
      proposals: others.map(mls.removeProposal),
    })
    const { credential } = mls.ownLeafNode(alone.state)
    const joiner = { ...(await client('', { credential })), nowMs, replaces: last }
    const { state } = await mls.joinExternal(suite, await mls.createGroupInfo(alone.state), joiner)
    // RFC 9420 §12.1.3: truncated until somebody is in the right half, or there is one leaf only.
    expect([state.own.leafIndex, leafCount(state.tree)]).toEqual([0, 1])
    const newcomer = await keyPackageOf('f')
    const added = await mls.commit(state, { nowMs, proposals: [mls.addProposal(newcomer.keyPackage)] })
    const joined = await mls.joinGroup(suite, added.welcome ?? new Uint8Array(), [newcomer], { nowMs })
    expect(agreement([added.state, joined])).toBe(1)
  })
})
