// Nodes and resolutions (RFC 9420 §4.1.1).
import { describe, expect, it } from 'vitest'
import { addLeaves } from '../../../src/tree/ratchet-tree.ts'
import {
  type Branch,
  blankSubtree,
  childTowards,
  contains,
  Leaf,
  leafBelow,
  resolution,
  type Subtree,
  width,
} from '../../../src/tree/subtree.ts'
import { nodesOf, sampleTree, withoutLeaves, withPath } from '../../support/sample-trees.ts'
import { sampleLeaf } from '../../support/wire-samples.ts'

const indices = (subtree: Subtree, excluded?: readonly number[]) =>
  resolution(subtree, excluded && new Set(excluded)).map(({ nodeIndex }) => nodeIndex)

describe('a subtree', () => {
  it('knows its place and what it spans', () => {
    const nodes = nodesOf(blankSubtree(3, 8))
    expect(nodes.map(({ nodeIndex }) => nodeIndex)).toEqual(Array.from({ length: 15 }, (_, i) => 16 + i))
    const top = blankSubtree(3, 8)
    expect([width(top), top.firstLeaf, top.occupied]).toEqual([8, 8, 0])
    expect([7, 8, 15, 16].map((leaf) => contains(top, leaf))).toEqual([false, true, true, false])
    expect(contains(new Leaf(0, undefined), 0)).toBe(true)
  })

  it('leads to each of its leaves', () => {
    const { root } = sampleTree(8)
    for (let leaf = 0; leaf < 8; leaf++) {
      expect(leafBelow(root, leaf).firstLeaf).toBe(leaf)
      const { child, sibling } = childTowards(root as Branch, leaf)
      expect([contains(child, leaf), contains(sibling, leaf)]).toEqual([true, false])
    }
  })

  it('counts its members', () => {
    const { root } = withoutLeaves(sampleTree(8), 0, 5)
    expect(root.occupied).toBe(6)
    expect((root as Branch).left.occupied).toBe(3)
  })
})

describe('a resolution', () => {
  it('of a blank tree is empty, and of a leaf itself', () => {
    expect(indices(blankSubtree(2, 0))).toEqual([])
    expect(indices(new Leaf(0, sampleLeaf(0)))).toEqual([0])
    expect(indices(new Leaf(0, undefined))).toEqual([])
  })

  it('of blank parents is the leaves, from the left', () => {
    expect(indices(sampleTree(4).root)).toEqual([0, 2, 4, 6])
    expect(indices(withoutLeaves(sampleTree(4), 0, 2).root)).toEqual([2, 6])
  })

  it('stops at parents with keys, and adds their unmerged leaves', () => {
    // All of 8 leaves but 1 and 6 are members; member 0 commits, then both places are taken.
    const committed = withPath(withoutLeaves(sampleTree(8), 1, 6), 0)
    const { root } = addLeaves(committed, [sampleLeaf(20), sampleLeaf(21)]).tree
    expect(indices(root)).toEqual([7, 2, 12])
    expect(indices((root as Branch).left)).toEqual([3, 2])
    // Leaf 0's own parent was not set: its other child was empty.
    expect(indices(((root as Branch).left as Branch).left)).toEqual([0, 2])
  })

  it('leaves out excluded leaves, unmerged or not, but no parents', () => {
    const tree = addLeaves(withPath(withoutLeaves(sampleTree(4), 3), 0), [sampleLeaf(20)]).tree
    expect(indices(tree.root)).toEqual([3, 6])
    expect(indices(tree.root, [3])).toEqual([3])
    expect(indices(tree.root, [0, 1, 2])).toEqual([3, 6])
    expect(indices(sampleTree(4).root, [0, 2])).toEqual([2, 6])
  })

  it('can be cut off once it is too long', () => {
    const found = resolution(sampleTree(64).root, undefined, 3)
    expect(found).toHaveLength(4)
  })

  it('gives the keys', () => {
    const { root } = withPath(sampleTree(2), 1)
    expect(resolution(root)[0]?.encryptionKey).toBe((root as Branch).parentNode?.encryptionKey)
  })
})
