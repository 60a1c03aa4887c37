// The ratchet tree as a persistent value (RFC 9420 §4, §7.7): every edit returns a new tree and shares what it did not touch.

import { fail } from '../errors.ts'
import type { LeafNode } from '../messages/leaf-node.ts'
import type { ParentNode } from '../messages/parent-node.ts'
import { KeyIndex } from './key-index.ts'
import { MAX_LEAVES } from './math.ts'
import { Branch, blankSubtree, childTowards, Leaf, leafBelow, type Subtree, width } from './subtree.ts'

/** A member's place and content. */
export interface Member {
  readonly leafIndex: number
  readonly leafNode: LeafNode
}

/** A node of a direct path with its child on the copath. */
export interface PathStep {
  readonly branch: Branch
  readonly copath: Subtree
}

export interface RatchetTree {
  readonly root: Subtree
  /** Encryption keys of leaves and parents. */
  readonly encryptionKeys: KeyIndex
  /** Signature keys of leaves. */
  readonly signatureKeys: KeyIndex
}

/** A tree of one member. */
export function singletonTree(leafNode: LeafNode): RatchetTree {
  return withKeysOf(leafNode, {
    root: new Leaf(0, leafNode),
    encryptionKeys: KeyIndex.empty,
    signatureKeys: KeyIndex.empty,
  })
}

/** A tree over nodes that were made elsewhere. */
export function treeOf(root: Subtree): RatchetTree {
  const keys = { encryptionKeys: KeyIndex.empty, signatureKeys: KeyIndex.empty }
  const collect = (subtree: Subtree): void => {
    if (subtree instanceof Leaf) {
      if (subtree.leafNode === undefined) return
      keys.encryptionKeys = keys.encryptionKeys.plus(subtree.leafNode.encryptionKey)
      keys.signatureKeys = keys.signatureKeys.plus(subtree.leafNode.signatureKey)
      return
    }
    if (subtree.parentNode !== undefined)
      keys.encryptionKeys = keys.encryptionKeys.plus(subtree.parentNode.encryptionKey)
    collect(subtree.left)
    collect(subtree.right)
  }
  collect(root)
  return { root, ...keys }
}

/** How many leaves the tree has, blank or not: a power of two. */
export function leafCount(tree: RatchetTree): number {
  return width(tree.root)
}

/** The leaf node at this index; undefined where it is blank or out of range. */
export function leafAt(tree: RatchetTree, leafIndex: number): LeafNode | undefined {
  if (!isLeafIndex(tree, leafIndex)) return undefined
  return leafBelow(tree.root, leafIndex).leafNode
}

/** All members, from the left. */
export function* members(tree: RatchetTree): Generator<Member> {
  yield* membersBelow(tree.root)
}

/** The parents of a leaf, from the leaf upwards, each with its child on the copath. RFC 9420 §4.1.2. */
export function directPath(tree: RatchetTree, leafIndex: number): PathStep[] {
  const steps: PathStep[] = []
  let at = tree.root
  while (at instanceof Branch) {
    const { child, sibling } = childTowards(at, leafIndex)
    steps.push({ branch: at, copath: sibling })
    at = child
  }
  return steps.reverse()
}

/**
 * The direct path without nodes whose copath child has an empty resolution. RFC 9420 §4.1.2.
 * A resolution is empty exactly where there is no member below: a parent node without any has been blanked with them.
 */
export function filteredDirectPath(tree: RatchetTree, leafIndex: number): PathStep[] {
  return directPath(tree, leafIndex).filter(({ copath }) => copath.occupied > 0)
}

/**
 * Replaces leaves and blanks their direct paths: Update (RFC 9420 §12.1.2) and, with `undefined`, Remove (§12.1.3).
 * The tree is truncated while its right half is empty (§7.7), to a single blank leaf where nobody is left: the only member
 * may rejoin by an external commit that removes its earlier appearance.
 */
