// Ratchet trees of made-up members, and what tests want to know of a tree in RFC 9420's array form.
import type { ParentNode } from '../../src/messages/parent-node.ts'
import {
  addLeaves,
  filteredDirectPath,
  leafAt,
  members,
  type RatchetTree,
  replaceLeaves,
  setPath,
  singletonTree,
} from '../../src/tree/ratchet-tree.ts'
import { Leaf, type Subtree } from '../../src/tree/subtree.ts'
import { sampleBytes, sampleLeaf } from './wire-samples.ts'

/** A tree of the members numbered 0 to `count` - 1 in as many leaves, all parents blank. */
export function sampleTree(count: number): RatchetTree {
  const rest = Array.from({ length: count - 1 }, (_, i) => sampleLeaf(i + 1))
  return addLeaves(singletonTree(sampleLeaf(0)), rest).tree
}

/** The tree without the members at these leaves. */
export function withoutLeaves(tree: RatchetTree, ...leaves: readonly number[]): RatchetTree {
  return replaceLeaves(tree, new Map(leaves.map((leafIndex) => [leafIndex, undefined])))
}

let nextKey = 0

/** The tree after a commit by a member: parents with fresh keys on its filtered direct path. */
export function withPath(tree: RatchetTree, leafIndex: number): RatchetTree {
  const leafNode = leafAt(tree, leafIndex)
  if (leafNode === undefined) throw new Error(`there is no member ${leafIndex}`)
  const parents = new Map(
    filteredDirectPath(tree, leafIndex).map(({ branch }): [number, ParentNode] => [
      branch.nodeIndex,
      { encryptionKey: sampleBytes(0x7000_0000 + nextKey++), parentHash: sampleBytes(nextKey), unmergedLeaves: [] },
    ]),
  )
  return setPath(tree, leafIndex, { ...leafNode, encryptionKey: sampleBytes(0x7800_0000 + nextKey++) }, parents)
}

/** All nodes in the order of their node indices. */
export function nodesOf(subtree: Subtree): Subtree[] {
  return subtree instanceof Leaf ? [subtree] : [...nodesOf(subtree.left), subtree, ...nodesOf(subtree.right)]
}

/** Where the members are. */
export function occupiedLeaves(tree: RatchetTree): number[] {
  return [...members(tree)].map(({ leafIndex }) => leafIndex)
}

/** The non-blank parents' node indices with their unmerged leaves. */
export function keyedParents(tree: RatchetTree): Record<number, readonly number[]> {
  const parents: Record<number, readonly number[]> = {}
  for (const node of nodesOf(tree.root)) {
    if (!(node instanceof Leaf) && node.parentNode) parents[node.nodeIndex] = node.parentNode.unmergedLeaves
  }
  return parents
}
