// The `ratchet_tree` object in which a whole tree travels (RFC 9420 §12.4.3.3).

import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import { decodeLeafNode, encodeLeafNode, type LeafNode } from '../messages/leaf-node.ts'
import { decodeParentNode, encodeParentNode, type ParentNode } from '../messages/parent-node.ts'
import { nodeIndexOf, widthFor } from './math.ts'
import { type RatchetTree, treeOf } from './ratchet-tree.ts'
import { Branch, blankSubtree, Leaf, type Subtree, width } from './subtree.ts'

/** The tree as a `ratchet_tree` vector, without blank nodes behind the last that is not. */
export function encodeRatchetTree(tree: RatchetTree): Uint8Array {
  const nodes: (ListedNode | undefined)[] = []
  list(tree.root, nodes)
  while (nodes.length > 0 && nodes[nodes.length - 1] === undefined) nodes.pop()
  return encode((writer) => writer.vector(nodes, (inner, node) => inner.optional(node, encodeListedNode)), undefined)
}

/**
 * Reads a `ratchet_tree` vector. Checks its form only: see `validateTree` for what a joiner must check besides.
 * @throws CoterieError `TREE_TRAILING_BLANK`, `TREE_NODE_TYPE`, `TREE_MALFORMED`, `CODEC_*` (peer)
 */
export function decodeRatchetTree(bytes: Uint8Array): RatchetTree {
  const nodes = decode((reader) => reader.vector((inner) => inner.optional(decodeListedNode)), bytes)
  if (nodes.length === 0) fail('TREE_MALFORMED', 'a ratchet tree has no nodes')
  // RFC 9420 §12.4.3.3: the receiver MUST check that the last node is not blank.
  if (nodes[nodes.length - 1] === undefined) fail('TREE_TRAILING_BLANK', 'the last node of a ratchet tree is blank')
  nodes.forEach((node, nodeIndex) => {
    if (node !== undefined && (node.type === 'leaf') !== (nodeIndex % 2 === 0)) {
      fail('TREE_NODE_TYPE', 'leaves stand at even places and parents at odd ones', { details: { nodeIndex } })
    }
  })
  // The least full tree that has all of the nodes, also where a parent is the last.
  const leaves = widthFor(Math.floor(nodes.length / 2) + 1)
  return treeOf(build(nodes, Math.log2(leaves), 0))
}

type ListedNode = { type: 'leaf'; leafNode: LeafNode } | { type: 'parent'; parentNode: ParentNode }

const encodeListedNode: Encoder<ListedNode> = (writer, node) => {
  if (node.type === 'leaf') {
    writer.uint8(LEAF)
    encodeLeafNode(writer, node.leafNode)
  } else {
    writer.uint8(PARENT)
    encodeParentNode(writer, node.parentNode)
  }
}

const decodeListedNode: Decoder<ListedNode> = (reader) => {
  const type = reader.uint8()
  if (type === LEAF) return { type: 'leaf', leafNode: decodeLeafNode(reader) }
  if (type === PARENT) return { type: 'parent', parentNode: decodeParentNode(reader) }
  return fail('CODEC_UNKNOWN_VARIANT', `unknown node type ${type}`)
}

function list(subtree: Subtree, into: (ListedNode | undefined)[]): void {
  if (subtree instanceof Leaf) {
    into.push(subtree.leafNode && { type: 'leaf', leafNode: subtree.leafNode })
    return
  }
  list(subtree.left, into)
  into.push(subtree.parentNode && { type: 'parent', parentNode: subtree.parentNode })
  list(subtree.right, into)
}

function build(nodes: readonly (ListedNode | undefined)[], level: number, firstLeaf: number): Subtree {
  if (2 * firstLeaf >= nodes.length) return blankSubtree(level, firstLeaf)
  const node = nodes[nodeIndexOf(level, firstLeaf)]
  if (level === 0) return new Leaf(firstLeaf, node?.type === 'leaf' ? node.leafNode : undefined)
  const left = build(nodes, level - 1, firstLeaf)
  const right = build(nodes, level - 1, firstLeaf + width(left))
  return new Branch(node?.type === 'parent' ? node.parentNode : undefined, left, right)
}

const LEAF = 1
const PARENT = 2
