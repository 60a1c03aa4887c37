// What a joiner must check of a tree that someone hands it, apart from the leaves' own validity (RFC 9420 §12.4.3.1).

import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { checkParentHashes } from './parent-hash.ts'
import type { RatchetTree } from './ratchet-tree.ts'
import { Branch, contains, leafBelow, type Subtree } from './subtree.ts'

/**
 * Checks the extent of the tree, its parents' keys and unmerged leaves, the uniqueness of keys, and parent hashes.
 * @throws CoterieError `TREE_MALFORMED`, `TREE_KEY_INVALID`, `TREE_UNMERGED_LEAVES`, `TREE_DUPLICATE_KEY`, `TREE_PARENT_HASH` (peer)
 */
export function validateTree(suite: CipherSuite, tree: RatchetTree): void {
  const { root } = tree
  // RFC 9420 §7.7, §12.1.3: a tree whose right half has no member is truncated.
  if (root instanceof Branch && root.right.occupied === 0) fail('TREE_MALFORMED', 'the right half of a tree is empty')
  checkParentKeys(suite, root)
  checkUnmergedLeaves(root)
  checkUniqueKeys(tree)
  checkParentHashes(suite, tree.root)
}

/**
 * RFC 9420 §7.3: signature keys and encryption keys MUST be unique among the members; §12.4.3.1: the encryption keys of
 * parents too. Costs nothing: the tree keeps count.
 * @throws CoterieError `TREE_DUPLICATE_KEY` (peer)
 */
export function checkUniqueKeys(tree: RatchetTree): void {
  if (tree.signatureKeys.duplicates > 0) fail('TREE_DUPLICATE_KEY', 'two members have the same signature key')
  if (tree.encryptionKeys.duplicates > 0) fail('TREE_DUPLICATE_KEY', 'two nodes have the same encryption key')
}

/** RFC 9420 §5.1.1: keys that nobody can encrypt to would keep members from committing. */
function checkParentKeys(suite: CipherSuite, subtree: Subtree): void {
  if (!(subtree instanceof Branch)) return
  const { parentNode, nodeIndex } = subtree
  if (parentNode !== undefined && !suite.kem.validatePublicKey(parentNode.encryptionKey)) {
    fail('TREE_KEY_INVALID', 'a parent node has a malformed encryption key', { details: { nodeIndex } })
  }
  checkParentKeys(suite, subtree.left)
  checkParentKeys(suite, subtree.right)
}

/**
 * RFC 9420 §7.1, §12.4.3.1: in each parent's list every entry MUST be a non-blank leaf below it, in increasing order, and
 * MUST be in the lists of all non-blank parents in between.
 * @param listedAbove - the leaves below that the next non-blank parent above lists
 */
function checkUnmergedLeaves(subtree: Subtree, listedAbove: readonly number[] = []): void {
  if (!(subtree instanceof Branch)) return
  const { parentNode, left, right } = subtree
  if (parentNode !== undefined) checkUnmergedList(subtree, parentNode.unmergedLeaves, listedAbove)
  const listed = parentNode?.unmergedLeaves ?? listedAbove
  checkUnmergedLeaves(
    left,
    listed.filter((leafIndex) => leafIndex < right.firstLeaf),
  )
  checkUnmergedLeaves(
    right,
    listed.filter((leafIndex) => leafIndex >= right.firstLeaf),
  )
}

function checkUnmergedList(branch: Branch, listed: readonly number[], listedAbove: readonly number[]): void {
  let previous = -1
  for (const leafIndex of listed) {
    const details = { nodeIndex: branch.nodeIndex, leafIndex }
    if (leafIndex <= previous) fail('TREE_UNMERGED_LEAVES', 'unmerged leaves are not in increasing order', { details })
    if (!contains(branch, leafIndex))
      fail('TREE_UNMERGED_LEAVES', 'an unmerged leaf is not below its node', { details })
    if (leafBelow(branch, leafIndex).leafNode === undefined) {
      fail('TREE_UNMERGED_LEAVES', 'an unmerged leaf is blank', { details })
    }
    previous = leafIndex
  }
  const known = new Set(listed)
  for (const leafIndex of listedAbove) {
    if (known.has(leafIndex)) continue
    const details = { nodeIndex: branch.nodeIndex, leafIndex }
    fail('TREE_UNMERGED_LEAVES', 'an unmerged leaf is not listed by a parent in between', { details })
  }
}
