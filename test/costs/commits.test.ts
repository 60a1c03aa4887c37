// Commits cost O(log n): tree nodes, hashes, HPKE operations and signatures are counted in groups of 1,024 and 65,536, in
// the steady state (all parents have keys, no unmerged leaves) and after one commit, which warms up what nodes remember of
// the members below them: right after a join that is nothing yet, and the first commit looks at every leaf once.
import { beforeAll, describe, expect, it } from 'vitest'
import * as mls from '../../src/mls.ts'
import { BUILDING_MS, syntheticGroup } from '../support/synthetic-tree.ts'
import { type Bound, type Cost, CostMeter, costLine, within } from './cost.ts'

const nowMs = Date.UTC(2027, 0, 1)
const SIZES = [1024, 65_536] as const
const OPERATIONS = [
  'steady commit',
  'receive it, far away',
  'receive it, next to it',
  'add one',
  'receive the add',
  'remove one',
  'receive the remove',
] as const
type Operation = (typeof OPERATIONS)[number]

/** Upper bounds by what the RFC asks for: a path of one node per level, each with a sealed secret and two hashes. */
const BOUNDS: Readonly<Record<Operation, Readonly<Record<keyof Cost, Bound>>>> = {
  'steady commit': bounds({ nodes: [3, 2], hashes: [9, 26], hpke: [2, 1], signatures: [0, 2] }),
  'receive it, far away': bounds({ nodes: [5, 2], hashes: [4, 30], hpke: [0, 2], signatures: [0, 2] }),
  'receive it, next to it': bounds({ nodes: [5, 2], hashes: [6, 28], hpke: [1, 1], signatures: [0, 2] }),
  'add one': bounds({ nodes: [6, 2], hashes: [10, 36], hpke: [2, 3], signatures: [0, 5] }),
  'receive the add': bounds({ nodes: [8, 2], hashes: [5, 32], hpke: [0, 2], signatures: [0, 4] }),
  'remove one': bounds({ nodes: [7, 2], hashes: [17, 30], hpke: [3, 1], signatures: [0, 2] }),
  'receive the remove': bounds({ nodes: [9, 2], hashes: [5, 32], hpke: [0, 2], signatures: [0, 2] }),
}

function bounds(by: Record<keyof Cost, [perLevel: number, constant: number]>): Record<keyof Cost, Bound> {
  const bound = ([perLevel, constant]: [number, number]): Bound => ({ perLevel, constant })
  return { nodes: bound(by.nodes), hashes: bound(by.hashes), hpke: bound(by.hpke), signatures: bound(by.signatures) }
}

/** Runs all operations in one group and counts each, on the side of the committer and of the receivers. */
async function measure(leaves: number): Promise<Record<Operation, Cost>> {
  const committer = new CostMeter()
  const far = new CostMeter()
  const near = new CostMeter()
  const place = { far: leaves / 2 + 3, removed: leaves / 2 + leaves / 4 + 1, free: leaves - 2 }
  const { states } = await syntheticGroup(committer.suite, {
    leaves,
    real: [0, place.far, 1],
    blank: [place.free],
  })
  let [alice, bob, carol] = states as [mls.GroupState, mls.GroupState, mls.GroupState]
  bob = { ...bob, suite: far.suite }
  carol = { ...carol, suite: near.suite }

  const round = async (options: Omit<mls.CommitOptions, 'nowMs'>): Promise<[Cost, Cost, Cost]> => {
    const before = [committer.watch(alice), far.watch(bob), near.watch(carol)] as const
    const sent = await mls.commit(before[0], { nowMs, groupInfo: { ratchetTree: false }, ...options })
    const costs = [committer.costOf(sent.state)]
    alice = sent.state
    bob = (await mls.processMessage(before[1], sent.message, { nowMs })).state
    carol = (await mls.processMessage(before[2], sent.message, { nowMs })).state
    costs.push(far.costOf(bob), near.costOf(carol))
    for (const state of [bob, carol]) expect(mls.epochAuthenticator(state)).toEqual(mls.epochAuthenticator(alice))
    return costs as [Cost, Cost, Cost]
  }

  await round({})
  const [commit, receiveFar, receiveNear] = await round({})
  const signatureKeyPair = await committer.suite.signature.generateKeyPair()
  const { keyPackage } = await mls.createKeyPackage(committer.suite, {
    credential: mls.basicCredential(new Uint8Array([1])),
    signatureKeyPair,
    lifetime: mls.lifetimeOfDays(nowMs, 30),
  })
  const [add, receiveAdd] = await round({ proposals: [mls.addProposal(keyPackage)] })
  expect(mls.memberAt(alice, place.free)).toEqual(keyPackage.leafNode)
  const [remove, receiveRemove] = await round({ proposals: [mls.removeProposal(place.removed)] })
  expect(mls.memberAt(alice, place.removed)).toBeUndefined()
  return {
    'steady commit': commit,
    'receive it, far away': receiveFar,
    'receive it, next to it': receiveNear,
    'add one': add,
    'receive the add': receiveAdd,
    'remove one': remove,
    'receive the remove': receiveRemove,
  }
}

