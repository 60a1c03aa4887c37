// What a state tells of itself.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import * as mls from '../../../src/mls.ts'
import { commitIn, groupOf, pair, suite, trio } from './group-fixtures.ts'

describe('a state', () => {
  it('tells group, epoch and members, leaf 0 among them', async () => {
    const [alice, bob] = await pair({ groupId: utf8('the group') })
    for (const state of [alice, bob]) {
      expect(mls.groupId(state)).toEqual(utf8('the group'))
      expect(mls.epoch(state)).toBe(1n)
      expect(state.status).toBe('active')
      expect(mls.groupMembers(state).map(({ leafIndex }) => leafIndex)).toEqual([0, 1])
      expect(mls.memberAt(state, 0)?.credential).toEqual(mls.basicCredential(utf8('alice')))
      expect(mls.memberAt(state, 2)).toBeUndefined()
    }
    expect(mls.ownLeafNode(alice)).toBe(mls.memberAt(alice, 0))
    expect(mls.ownLeafNode(bob)).toEqual(mls.memberAt(alice, 1))
  })

  it('lends out a copy of its id', async () => {
    const [alice] = await groupOf(['alice'], { groupId: utf8('g') })
    if (alice === undefined) throw new Error('no group')
    mls.groupId(alice).fill(0)
    expect(mls.groupId(alice)).toEqual(utf8('g'))
  })

  it('lists members from the left, without those that left', async () => {
    const states = await groupOf(['a', 'b', 'c', 'd'])
    const { states: next } = await commitIn([states[0], states[2], states[3]] as mls.GroupState[], 0, {
      proposals: [mls.removeProposal(1)],
    })
    for (const state of next) {
      expect(mls.groupMembers(state).map(({ leafIndex }) => leafIndex)).toEqual([0, 2, 3])
      expect(mls.memberAt(state, 1)).toBeUndefined()
    }
  })

  it('has a group id of Nh random bytes where none is given', async () => {
    const ids = await Promise.all([groupOf(['a']), groupOf(['a'])])
    const [one, two] = ids.map(([state]) => mls.groupId(state as mls.GroupState))
    expect([one?.length, two?.length]).toEqual([suite.hash.length, suite.hash.length])
    expect(one).not.toEqual(two)
  })
})

describe('limits', () => {
  it('are those given, and else the defaults', async () => {
    const [alice, bob] = await trio({ limits: { pastEpochs: 1 } })
    for (const state of [alice, bob]) expect(state.limits).toEqual({ ...mls.DEFAULT_GROUP_LIMITS, pastEpochs: 1 })
  })
})
