// The persistent nodes that a ratchet tree is made of. A node never changes; an edit makes new nodes along the touched paths
// and shares the rest. Hash and member summary are computed once for each node, when first asked for, and stay on it.

import type { LeafNode } from '../messages/leaf-node.ts'
import type { ParentNode } from '../messages/parent-node.ts'
import { nodeIndexOf } from './math.ts'

/** What all members below a node have in common; the numbers in increasing order. */
export interface MembersSummary {
  /** Types that every member lists. */
  readonly extensions: readonly number[]
  readonly proposals: readonly number[]
  readonly credentials: readonly number[]
  /** Credential types that some member has. */
  readonly credentialsInUse: readonly number[]
}

/** What is derived from a subtree's contents. Filled lazily; never part of its meaning. */
interface Derived {
  treeHash?: Uint8Array
  /** The tree hash in hexadecimal. */
  name?: string
  summary?: MembersSummary
}

/** A leaf's place, blank or not. */
export class Leaf {
  readonly level = 0
  readonly firstLeaf: number
  readonly leafNode: LeafNode | undefined
  readonly derived: Derived = {}

  constructor(leafIndex: number, leafNode: LeafNode | undefined) {
    this.firstLeaf = leafIndex
    this.leafNode = leafNode
  }

  get nodeIndex(): number {
    return 2 * this.firstLeaf
  }

  /** How many leaves below are not blank. */
  get occupied(): number {
    return this.leafNode === undefined ? 0 : 1
  }
}

/** A parent's place, blank or not, with everything below it. */
export class Branch {
  readonly level: number
  readonly firstLeaf: number
  readonly parentNode: ParentNode | undefined
  readonly left: Subtree
  readonly right: Subtree
  /** How many leaves below are not blank. */
  readonly occupied: number
  readonly derived: Derived = {}

  constructor(parentNode: ParentNode | undefined, left: Subtree, right: Subtree) {
    this.level = left.level + 1
    this.firstLeaf = left.firstLeaf
    this.parentNode = parentNode
    this.left = left
    this.right = right
    this.occupied = left.occupied + right.occupied
  }

  get nodeIndex(): number {
    return nodeIndexOf(this.level, this.firstLeaf)
  }
}

export type Subtree = Leaf | Branch

/** How many leaves, blank or not, a subtree spans. */
export function width(subtree: Subtree): number {
  return 2 ** subtree.level
}

export function contains(subtree: Subtree, leafIndex: number): boolean {
  return leafIndex >= subtree.firstLeaf && leafIndex < subtree.firstLeaf + width(subtree)
}

/** The child whose leaves include `leafIndex`, and the other one. */
export function childTowards(branch: Branch, leafIndex: number): { child: Subtree; sibling: Subtree } {
  return leafIndex < branch.right.firstLeaf
    ? { child: branch.left, sibling: branch.right }
    : { child: branch.right, sibling: branch.left }
}

/** A subtree of 2^`level` blank leaves. */
export function blankSubtree(level: number, firstLeaf: number): Subtree {
  if (level === 0) return new Leaf(firstLeaf, undefined)
  const half = 2 ** (level - 1)
  return new Branch(undefined, blankSubtree(level - 1, firstLeaf), blankSubtree(level - 1, firstLeaf + half))
}

/** A node that has a key: what resolutions consist of. */
export type KeyedNode = { readonly nodeIndex: number; readonly encryptionKey: Uint8Array; readonly subtree: Subtree }

/**
 * The resolution of a node (RFC 9420 §4.1.1), without the leaves in `excluded`: itself and its unmerged leaves, or
 * where it is blank the resolutions of its children.
 * @param atMost - stop once more than this many are found
 */
export function resolution(
  subtree: Subtree,
  excluded: ReadonlySet<number> = NONE,
  atMost: number = Number.POSITIVE_INFINITY,
): KeyedNode[] {
  const nodes: KeyedNode[] = []
  resolve(subtree, excluded, atMost, nodes)
  return nodes
}

/** The leaf at this index, which must lie below. */
export function leafBelow(subtree: Subtree, leafIndex: number): Leaf {
  let at = subtree
  while (at instanceof Branch) at = childTowards(at, leafIndex).child
  return at
}

function resolve(subtree: Subtree, excluded: ReadonlySet<number>, atMost: number, into: KeyedNode[]): void {
  if (subtree.occupied === 0 || into.length > atMost) return
  if (subtree instanceof Leaf) {
    const { leafNode } = subtree
    if (leafNode === undefined || excluded.has(subtree.firstLeaf)) return
    into.push({ nodeIndex: subtree.nodeIndex, encryptionKey: leafNode.encryptionKey, subtree })
    return
  }
  const { parentNode } = subtree
  if (parentNode === undefined) {
    resolve(subtree.left, excluded, atMost, into)
    resolve(subtree.right, excluded, atMost, into)
    return
  }
  into.push({ nodeIndex: subtree.nodeIndex, encryptionKey: parentNode.encryptionKey, subtree })
  for (const leafIndex of parentNode.unmergedLeaves) {
    if (into.length > atMost) return
    resolve(leafBelow(subtree, leafIndex), excluded, atMost, into)
  }
}

const NONE: ReadonlySet<number> = new Set()
