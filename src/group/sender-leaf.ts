// The leaf of whoever sent a message, remembered with the tree: from a sender's second message in an epoch on, neither its
// membership nor its signature key is looked up in the tree. Trees never change, so what is remembered stays true; it goes
// with the tree, and a state that was restored from storage begins anew.

import type { LeafNode } from '../messages/leaf-node.ts'
import { leafAt, type RatchetTree } from '../tree/ratchet-tree.ts'

/** The leaf node at this index; undefined where it is blank or out of range. */
export function senderLeaf(tree: RatchetTree, leafIndex: number): LeafNode | undefined {
  const known = remembered.get(tree) ?? new Map<number, LeafNode>()
  const found = known.get(leafIndex) ?? leafAt(tree, leafIndex)
  if (found !== undefined) remembered.set(tree, known.set(leafIndex, found))
  return found
}

const remembered = /* @__PURE__ */ new WeakMap<RatchetTree, Map<number, LeafNode>>()
