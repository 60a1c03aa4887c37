// Edits of the persistent ratchet tree (RFC 9420 §4, §7.7): extension, truncation, bulk adds, sharing, and key accounts.
import { describe, expect, it } from 'vitest'
import {
  addLeaves,
  directPath,
  filteredDirectPath,
  leafAt,
  leafCount,
  leftmostBlankLeaf,
  members,
  type RatchetTree,
  replaceLeaves,
  setPath,
  singletonTree,
  treeOf,
} from '../../../src/tree/ratchet-tree.ts'
import { Branch, Leaf } from '../../../src/tree/subtree.ts'
import { codeOf } from '../../support/errors.ts'
import {
  keyedParents,
  nodesOf,
  occupiedLeaves,
  sampleTree,
  withoutLeaves,
  withPath,
} from '../../support/sample-trees.ts'
import { sampleLeaf } from '../../support/wire-samples.ts'

/** The tree's key accounts hold exactly the keys of its nodes. */
function checkAccounts(tree: RatchetTree): void {
  const signatureKeys: Uint8Array[] = []
  const encryptionKeys: Uint8Array[] = []
  for (const node of nodesOf(tree.root)) {
    if (node instanceof Branch) {
      if (node.parentNode) encryptionKeys.push(node.parentNode.encryptionKey)
    } else if (node.leafNode) {
      encryptionKeys.push(node.leafNode.encryptionKey)
      signatureKeys.push(node.leafNode.signatureKey)
    }
  }
  for (const [keys, index] of [
    [signatureKeys, tree.signatureKeys],
    [encryptionKeys, tree.encryptionKeys],
  ] as const) {
    expect(keys.every((key) => index.has(key))).toBe(true)
    expect(index.duplicates).toBe(0)
    const emptied = keys.reduce((rest, key) => rest.minus(key), index)
    expect(keys.some((key) => emptied.has(key))).toBe(false)
  }
}

describe('a tree of one', () => {
  const tree = singletonTree(sampleLeaf(0))

  it('has a leaf 0, no path, and is full', () => {
    expect(leafCount(tree)).toBe(1)
    expect(leafAt(tree, 0)).toEqual(sampleLeaf(0))
    expect(directPath(tree, 0)).toEqual([])
    expect(filteredDirectPath(tree, 0)).toEqual([])
    expect(leftmostBlankLeaf(tree)).toMatchObject({ leafIndex: 1 })
    expect(leafCount(tree)).toBe(1)
    checkAccounts(tree)
  })
})

describe('leafAt', () => {
  it('is undefined where there is no member, whatever number is asked for', () => {
    const tree = withoutLeaves(sampleTree(4), 2)
    for (const index of [2, 4, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 32 - 1]) {
      expect(leafAt(tree, index)).toBeUndefined()
    }
    expect(occupiedLeaves(tree)).toEqual([0, 1, 3])
  })
})

