// Remembering who is where in a tree.
import { describe, expect, it } from 'vitest'
import { senderLeaf } from '../../../src/group/sender-leaf.ts'
import { leafAt } from '../../../src/tree/ratchet-tree.ts'
import { sampleTree, withoutLeaves } from '../../support/sample-trees.ts'

describe('senderLeaf', () => {
  it('is what the tree says, the first time and later, leaf 0 too', () => {
    const tree = withoutLeaves(sampleTree(4), 2)
    for (let round = 0; round < 2; round++) {
      for (const leaf of [0, 1, 2, 3, 4, -1, 2 ** 31]) expect(senderLeaf(tree, leaf)).toBe(leafAt(tree, leaf))
    }
  })

  it('keeps trees apart', () => {
    const before = sampleTree(4)
    expect(senderLeaf(before, 3)).toBeDefined()
    expect(senderLeaf(withoutLeaves(before, 3), 3)).toBeUndefined()
  })
})
