// Trees with something changed in them, and chains of parent hashes that are made to fit again (RFC 9420 §7.8, §7.9).
import { encode } from '../../../src/codec/writer.ts'
import type { KeyPair } from '../../../src/crypto/contract.ts'
import type { CipherSuite } from '../../../src/crypto/labels.ts'
import { encodeLeafNode, type LeafNode, type LeafNodeContent, signLeafNode } from '../../../src/messages/leaf-node.ts'
import { encodeParentNode, type ParentNode } from '../../../src/messages/parent-node.ts'
import { originalTreeHash } from '../../../src/tree/hash.ts'
import { parentHash } from '../../../src/tree/parent-hash.ts'
import { directPath, leafAt, type RatchetTree, treeOf } from '../../../src/tree/ratchet-tree.ts'
import { Branch, Leaf, type Subtree } from '../../../src/tree/subtree.ts'

/** The tree with a parent node changed, by node index. */
export function withParent(
  tree: RatchetTree,
  nodeIndex: number,
  change: (parent: ParentNode) => ParentNode | undefined,
): RatchetTree {
  return edited(tree, (subtree) => {
    if (subtree.nodeIndex !== nodeIndex || !(subtree instanceof Branch)) return undefined
    if (subtree.parentNode === undefined) throw new Error(`node ${nodeIndex} is blank`)
    return new Branch(change(subtree.parentNode), subtree.left, subtree.right)
  })
}

/** The tree with another leaf node, or none, at a leaf index. */
export function withLeaf(tree: RatchetTree, leafIndex: number, leafNode: LeafNode | undefined): RatchetTree {
  return edited(tree, (subtree) =>
    subtree instanceof Leaf && subtree.firstLeaf === leafIndex ? new Leaf(leafIndex, leafNode) : undefined,
  )
}

/** The tree with a leaf that says something else, signed again by its member. */
export async function withSignedLeaf(
  suite: CipherSuite,
  tree: RatchetTree,
  leafIndex: number,
  member: { readonly signatureKeyPair: KeyPair; readonly groupId: Uint8Array },
  change: (content: LeafNodeContent) => LeafNodeContent,
): Promise<RatchetTree> {
  const { signature: _, ...content } = leafOf(tree, leafIndex)
  const place = { groupId: member.groupId, leafIndex }
  return withLeaf(tree, leafIndex, await signLeafNode(suite, member.signatureKeyPair, change(content), place))
}

/**
 * The tree with the parent hashes of a chain computed anew, and the leaf at its beginning signed again.
 * @param chain - node indices of the parents that the leaf's last commit set, from the leaf upwards
 */
export function resealed(
  suite: CipherSuite,
  tree: RatchetTree,
  leafIndex: number,
  chain: readonly number[],
  member: { readonly signatureKeyPair: KeyPair; readonly groupId: Uint8Array },
): Promise<RatchetTree> {
  let next = tree
  let hash: Uint8Array | undefined
  for (const nodeIndex of [...chain].reverse()) {
    const above = hash
    if (above !== undefined) next = withParent(next, nodeIndex, (parent) => ({ ...parent, parentHash: above }))
    const step = directPath(next, leafIndex).find(({ branch }) => branch.nodeIndex === nodeIndex)
    const parent = step?.branch.parentNode
    if (step === undefined || parent === undefined) throw new Error(`node ${nodeIndex} is not above leaf ${leafIndex}`)
    hash = parentHash(suite, parent, originalTreeHash(suite, step.copath, parent.unmergedLeaves))
  }
  const claimed = hash ?? new Uint8Array(0)
  return withSignedLeaf(suite, next, leafIndex, member, (content) => ({
    ...content,
    origin: { source: 3, parentHash: claimed },
  }))
}

/** A node as it stands in a `ratchet_tree` vector: presence, type, content. */
export type RawNode = Uint8Array

/** All nodes of a tree, from the left, blank ones at the end among them. */
export function rawNodes(tree: RatchetTree): RawNode[] {
  const nodes: RawNode[] = []
  const list = (subtree: Subtree): void => {
    if (subtree instanceof Branch) list(subtree.left)
    nodes.push(rawNode(subtree instanceof Branch ? subtree.parentNode : subtree.leafNode))
    if (subtree instanceof Branch) list(subtree.right)
  }
  list(tree.root)
  return nodes
}

export function rawNode(node: LeafNode | ParentNode | undefined): RawNode {
  return encode((writer) => {
    writer.uint8(node === undefined ? 0 : 1)
    if (node === undefined) return
    writer.uint8('unmergedLeaves' in node ? 2 : 1)
    if ('unmergedLeaves' in node) encodeParentNode(writer, node)
    else encodeLeafNode(writer, node)
  }, undefined)
}

/** A `ratchet_tree` vector of these nodes, whatever they are. */
export function rawTree(nodes: readonly RawNode[]): Uint8Array {
  return encode((writer) => writer.vector(nodes, (inner, node) => inner.fixed(node)), undefined)
}

export function leafOf(tree: RatchetTree, leafIndex: number): LeafNode {
  const leaf = leafAt(tree, leafIndex)
  if (leaf === undefined) throw new Error(`leaf ${leafIndex} is blank`)
  return leaf
}

function edited(tree: RatchetTree, edit: (subtree: Subtree) => Subtree | undefined): RatchetTree {
  const visit = (subtree: Subtree): Subtree => {
    const other = edit(subtree)
    if (other !== undefined) return other
    if (!(subtree instanceof Branch)) return subtree
    return new Branch(subtree.parentNode, visit(subtree.left), visit(subtree.right))
  }
  return treeOf(visit(tree.root))
}