describe('the cost of commits', () => {
  const measured = new Map<number, Record<Operation, Cost>>()
  beforeAll(async () => {
    for (const leaves of SIZES) {
      const costs = await measure(leaves)
      measured.set(leaves, costs)
      for (const operation of OPERATIONS) console.log(costLine(leaves, operation, costs[operation]))
    }
  }, BUILDING_MS)

  const costAt = (leaves: number, operation: Operation): Cost => {
    const cost = measured.get(leaves)?.[operation]
    if (cost === undefined) throw new Error('nothing was measured')
    return cost
  }

  describe.each(OPERATIONS)('%s', (operation) => {
    it.each(SIZES)('is bounded by c·log2(n) + d at n = %i', (leaves) => {
      const cost = costAt(leaves, operation)
      for (const [what, bound] of Object.entries(BOUNDS[operation])) {
        const count = cost[what as keyof Cost]
        expect(count, `${what}: ${bound.perLevel}·log2(n) + ${bound.constant}`).toBeLessThanOrEqual(
          within(bound, leaves),
        )
        expect(count, `${what} are counted`).toBeGreaterThan(0)
      }
    })

    it('grows with the logarithm', () => {
      const [small, large] = SIZES.map((leaves) => costAt(leaves, operation)) as [Cost, Cost]
      for (const [what, bound] of Object.entries(BOUNDS[operation])) {
        const growth = large[what as keyof Cost] - small[what as keyof Cost]
        expect(growth, what).toBeLessThanOrEqual(bound.perLevel * Math.log2(SIZES[1] / SIZES[0]))
      }
    })
  })
})

describe('a tree that is full', () => {
  it('is doubled once, at a hash for each new blank node (RFC 9420 §7.8 numbers them), and then cheap again', async () => {
    const leaves = 1024
    const meter = new CostMeter()
    const { states } = await syntheticGroup(meter.suite, { leaves, real: [0] })
    let alice = (await mls.commit(states[0] as mls.GroupState, { nowMs })).state
    const addOne = async (): Promise<Cost> => {
      const { keyPackage } = await mls.createKeyPackage(meter.suite, {
        credential: mls.basicCredential(new Uint8Array([1])),
        signatureKeyPair: await meter.suite.signature.generateKeyPair(),
        lifetime: mls.lifetimeOfDays(nowMs, 30),
      })
      const watched = meter.watch(alice)
      const proposals = [mls.addProposal(keyPackage)]
      alice = (await mls.commit(watched, { nowMs, proposals, groupInfo: { ratchetTree: false } })).state
      return meter.costOf(alice)
    }
    const doubling = await addOne()
    console.log(costLine(leaves, 'add one to a full tree', doubling))
    expect(doubling.hashes).toBeGreaterThan(2 * leaves)
    expect(doubling.hashes).toBeLessThanOrEqual(2 * leaves + within({ perLevel: 10, constant: 46 }, 2 * leaves))
    expect(doubling.hpke).toBeLessThanOrEqual(within(BOUNDS['add one'].hpke, 2 * leaves))
    const next = await addOne()
    for (const [what, bound] of Object.entries(BOUNDS['add one'])) {
      expect(next[what as keyof Cost], what).toBeLessThanOrEqual(within(bound, 2 * leaves))
    }
  })
})

describe('the counter', () => {
  it('sees every node that is looked at', async () => {
    const meter = new CostMeter()
    const { states } = await syntheticGroup(meter.suite, { leaves: 64, real: [0] })
    const alice = meter.watch(states[0] as mls.GroupState)
    expect(meter.costOf(alice).nodes).toBe(0)
    mls.memberAt(alice, 0)
    expect(meter.costOf(alice).nodes).toBeGreaterThanOrEqual(7)
    mls.groupMembers(alice)
    expect(meter.costOf(alice).nodes).toBe(127)
    mls.exportRatchetTree(alice)
    expect(meter.costOf(alice).nodes).toBe(127)
  })
})