export function replaceLeaves(tree: RatchetTree, leaves: ReadonlyMap<number, LeafNode | undefined>): RatchetTree {
  if (leaves.size === 0) return tree
  const edit = new Edit(tree)
  let root = edit.replace(tree.root, [...leaves.keys()].sort(ascending), leaves)
  while (root instanceof Branch && root.right.occupied === 0) root = root.left
  return edit.result(root)
}

/**
 * Adds members at the leftmost blank leaves, extending the tree where there is none (RFC 9420 §7.7, §12.1.1), and enters
 * them in the unmerged leaves of the non-blank parents above.
 * @returns the tree, and the leaf indices in the order of `leafNodes`
 * @throws CoterieError `TREE_FULL` (caller)
 */
export function addLeaves(
  tree: RatchetTree,
  leafNodes: readonly LeafNode[],
): { tree: RatchetTree; leafIndices: number[] } {
  if (leafNodes.length === 0) return { tree, leafIndices: [] }
  const root = withRoomFor(tree.root, leafNodes.length)
  const leafIndices = firstOf(blankLeaves(root), leafNodes.length)
  const added = new Map<number, LeafNode>()
  leafNodes.forEach((leafNode, i) => {
    added.set(leafIndices[i] as number, leafNode)
  })
  const edit = new Edit(tree)
  return { tree: edit.result(edit.add(root, leafIndices, added)), leafIndices }
}

/**
 * The leftmost blank leaf, where an external joiner goes (RFC 9420 §12.4.2), in a tree that was extended if it was full.
 * @throws CoterieError `TREE_FULL` (caller)
 */
export function leftmostBlankLeaf(tree: RatchetTree): { tree: RatchetTree; leafIndex: number } {
  const root = withRoomFor(tree.root, 1)
  return { tree: { ...tree, root }, leafIndex: firstOf(blankLeaves(root), 1)[0] as number }
}

/**
 * Sets a leaf and the parents of its filtered direct path, and blanks the rest of the direct path. RFC 9420 §7.5.
 * @param parents - by node index
 */
export function setPath(
  tree: RatchetTree,
  leafIndex: number,
  leafNode: LeafNode,
  parents: ReadonlyMap<number, ParentNode>,
): RatchetTree {
  const edit = new Edit(tree)
  return edit.result(edit.set(tree.root, leafIndex, leafNode, parents))
}

function isLeafIndex(tree: RatchetTree, leafIndex: number): boolean {
  return Number.isInteger(leafIndex) && leafIndex >= 0 && leafIndex < leafCount(tree)
}

/** RFC 9420 §7.7: a new blank root over the tree and an all-blank subtree, as often as it takes. */
function withRoomFor(root: Subtree, count: number): Subtree {
  let grown = root
  while (width(grown) - grown.occupied < count) {
    if (2 * width(grown) > MAX_LEAVES) fail('TREE_FULL', 'a tree has no room for that many members')
    grown = new Branch(undefined, grown, blankSubtree(grown.level, width(grown)))
  }
  return grown
}

function* membersBelow(subtree: Subtree): Generator<Member> {
  if (subtree.occupied === 0) return
  if (subtree instanceof Leaf) {
    if (subtree.leafNode !== undefined) yield { leafIndex: subtree.firstLeaf, leafNode: subtree.leafNode }
    return
  }
  yield* membersBelow(subtree.left)
  yield* membersBelow(subtree.right)
}

function* blankLeaves(subtree: Subtree): Generator<number> {
  if (subtree.occupied === width(subtree)) return
  if (subtree instanceof Leaf) yield subtree.firstLeaf
  else {
    yield* blankLeaves(subtree.left)
    yield* blankLeaves(subtree.right)
  }
}

function firstOf<T>(values: Iterable<T>, count: number): T[] {
  const taken: T[] = []
  if (count === 0) return taken
  for (const value of values) {
    taken.push(value)
    if (taken.length === count) break
  }
  return taken
}

