// Turns become longer where one epoch after the other is contested, and short again when they no longer are.

import { expect, test } from 'vitest'
import { type EpochNode, EpochTree } from '../../src/session/epoch-tree.ts'
import { stepMs } from '../../src/session/turns.ts'
import { epochOf } from './ordering-vectors.ts'

/** A way of epochs, some of which have a sibling. @param isOneMember - who has committed them all */
function way(length: number, contested: readonly number[], isOneMember = false): { tree: EpochTree; here: EpochNode } {
  const nameOf = (branch: string, height: number): string => `${branch}${height.toString(16).padStart(4, '0')}`
  const nodes: EpochNode[] = []
  for (let height = 0; height <= length; height++) {
    const parent = height === 0 ? undefined : nameOf('aa', height - 1)
    for (const branch of contested.includes(height) ? ['aa', 'bb'] : ['aa']) {
      const committer = branch === 'aa' || isOneMember ? 0 : 1
      nodes.push({ ...epochOf({ name: nameOf(branch, height), height, roster: [] }), parent, committer })
    }
  }
  const tree = EpochTree.from(nodes)
  return { tree, here: tree.at(nameOf('aa', length)) }
}

test.each([
  ['a group that is just beginning', 0, [], 300],
  ['a calm one', 20, [], 300],
  ['now and then a race', 20, [14, 19], 300],
  ['three of the last eight', 20, [13, 16, 20], 600],
  ['all of the last eight', 20, [13, 14, 15, 16, 17, 18, 19, 20], 19_200],
  ['only those before the last eight', 20, [5, 6, 7, 8, 9, 10, 11, 12], 300],
])('%s', (_, length, contested, expected) => {
  const { tree, here } = way(length, contested)
  expect(stepMs(300, tree, here)).toBe(expected)
})

test('nobody makes turns longer alone', () => {
  const { tree, here } = way(20, [13, 14, 15, 16, 17, 18, 19, 20], true)
  expect(stepMs(300, tree, here)).toBe(300)
})
