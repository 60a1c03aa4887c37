// What a vote tells of the way to where its maker stands: enough to meet those who went another way long ago.
import { expect, test } from 'vitest'
import { EpochTree } from '../../src/session/epoch-tree.ts'
import { entryOf, MAX_PATH, partings, pathTo, type Statement } from '../../src/session/statement.ts'
import { epochOf } from './ordering-vectors.ts'

const nameOf = (branch: string, height: number): string => `${branch}${height.toString(16).padStart(4, '0')}`

/** A way of epochs; that of others leaves it behind one of them. */
function way(length: number, branch = 'aa', from = 0): ReturnType<typeof epochOf>[] {
  return Array.from({ length: length - from + 1 }, (_, i) => {
    const height = from + i
    const parent = height === 0 ? undefined : nameOf(i === 0 || branch === 'aa' ? 'aa' : branch, height - 1)
    return { ...epochOf({ name: nameOf(branch, height), height, roster: [] }), parent }
  })
}

function statementAt(epochs: readonly ReturnType<typeof epochOf>[]): Statement {
  return { device: 'bb', number: 1n, path: epochs.map(entryOf).toReversed(), stuck: false, conflict: false }
}

const heightsOf = (tree: EpochTree, stand: string, statements: readonly Statement[]): number[] =>
  pathTo(tree, stand, partings(tree, stand, statements)).map(({ height }) => Number(height))

test('the last 32 epochs, and of older ones each 32nd', () => {
  const heights = heightsOf(EpochTree.from(way(100)), nameOf('aa', 100), [])
  expect(heights).toEqual([...Array.from({ length: 32 }, (_, i) => 100 - i), 64, 32, 0])
})

test('where others went another way, however long ago, the last epoch in common and the one after it', () => {
  const tree = EpochTree.from(way(100))
  const stand = nameOf('aa', 100)
  // They are heard of by what they say alone.
  const others = statementAt([...way(5), ...way(20, 'cc', 6)])
  expect(heightsOf(tree, stand, [others])).toEqual([...Array.from({ length: 32 }, (_, i) => 100 - i), 64, 32, 6, 5, 0])
  // Who is behind, or ahead, on the same way has not gone another.
  for (const same of [way(50), way(120)]) expect(heightsOf(tree, stand, [statementAt(same)])).not.toContain(50)
})

test('no more than there may be, those first that others need', () => {
  const tree = EpochTree.from(way(1_023))
  const others = Array.from({ length: 10 }, (_, i) =>
    statementAt([...way(5 + i * 10), ...way(8 + i * 10, 'cc', 6 + i * 10)]),
  )
  const heights = heightsOf(tree, nameOf('aa', 1_023), others)
  expect(heights).toHaveLength(MAX_PATH)
  expect(heights).toEqual(heights.toSorted((a, b) => b - a))
  for (let i = 0; i < 10; i++) expect(heights).toEqual(expect.arrayContaining([5 + i * 10, 6 + i * 10]))
})
