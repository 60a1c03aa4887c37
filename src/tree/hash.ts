// Tree hashes (RFC 9420 §7.8), and the tree hash of a sibling as it was when a parent was last set (§7.9).

import { encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { encodeLeafNode } from '../messages/leaf-node.ts'
import { encodeParentNode, type ParentNode } from '../messages/parent-node.ts'
import { Branch, contains, Leaf, type Subtree } from './subtree.ts'

/** The tree hash of a node; computed once for each node. @returns Nh bytes */
export function treeHash(suite: CipherSuite, subtree: Subtree): Uint8Array {
  const known = subtree.derived.treeHash
  if (known !== undefined) return known
  const hash = suite.hash.digest(treeHashInput(suite, subtree))
  subtree.derived.treeHash = hash
  return hash
}

/** `TreeHashInput`. It names everything below by hash, so it is also the node's record in content-addressed storage. */
export function treeHashInput(suite: CipherSuite, subtree: Subtree): Uint8Array {
  return subtree instanceof Leaf
    ? leafInput(subtree)
    : parentInput(subtree.parentNode, treeHash(suite, subtree.left), treeHash(suite, subtree.right))
}

/**
 * The tree hash of `sibling` with the leaves in `unmerged` blank and gone from the unmerged leaves of all parent nodes:
 * `original_sibling_tree_hash`. Costs O(log n) hashes for each such leaf below.
 */
export function originalTreeHash(suite: CipherSuite, sibling: Subtree, unmerged: readonly number[]): Uint8Array {
  const below = unmerged.filter((leafIndex) => contains(sibling, leafIndex))
  if (below.length === 0) return treeHash(suite, sibling)
  if (!(sibling instanceof Branch)) return suite.hash.digest(leafInput(new Leaf(sibling.firstLeaf, undefined)))
  const { parentNode } = sibling
  const gone = new Set(below)
  const original = parentNode && {
    ...parentNode,
    unmergedLeaves: parentNode.unmergedLeaves.filter((leafIndex) => !gone.has(leafIndex)),
  }
  const leftHash = originalTreeHash(suite, sibling.left, below)
  const rightHash = originalTreeHash(suite, sibling.right, below)
  return suite.hash.digest(parentInput(original, leftHash, rightHash))
}

function leafInput(leaf: Leaf): Uint8Array {
  return encode((writer) => {
    writer.uint8(LEAF)
    writer.uint32(leaf.firstLeaf)
    writer.optional(leaf.leafNode, encodeLeafNode)
  }, undefined)
}

function parentInput(parentNode: ParentNode | undefined, leftHash: Uint8Array, rightHash: Uint8Array): Uint8Array {
  return encode((writer) => {
    writer.uint8(PARENT)
    writer.optional(parentNode, encodeParentNode)
    writer.opaque(leftHash)
    writer.opaque(rightHash)
  }, undefined)
}

const LEAF = 1
const PARENT = 2