function withKeysOf(leafNode: LeafNode, tree: RatchetTree): RatchetTree {
  return {
    root: tree.root,
    encryptionKeys: tree.encryptionKeys.plus(leafNode.encryptionKey),
    signatureKeys: tree.signatureKeys.plus(leafNode.signatureKey),
  }
}

/** One pass over the union of some direct paths, keeping account of the keys that come and go. */
class Edit {
  #encryptionKeys: KeyIndex
  #signatureKeys: KeyIndex

  constructor(tree: RatchetTree) {
    this.#encryptionKeys = tree.encryptionKeys
    this.#signatureKeys = tree.signatureKeys
  }

  result(root: Subtree): RatchetTree {
    return { root, encryptionKeys: this.#encryptionKeys, signatureKeys: this.#signatureKeys }
  }

  replace(subtree: Subtree, at: readonly number[], leaves: ReadonlyMap<number, LeafNode | undefined>): Subtree {
    if (at.length === 0) return subtree
    if (subtree instanceof Leaf) return this.#leaf(subtree, leaves.get(subtree.firstLeaf))
    const [below, beyond] = split(at, subtree.right.firstLeaf)
    return this.#branch(
      subtree,
      undefined,
      this.replace(subtree.left, below, leaves),
      this.replace(subtree.right, beyond, leaves),
    )
  }

  add(subtree: Subtree, at: readonly number[], added: ReadonlyMap<number, LeafNode>): Subtree {
    if (at.length === 0) return subtree
    if (subtree instanceof Leaf) return this.#leaf(subtree, added.get(subtree.firstLeaf))
    const { parentNode } = subtree
    const [below, beyond] = split(at, subtree.right.firstLeaf)
    return this.#branch(
      subtree,
      parentNode && { ...parentNode, unmergedLeaves: [...parentNode.unmergedLeaves, ...at].sort(ascending) },
      this.add(subtree.left, below, added),
      this.add(subtree.right, beyond, added),
    )
  }

  set(subtree: Subtree, leafIndex: number, leafNode: LeafNode, parents: ReadonlyMap<number, ParentNode>): Subtree {
    if (subtree instanceof Leaf) return this.#leaf(subtree, leafNode)
    const towardsLeft = leafIndex < subtree.right.firstLeaf
    return this.#branch(
      subtree,
      parents.get(subtree.nodeIndex),
      towardsLeft ? this.set(subtree.left, leafIndex, leafNode, parents) : subtree.left,
      towardsLeft ? subtree.right : this.set(subtree.right, leafIndex, leafNode, parents),
    )
  }

  #leaf(before: Leaf, leafNode: LeafNode | undefined): Leaf {
    if (before.leafNode !== undefined) {
      this.#encryptionKeys = this.#encryptionKeys.minus(before.leafNode.encryptionKey)
      this.#signatureKeys = this.#signatureKeys.minus(before.leafNode.signatureKey)
    }
    if (leafNode !== undefined) {
      this.#encryptionKeys = this.#encryptionKeys.plus(leafNode.encryptionKey)
      this.#signatureKeys = this.#signatureKeys.plus(leafNode.signatureKey)
    }
    return new Leaf(before.firstLeaf, leafNode)
  }

  #branch(before: Branch, parentNode: ParentNode | undefined, left: Subtree, right: Subtree): Branch {
    if (before.parentNode?.encryptionKey !== parentNode?.encryptionKey) {
      if (before.parentNode) this.#encryptionKeys = this.#encryptionKeys.minus(before.parentNode.encryptionKey)
      if (parentNode) this.#encryptionKeys = this.#encryptionKeys.plus(parentNode.encryptionKey)
    }
    return new Branch(parentNode, left, right)
  }
}

function split(sorted: readonly number[], boundary: number): [number[], number[]] {
  return [sorted.filter((value) => value < boundary), sorted.filter((value) => value >= boundary)]
}

function ascending(a: number, b: number): number {
  return a - b
}
