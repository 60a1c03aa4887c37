// The ratchet_tree object (RFC 9420 §12.4.3.3): round trips of trees of all shapes, and trees out of form.
import { describe, expect, it } from 'vitest'
import { encode } from '../../../src/codec/writer.ts'
import { encodeLeafNode, type LeafNode } from '../../../src/messages/leaf-node.ts'
import { encodeParentNode, type ParentNode } from '../../../src/messages/parent-node.ts'
import { addLeaves, leafCount, members } from '../../../src/tree/ratchet-tree.ts'
import { decodeRatchetTree, encodeRatchetTree } from '../../../src/tree/tree-codec.ts'
import { codeOf } from '../../support/errors.ts'
import { nodesOf, sampleTree, withoutLeaves, withPath } from '../../support/sample-trees.ts'
import { sampleBytes, sampleLeaf } from '../../support/wire-samples.ts'

type Listed = LeafNode | ParentNode | undefined | { readonly type: number }

/** A `ratchet_tree` of these nodes, right or wrong. */
function listed(nodes: readonly Listed[]): Uint8Array {
  return encode((writer) => {
    writer.vector(nodes, (outer, node) => {
      outer.optional(node, (inner, one) => {
        if ('type' in one) inner.uint8(one.type)
        else if ('unmergedLeaves' in one) {
          inner.uint8(2)
          encodeParentNode(inner, one)
        } else {
          inner.uint8(1)
          encodeLeafNode(inner, one)
        }
      })
    })
  }, undefined)
}
const parentNode = { encryptionKey: sampleBytes(1), parentHash: new Uint8Array(0), unmergedLeaves: [] }

describe('a ratchet_tree', () => {
  const trees = [
    sampleTree(1),
    sampleTree(2),
    sampleTree(5),
    withPath(sampleTree(8), 3),
    withoutLeaves(sampleTree(9), 0, 4),
    withoutLeaves(withPath(sampleTree(8), 7), 1, 2, 3),
    addLeaves(withPath(withoutLeaves(sampleTree(8), 5), 0), [sampleLeaf(50)]).tree,
  ]
  it.each(trees.map((tree, i) => [i, tree] as const))('reads back (%i)', (_, tree) => {
    const decoded = decodeRatchetTree(encodeRatchetTree(tree))
    expect(nodesOf(decoded.root)).toEqual(nodesOf(tree.root))
    for (const { leafNode } of members(tree)) {
      expect(decoded.encryptionKeys.has(leafNode.encryptionKey)).toBe(true)
      expect(decoded.signatureKeys.has(leafNode.signatureKey)).toBe(true)
    }
  })

  it('ends with its last node that is not blank', () => {
    const short = encodeRatchetTree(sampleTree(5))
    expect(short).toEqual(
      listed(
        nodesOf(sampleTree(5).root)
          .slice(0, 9)
          .map((node) => ('leafNode' in node ? node.leafNode : undefined)),
      ),
    )
    expect(leafCount(decodeRatchetTree(short))).toBe(8)
  })

  it('may end with a parent, whose leaves to the right are blank', () => {
    const encoded = listed([sampleLeaf(0), undefined, sampleLeaf(1), parentNode])
    expect(leafCount(decodeRatchetTree(encoded))).toBe(4)
  })

  it('is refused when its last node is blank', () => {
    expect(codeOf(() => decodeRatchetTree(listed([sampleLeaf(0), undefined])))).toBe('TREE_TRAILING_BLANK')
    expect(codeOf(() => decodeRatchetTree(listed([undefined])))).toBe('TREE_TRAILING_BLANK')
  })

  it('is refused when it is empty', () => {
    expect(codeOf(() => decodeRatchetTree(listed([])))).toBe('TREE_MALFORMED')
  })

  it('is refused when a node is in the place of the other kind', () => {
    expect(codeOf(() => decodeRatchetTree(listed([parentNode])))).toBe('TREE_NODE_TYPE')
    expect(codeOf(() => decodeRatchetTree(listed([sampleLeaf(0), sampleLeaf(1)])))).toBe('TREE_NODE_TYPE')
  })

  it.each([0, 3, 255])('is refused when a node has type %i', (type) => {
    expect(codeOf(() => decodeRatchetTree(listed([{ type }])))).toBe('CODEC_UNKNOWN_VARIANT')
  })

  it('is refused with bytes behind it', () => {
    const encoded = encodeRatchetTree(sampleTree(2))
    expect(codeOf(() => decodeRatchetTree(new Uint8Array([...encoded, 0])))).toBe('CODEC_TRAILING_BYTES')
  })
})
