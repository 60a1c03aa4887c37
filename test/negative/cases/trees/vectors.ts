// `ratchet_tree` vectors that are no tree, or another one (RFC 9420 §12.4.3.3).
import { concat, utf8 } from '../../../../src/bytes.ts'
import { addLeaves } from '../../../../src/tree/ratchet-tree.ts'
import { type Cast, personOf, stateOf } from '../../cast.ts'
import { rawNode, rawNodes, rawTree } from '../../forge/tree.ts'
import type { CaseSpec } from '../scene.ts'
import { type Spec, welcomed } from './make.ts'

/** The vector changed, the tree hash that of the tree as it is. */
function vectorCase(spec: Spec, ratchetTree: (nodes: Uint8Array[], cast: Cast) => Uint8Array): CaseSpec {
  return {
    start: 'joiner',
    ...spec,
    async make(cast, broken) {
      if (!broken) return welcomed(cast, (tree) => tree)
      const alice = stateOf(cast, 'alice')
      const { keyPackage } = personOf(cast, 'erin').keyPackage
      const nodes = rawNodes(addLeaves(alice.tree, [keyPackage.leafNode]).tree)
      return welcomed(cast, (tree) => tree, { ratchetTree: () => ratchetTree(nodes, cast) })
    },
  }
}

const BLANK = Uint8Array.of(0)

export const vectorCases: CaseSpec[] = [
  vectorCase(
    {
      name: 'tree-trailing-blank',
      about: 'the last node of the ratchet_tree vector is blank',
      rows: [53],
      sections: ['12.4.3.3'],
      code: 'TREE_TRAILING_BLANK',
    },
    (nodes) => rawTree([...nodes.slice(0, 13), BLANK]),
  ),
  vectorCase(
    {
      name: 'tree-all-nodes',
      about: 'the ratchet_tree vector has all of its nodes, the blank ones at its end too',
      rows: [53],
      sections: ['12.4.3.3'],
      code: 'TREE_TRAILING_BLANK',
    },
    (nodes) => rawTree(nodes),
  ),
  vectorCase(
    {
      name: 'tree-empty',
      about: 'the ratchet_tree vector is empty',
      rows: [53],
      sections: ['12.4.3.3'],
      code: 'TREE_MALFORMED',
    },
    () => rawTree([]),
  ),
  vectorCase(
    {
      name: 'tree-parent-at-an-even-place',
      about: 'a parent node stands where a leaf belongs',
      rows: [53],
      sections: ['12.4.3.3'],
      code: 'TREE_NODE_TYPE',
    },
    (nodes) => rawTree(nodes.slice(0, 13).with(0, nodes[1] ?? BLANK)),
  ),
  vectorCase(
    {
      name: 'tree-leaf-at-an-odd-place',
      about: 'a leaf stands where a parent node belongs',
      rows: [53],
      sections: ['12.4.3.3'],
      code: 'TREE_NODE_TYPE',
    },
    (nodes) => rawTree(nodes.slice(0, 13).with(1, nodes[0] ?? BLANK)),
  ),
  vectorCase(
    {
      name: 'tree-node-type-3',
      about: 'a node is of type 3',
      rows: [8, 53],
      sections: ['12.4.3.3'],
      code: 'CODEC_UNKNOWN_VARIANT',
    },
    (nodes) => rawTree(nodes.slice(0, 13).with(0, concat(Uint8Array.of(1, 3), nodes[0]?.slice(2) ?? BLANK))),
  ),
  vectorCase(
    {
      name: 'tree-presence-octet-2',
      about: "a node's presence octet is 2",
      rows: [3],
      sections: ['2.1.1', '12.4.3.3'],
      code: 'CODEC_OPTIONAL_OCTET',
    },
    (nodes) => rawTree(nodes.slice(0, 13).with(0, concat(Uint8Array.of(2), nodes[0]?.slice(1) ?? BLANK))),
  ),
  vectorCase(
    {
      name: 'tree-trailing-byte',
      about: 'a byte follows the vector in the ratchet_tree extension',
      rows: [4],
      sections: ['12.4.3.3'],
      code: 'CODEC_TRAILING_BYTES',
    },
    (nodes) => concat(rawTree(nodes.slice(0, 13)), BLANK),
  ),
  vectorCase(
    {
      name: 'tree-parent-behind-the-last-leaf',
      about: 'a parent node follows the nodes of a full tree',
      rows: [50, 53],
      sections: ['7.7', '12.4.3.3'],
      start: 'full',
      code: 'TREE_HASH_MISMATCH',
    },
    (nodes, { suite }) => {
      const parent = {
        encryptionKey: suite.hash.digest(utf8('key')),
        parentHash: new Uint8Array(0),
        unmergedLeaves: [],
      }
      return rawTree([...nodes, rawNode(parent)])
    },
  ),
  vectorCase(
    {
      name: 'tree-of-another-epoch',
      about: 'the tree is the valid one of the epoch before',
      rows: [50],
      sections: ['12.4.3.1', '12.4.3.3'],
      code: 'TREE_HASH_MISMATCH',
    },
    (_, cast) => rawTree(rawNodes(stateOf(cast, 'alice').tree).slice(0, 11)),
  ),
]
