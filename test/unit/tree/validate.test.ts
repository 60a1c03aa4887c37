// What a joiner checks of a tree (RFC 9420 §7.1, §7.9.2, §12.4.3.1), on trees that real paths made.
import { describe, expect, it } from 'vitest'
import { suite1 as suite } from '../../../src/crypto/providers/noble/suites.ts'
import type { ParentNode } from '../../../src/messages/parent-node.ts'
import { checkParentHashes } from '../../../src/tree/parent-hash.ts'
import { addLeaves, type RatchetTree, treeOf } from '../../../src/tree/ratchet-tree.ts'
import { Branch, Leaf, type Subtree } from '../../../src/tree/subtree.ts'
import { checkUniqueKeys, validateTree } from '../../../src/tree/validate.ts'
import { codeOf } from '../../support/errors.ts'
import { commitIn } from '../../support/real-paths.ts'
import { keyedParents, sampleTree, withoutLeaves } from '../../support/sample-trees.ts'
import { sampleBytes, sampleLeaf } from '../../support/wire-samples.ts'

/** The tree with the parent at a node index changed. */
function withParent(tree: RatchetTree, nodeIndex: number, change: (parentNode: ParentNode) => ParentNode): RatchetTree {
  const rebuild = (subtree: Subtree): Subtree => {
    if (subtree instanceof Leaf) return subtree
    const { parentNode } = subtree
    const changed = subtree.nodeIndex === nodeIndex && parentNode ? change(parentNode) : parentNode
    return new Branch(changed, rebuild(subtree.left), rebuild(subtree.right))
  }
  return treeOf(rebuild(tree.root))
}

/** A tree with a history: commits, removals, blanks, and unmerged leaves at several heights. */
async function livedIn(): Promise<RatchetTree> {
  let tree = sampleTree(12)
  for (const member of [0, 5, 11]) tree = await commitIn(tree, member)
  tree = withoutLeaves(tree, 1, 6)
  for (const member of [3, 8]) tree = await commitIn(tree, member)
  tree = addLeaves(tree, [sampleLeaf(60), sampleLeaf(61), sampleLeaf(62)]).tree
  return commitIn(tree, 4)
}

describe('a tree that commits have made', () => {
  it('is valid, with unmerged leaves too', async () => {
    const tree = await livedIn()
    const lists = Object.values(keyedParents(tree))
    expect(lists.length).toBeGreaterThan(4)
    expect(lists.flat().length).toBeGreaterThan(0)
    validateTree(suite, tree)
  })

  it('is not when any parent has another key or parent hash', async () => {
    const tree = await livedIn()
    for (const nodeIndex of Object.keys(keyedParents(tree)).map(Number)) {
      for (const change of [{ encryptionKey: sampleBytes(1) }, { parentHash: sampleBytes(2) }]) {
        const changed = withParent(tree, nodeIndex, (parentNode) => ({ ...parentNode, ...change }))
        expect(codeOf(() => validateTree(suite, changed))).toBe('TREE_PARENT_HASH')
      }
    }
  })

  it('is not when an unmerged leaf is missing from a list', async () => {
    const tree = await livedIn()
    for (const [nodeIndex, list] of Object.entries(keyedParents(tree))) {
      if (list.length === 0) continue
      const changed = withParent(tree, Number(nodeIndex), (parentNode) => ({
        ...parentNode,
        unmergedLeaves: parentNode.unmergedLeaves.slice(1),
      }))
      expect(codeOf(() => validateTree(suite, changed))).toMatch(/^TREE_(PARENT_HASH|UNMERGED_LEAVES)$/)
    }
  })

  it('of one member, and of blank parents only, is valid', () => {
    validateTree(suite, sampleTree(1))
    validateTree(suite, withoutLeaves(sampleTree(9), 0, 3))
  })
})

describe('unmerged leaves', () => {
  const tree = async () =>
    addLeaves(await commitIn(withoutLeaves(sampleTree(8), 1, 2), 0), [sampleLeaf(70), sampleLeaf(71)]).tree
  const listing = async (unmergedLeaves: number[]) => {
    const changed = withParent(await tree(), 7, (parentNode) => ({ ...parentNode, unmergedLeaves }))
    return codeOf(() => validateTree(suite, changed))
  }

  it('of the tree itself are in order', async () => {
    expect(keyedParents(await tree())).toEqual({ 3: [1, 2], 7: [1, 2] })
    validateTree(suite, await tree())
  })

  it('are refused out of order, twice, outside, and blank', async () => {
    expect(await listing([2, 1])).toBe('TREE_UNMERGED_LEAVES')
    expect(await listing([1, 1, 2])).toBe('TREE_UNMERGED_LEAVES')
    expect(await listing([1, 2, 8])).toBe('TREE_UNMERGED_LEAVES')
    expect(await listing([1, 2, 0xffffffff])).toBe('TREE_UNMERGED_LEAVES')
    const blank = withoutLeaves(await commitIn(sampleTree(8), 0), 7)
    expect(keyedParents(blank)).toEqual({ 1: [], 3: [] })
    const listed = withParent(await commitIn(blank, 0), 7, (node) => ({ ...node, unmergedLeaves: [7] }))
    expect(codeOf(() => validateTree(suite, listed))).toBe('TREE_UNMERGED_LEAVES')
  })

  it('are refused where a parent in between does not list them', async () => {
    expect(await listing([0, 1, 2])).toBe('TREE_UNMERGED_LEAVES')
  })
})

describe('keys', () => {
  it('are refused where two members or nodes have the same', () => {
    const withTwo = (second: Parameters<typeof sampleLeaf>[1]) =>
      treeOf(new Branch(undefined, new Leaf(0, sampleLeaf(0)), new Leaf(1, sampleLeaf(1, second))))
    checkUniqueKeys(withTwo({}))
    const { signatureKey, encryptionKey } = sampleLeaf(0)
    expect(codeOf(() => checkUniqueKeys(withTwo({ signatureKey })))).toBe('TREE_DUPLICATE_KEY')
    expect(codeOf(() => checkUniqueKeys(withTwo({ encryptionKey })))).toBe('TREE_DUPLICATE_KEY')
    // A signature key and an encryption key do not clash.
    checkUniqueKeys(withTwo({ signatureKey: encryptionKey }))
  })

  it('of a parent count too', async () => {
    const tree = await commitIn(sampleTree(4), 0)
    const changed = withParent(tree, 1, (node) => ({ ...node, encryptionKey: sampleLeaf(3).encryptionKey }))
    expect(codeOf(() => validateTree(suite, changed))).toBe('TREE_DUPLICATE_KEY')
  })
})

describe('a parent without anyone below', () => {
  it('is covered by no chain', () => {
    const parentNode = { encryptionKey: sampleBytes(9), parentHash: new Uint8Array(0), unmergedLeaves: [] }
    const empty = new Branch(parentNode, new Leaf(0, undefined), new Leaf(1, undefined))
    expect(codeOf(() => checkParentHashes(suite, empty))).toBe('TREE_PARENT_HASH')
  })
})
