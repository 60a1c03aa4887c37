// Tree hashes (RFC 9420 §7.8): their inputs, that they are computed once, and a sibling's hash as it was (§7.9).
import { describe, expect, it } from 'vitest'
import { concat } from '../../../src/bytes.ts'
import { encode } from '../../../src/codec/writer.ts'
import { suite1 as suite } from '../../../src/crypto/providers/noble/suites.ts'
import { encodeLeafNode } from '../../../src/messages/leaf-node.ts'
import { encodeParentNode } from '../../../src/messages/parent-node.ts'
import { originalTreeHash, treeHash } from '../../../src/tree/hash.ts'
import { addLeaves } from '../../../src/tree/ratchet-tree.ts'
import { type Branch, blankSubtree, Leaf, type Subtree } from '../../../src/tree/subtree.ts'
import { countingSuite } from '../../support/counting-suite.ts'
import { sampleTree, withoutLeaves, withPath } from '../../support/sample-trees.ts'
import { sampleLeaf } from '../../support/wire-samples.ts'

const bytes = (...values: number[]) => new Uint8Array(values)

/** The hash by the text of §7.8, without any memory. */
function byTheText(subtree: Subtree): Uint8Array {
  if (subtree instanceof Leaf) {
    const { leafNode, firstLeaf } = subtree
    const place = bytes(1, firstLeaf >>> 24, (firstLeaf >>> 16) & 0xff, (firstLeaf >>> 8) & 0xff, firstLeaf & 0xff)
    return suite.hash.digest(concat(place, leafNode ? concat(bytes(1), encode(encodeLeafNode, leafNode)) : bytes(0)))
  }
  const { parentNode } = subtree
  const node = parentNode ? concat(bytes(1), encode(encodeParentNode, parentNode)) : bytes(0)
  const [left, right] = [byTheText(subtree.left), byTheText(subtree.right)]
  return suite.hash.digest(concat(bytes(2), node, bytes(32), left, bytes(32), right))
}

describe('the tree hash', () => {
  it.each([1, 2, 3, 8, 13])('of %i members is that of the text', (count) => {
    for (const tree of [sampleTree(count), withPath(sampleTree(count), count - 1)]) {
      expect(treeHash(suite, tree.root)).toEqual(byTheText(tree.root))
    }
  })

  it('of blank leaves differs by their place', () => {
    expect(treeHash(suite, new Leaf(0, undefined))).not.toEqual(treeHash(suite, new Leaf(1, undefined)))
    expect(treeHash(suite, blankSubtree(2, 4))).toEqual(byTheText(blankSubtree(2, 4)))
    expect(treeHash(suite, new Leaf(0xfffffffe, undefined))).toEqual(byTheText(new Leaf(0xfffffffe, undefined)))
  })

  it('is computed once for each node, and after an edit for the new nodes only', () => {
    const counting = countingSuite()
    const tree = withoutLeaves(sampleTree(64), 63)
    treeHash(counting.suite, tree.root)
    expect(counting.take().digest).toBe(127)
    treeHash(counting.suite, tree.root)
    expect(counting.take().digest).toBe(0)
    treeHash(counting.suite, withPath(tree, 0).root)
    expect(counting.take().digest).toBe(7)
    treeHash(counting.suite, addLeaves(tree, [sampleLeaf(99)]).tree.root)
    expect(counting.take().digest).toBe(7)
  })
})

describe('the original tree hash', () => {
  const before = withPath(withPath(withoutLeaves(sampleTree(16), 1, 9, 11, 14), 8), 0)
  const { tree: after } = addLeaves(
    before,
    [40, 41, 42, 43].map((number) => sampleLeaf(number)),
  )
  const side = (root: Subtree, which: 'left' | 'right') => (root as Branch)[which]

  it('is the hash before the leaves were added', () => {
    for (const which of ['left', 'right'] as const) {
      const original = originalTreeHash(suite, side(after.root, which), [1, 9, 11, 14])
      expect(original).toEqual(byTheText(side(before.root, which)))
      expect(original).not.toEqual(treeHash(suite, side(after.root, which)))
    }
  })

  it('is the hash itself where no unmerged leaf is below', () => {
    const left = side(after.root, 'left')
    expect(originalTreeHash(suite, left, [9, 11, 14])).toBe(treeHash(suite, left))
    expect(originalTreeHash(suite, left, [])).toBe(treeHash(suite, left))
  })

  it('of a single unmerged leaf is that of a blank one, of leaf 0 too', () => {
    for (const index of [0, 5]) {
      const leaf = new Leaf(index, sampleLeaf(index))
      expect(originalTreeHash(suite, leaf, [index])).toEqual(treeHash(suite, new Leaf(index, undefined)))
    }
  })

  it('costs hashes by the leaves taken out, not by the size of the tree', () => {
    const counting = countingSuite()
    const { tree } = addLeaves(withPath(withoutLeaves(sampleTree(256), 200), 0), [sampleLeaf(999)])
    treeHash(counting.suite, tree.root)
    counting.take()
    originalTreeHash(counting.suite, side(tree.root, 'right'), [200])
    expect(counting.take().digest).toBe(8)
  })
})