describe('addLeaves', () => {
  it('fills blanks from the left, then extends', () => {
    const tree = withoutLeaves(sampleTree(8), 0, 3, 6)
    const { tree: after, leafIndices } = addLeaves(
      tree,
      [30, 31, 32, 33, 34].map((number) => sampleLeaf(number)),
    )
    expect(leafIndices).toEqual([0, 3, 6, 8, 9])
    expect(leafCount(after)).toBe(16)
    expect(leafIndices.map((leaf) => leafAt(after, leaf))).toEqual([30, 31, 32, 33, 34].map((n) => sampleLeaf(n)))
    checkAccounts(after)
  })

  it('gives the same at once as one after another', () => {
    const starts = [
      sampleTree(1),
      sampleTree(5),
      withPath(sampleTree(8), 3),
      withoutLeaves(withPath(sampleTree(16), 9), 0, 1, 7, 8, 14),
      withPath(withoutLeaves(withPath(sampleTree(13), 0), 2, 11), 12),
    ]
    for (const start of starts) {
      const added = Array.from({ length: 9 }, (_, i) => sampleLeaf(100 + i))
      const atOnce = addLeaves(start, added).tree
      const oneByOne = added.reduce((tree, leafNode) => addLeaves(tree, [leafNode]).tree, start)
      expect(nodesOf(atOnce.root)).toEqual(nodesOf(oneByOne.root))
      checkAccounts(atOnce)
    }
  })

  it('enters new leaves in the unmerged leaves of the parents above that have keys, in order', () => {
    const tree = withPath(withoutLeaves(sampleTree(8), 1, 4), 0)
    expect(keyedParents(tree)).toEqual({ 3: [], 7: [] })
    const { tree: after } = addLeaves(tree, [sampleLeaf(30), sampleLeaf(31)])
    expect(keyedParents(after)).toEqual({ 3: [1], 7: [1, 4] })
    const { tree: full } = addLeaves(withoutLeaves(after, 1), [sampleLeaf(32)])
    expect(keyedParents(full)).toEqual({})
  })

  it('keeps unmerged leaves in order when a blank left of them is filled', () => {
    let tree = withPath(withoutLeaves(sampleTree(8), 1, 4, 5), 7)
    tree = addLeaves(tree, [sampleLeaf(30), sampleLeaf(31)]).tree
    expect(keyedParents(tree)[7]).toEqual([1, 4])
    tree = addLeaves(tree, [sampleLeaf(32)]).tree
    expect(keyedParents(tree)[7]).toEqual([1, 4, 5])
  })

  it('of nobody is the same tree', () => {
    const tree = sampleTree(3)
    expect(addLeaves(tree, []).tree).toBe(tree)
  })

  it('shares everything beside the paths of the new leaves', () => {
    const tree = withoutLeaves(sampleTree(8), 6)
    const { tree: after } = addLeaves(tree, [sampleLeaf(30)])
    const before = new Set(nodesOf(tree.root))
    const fresh = nodesOf(after.root).filter((node) => !before.has(node))
    expect(fresh.map(({ nodeIndex }) => nodeIndex)).toEqual([7, 11, 12, 13])
    expect(occupiedLeaves(tree)).not.toContain(6)
  })

  it('refuses more members than leaf indices can number', () => {
    const leaf = new Leaf(0, sampleLeaf(0))
    const root = Object.assign(new Branch(undefined, leaf, leaf), { level: 31, occupied: 2 ** 31 })
    const full = { ...sampleTree(1), root }
    expect(codeOf(() => addLeaves(full, [sampleLeaf(1)]))).toBe('TREE_FULL')
    expect(codeOf(() => leftmostBlankLeaf(full))).toBe('TREE_FULL')
  })
})

describe('replaceLeaves', () => {
  it('truncates while the right half is empty, and not further', () => {
    const tree = sampleTree(9)
    expect(leafCount(tree)).toBe(16)
    expect(leafCount(withoutLeaves(tree, 8))).toBe(8)
    expect(leafCount(withoutLeaves(tree, 8, 4, 5, 6, 7))).toBe(4)
    expect(leafCount(withoutLeaves(tree, 1, 2, 3, 4, 5, 6, 7, 8))).toBe(1)
    expect(leafCount(withoutLeaves(tree, 0, 1, 2, 3, 4, 5, 6, 7))).toBe(16)
    expect(leafCount(withoutLeaves(tree, 4, 5, 6, 7))).toBe(16)
    expect(leafCount(withoutLeaves(tree, 0, 1, 2, 3, 4, 5, 6, 7, 8))).toBe(1)
  })

  it('truncates in one step after several that did not', () => {
    const shrunk = withoutLeaves(withoutLeaves(withoutLeaves(sampleTree(9), 4, 5), 6, 7), 8)
    expect(leafCount(shrunk)).toBe(4)
    expect(occupiedLeaves(shrunk)).toEqual([0, 1, 2, 3])
    checkAccounts(shrunk)
  })

  it('blanks the direct paths of what it touches, and only those', () => {
    const tree = withPath(withPath(sampleTree(8), 0), 7)
    expect(Object.keys(keyedParents(tree)).map(Number)).toEqual([1, 3, 7, 11, 13])
    expect(Object.keys(keyedParents(withoutLeaves(tree, 0))).map(Number)).toEqual([11, 13])
    const updated = replaceLeaves(tree, new Map([[6, sampleLeaf(50)]]))
    expect(Object.keys(keyedParents(updated)).map(Number)).toEqual([1, 3])
    expect(leafAt(updated, 6)).toEqual(sampleLeaf(50))
    checkAccounts(updated)
  })

  it('takes a removed leaf out of unmerged leaves by blanking them all', () => {
    const tree = addLeaves(withPath(withoutLeaves(sampleTree(4), 1), 0), [sampleLeaf(30)]).tree
    expect(keyedParents(tree)).toEqual({ 3: [1] })
    expect(keyedParents(withoutLeaves(tree, 1))).toEqual({})
  })

  it('removes leaf 0 like any other', () => {
    const tree = withoutLeaves(sampleTree(3), 0)
    expect(occupiedLeaves(tree)).toEqual([1, 2])
    expect(addLeaves(tree, [sampleLeaf(9)]).leafIndices).toEqual([0])
  })

  it('of nothing is the same tree', () => {
    const tree = sampleTree(3)
    expect(replaceLeaves(tree, new Map())).toBe(tree)
  })
})

