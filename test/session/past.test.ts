// What a device knows of the past when it comes back: what it is told, and what it knew, where the two meet.

import { expect, test } from 'vitest'
import { type EpochNode, EpochTree } from '../../src/session/epoch-tree.ts'
import { joinPasts, type PastStep, pastOf, withPast } from '../../src/session/past.ts'
import { wireSuite } from '../wire/wire-vectors.ts'
import { epochOf } from './ordering-vectors.ts'

const wire = wireSuite()

/** A chain of epochs named by their numbers, of one branch. */
function chain(branch: string, from: number, to: number, parent?: string): EpochNode[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({
    ...epochOf({ name: nameOf(branch, from + i), height: from + i, roster: [ALICE] }),
    parent: i === 0 ? parent : nameOf(branch, from + i - 1),
    // Nobody's commit began the group.
    committer: from + i === 0 ? undefined : from + i,
  }))
}

/** Hexadecimal, as names are. */
function nameOf(branch: string, height: number): string {
  return `${branch}${height.toString(16).padStart(4, '0')}`
}

/** What the maker of a Welcome to `height` tells. */
function told(nodes: readonly EpochNode[], height: number): PastStep[] {
  const parent = nodes.find((node) => node.height === BigInt(height - 1))
  if (parent === undefined) throw new Error('there is no such epoch')
  return pastOf(EpochTree.from(nodes), parent, { committer: height, removed: [], joined: [], left: [] })
}

function namesIn(nodes: readonly EpochNode[]): string[] {
  return nodes.map(({ id }) => id).sort()
}

const ALICE = 'a11ce0'

test('the way that is told becomes the tree of a newcomer, as far back as it goes', () => {
  const way = chain('aa', 0, 9)
  const joined = epochOf({ name: nameOf('aa', 10), height: 10, roster: [ALICE] })
  const known = EpochTree.from(withPast(wire, joined, told(way, 10)))
  expect(namesIn([...known.nodes()])).toEqual(namesIn([...way, joined]))
  expect(known.root).toBe(nameOf('aa', 0))
  for (const node of way) expect(known.at(node.id)).toEqual(node)
  expect(known.at(joined.id)).toMatchObject({ parent: nameOf('aa', 9), committer: 10 })
  // At most 128, however long the way is.
  const long = chain('aa', 0, 300)
  expect(told(long, 301)).toHaveLength(128)
})

test('whoever comes back keeps what meets the way that it is told', () => {
  const common = chain('aa', 0, 5)
  const lost = chain('bb', 6, 20, nameOf('aa', 5))
  const way = [...common, ...chain('cc', 6, 29, nameOf('aa', 5))]
  const joined = epochOf({ name: nameOf('cc', 30), height: 30, roster: [ALICE] })
  // It had forgotten the first epochs; who added it had forgotten more.
  const known = EpochTree.from([...common, ...lost]).rootedAt(nameOf('aa', 2))
  const steps = told(way, 30).slice(0, 26)
  expect(steps.at(-1)?.parent).toBe(nameOf('aa', 4))
  const tree = EpochTree.from(joinPasts(known, withPast(wire, joined, steps)))
  expect(namesIn([...tree.nodes()])).toEqual(namesIn([...way.slice(2), ...lost, joined]))
  expect(tree.meeting(joined.id, nameOf('bb', 20)).id).toBe(nameOf('aa', 5))
})

test('what has nothing to do with the way is forgotten, and what is known counts more than what is told', () => {
  const way = chain('aa', 0, 9)
  const joined = epochOf({ name: nameOf('aa', 10), height: 10, roster: [ALICE] })
  const strange = EpochTree.from(chain('dd', 0, 12))
  expect(namesIn(joinPasts(strange, withPast(wire, joined, told(way, 10))))).toEqual(namesIn([...way, joined]))
  const false7 = told(way, 10).map((step) => (step.parent === nameOf('aa', 6) ? { ...step, committer: 70_000 } : step))
  const believed = EpochTree.from(withPast(wire, joined, false7))
  expect(believed.at(nameOf('aa', 7)).committer).toBe(70_000)
  const seen = EpochTree.from(joinPasts(EpochTree.from(way), withPast(wire, joined, false7)))
  expect(seen.at(nameOf('aa', 7)).committer).toBe(7)
})

test('a past that goes in circles, or to before the first epoch, ends there', () => {
  const joined = epochOf({ name: nameOf('aa', 2), height: 2, roster: [ALICE] })
  const step = (parent: string): PastStep => ({ parent, committer: 0, removed: [], joined: [], left: [] })
  const circle = [step(nameOf('aa', 1)), step(joined.id), step(nameOf('aa', 0))]
  expect(namesIn(withPast(wire, joined, circle))).toEqual([nameOf('aa', 1), joined.id])
  const deep = [1, 2, 3, 4].map((i) => step(nameOf('ee', i)))
  expect(withPast(wire, joined, deep)).toHaveLength(3)
})