describe('filteredDirectPath (RFC 9420 §4.1.2)', () => {
  const path = (tree: RatchetTree, leaf: number) => filteredDirectPath(tree, leaf).map(({ branch }) => branch.nodeIndex)

  it('leaves out nodes whose other child has no members', () => {
    expect(path(sampleTree(8), 0)).toEqual([1, 3, 7])
    expect(path(withoutLeaves(sampleTree(8), 1), 0)).toEqual([3, 7])
    expect(path(withoutLeaves(sampleTree(8), 2, 3), 0)).toEqual([1, 7])
    expect(path(sampleTree(9), 8)).toEqual([15])
    expect(path(sampleTree(9), 0)).toEqual([1, 3, 7, 15])
    expect(path(withoutLeaves(sampleTree(8), 1, 2, 3), 0)).toEqual([7])
  })

  it('has the copath beside it', () => {
    const steps = filteredDirectPath(sampleTree(8), 5)
    expect(steps.map(({ copath }) => copath.nodeIndex)).toEqual([8, 13, 3])
  })
})

describe('setPath', () => {
  it('blanks the nodes of the direct path that are not on the filtered one', () => {
    const tree = withPath(sampleTree(8), 0)
    const thinned = withoutLeaves(withPath(tree, 1), 2, 3)
    const after = withPath(thinned, 0)
    expect(Object.keys(keyedParents(after)).map(Number)).toEqual([1, 7])
    checkAccounts(after)
  })

  it('merges the leaves below: unmerged lists are empty', () => {
    const tree = addLeaves(withPath(withoutLeaves(sampleTree(4), 3), 0), [sampleLeaf(30)]).tree
    expect(keyedParents(tree)[3]).toEqual([3])
    expect(keyedParents(withPath(tree, 0))[3]).toEqual([])
  })

  it('works for a tree of one', () => {
    const tree = setPath(singletonTree(sampleLeaf(0)), 0, sampleLeaf(5), new Map())
    expect(leafAt(tree, 0)).toEqual(sampleLeaf(5))
    checkAccounts(tree)
  })
})

describe('treeOf', () => {
  it('makes the accounts of nodes that come from elsewhere', () => {
    const tree = withPath(withoutLeaves(sampleTree(7), 2), 6)
    checkAccounts(treeOf(tree.root))
    expect([...members(treeOf(tree.root))]).toEqual([...members(tree)])
  })

  it('sees keys that occur twice', () => {
    const twice = treeOf(new Branch(undefined, new Leaf(0, sampleLeaf(1)), new Leaf(1, sampleLeaf(1))))
    expect([twice.encryptionKeys.duplicates, twice.signatureKeys.duplicates]).toEqual([1, 1])
  })
})
