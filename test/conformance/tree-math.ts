// The numbering of a tree's nodes (RFC 9420 Appendix C): tree-math.json of the working group.

import { leafToNode, left, level, nodeIndexOf, nodeWidth, parent, right, root, sibling } from '../../src/tree/math.ts'
import { Branch, blankSubtree, type Subtree } from '../../src/tree/subtree.ts'
import { isListWith, list, object, optional, uint } from './json-shape.ts'
import type { VectorSuite } from './suite.ts'
import { expectTrue, runCases } from './vector-cases.ts'

const relatives = list(optional(uint))
const readVector = object({
  n_leaves: uint,
  n_nodes: uint,
  root: uint,
  left: relatives,
  right: relatives,
  parent: relatives,
  sibling: relatives,
})

export const treeMath: VectorSuite = {
  name: 'tree-math',
  recognises: (json) => isListWith(json, ['n_leaves', 'n_nodes', 'root', 'left', 'right', 'parent', 'sibling']),
  run: (json, _provider, report) =>
    runCases<unknown>(json, report, async (value) => {
      const vector = readVector(value)
      const leaves = vector.n_leaves
      expectNumber('the number of nodes', nodeWidth(leaves), vector.n_nodes)
      expectNumber('the root', root(leaves), vector.root)
      for (const name of ['left', 'right', 'parent', 'sibling'] as const) {
        expectNumber(`the length of ${name}`, vector[name].length, vector.n_nodes)
      }
      for (let node = 0; node < vector.n_nodes; node++) {
        expectNumber(`left of ${node}`, left(node), vector.left[node])
        expectNumber(`right of ${node}`, right(node), vector.right[node])
        expectNumber(`parent of ${node}`, parent(node, leaves), vector.parent[node])
        expectNumber(`sibling of ${node}`, sibling(node, leaves), vector.sibling[node])
      }
      const tree = blankSubtree(level(vector.root), 0)
      expectNumber('the root of the linked tree', tree.nodeIndex, vector.root)
      expectNumber('the size of the linked tree', checkLinks(tree, vector), vector.n_nodes)
      return undefined
    }),
}

/** Whether the linked nodes that trees are made of have the same numbers. Returns how many there are. */
function checkLinks(subtree: Subtree, vector: ReturnType<typeof readVector>): number {
  const { nodeIndex } = subtree
  expectNumber(`the number of node ${nodeIndex}`, nodeIndexOf(subtree.level, subtree.firstLeaf), nodeIndex)
  if (!(subtree instanceof Branch)) {
    expectNumber(`the node of leaf ${subtree.firstLeaf}`, leafToNode(subtree.firstLeaf), nodeIndex)
    return 1
  }
  expectNumber(`the left child of ${nodeIndex}`, subtree.left.nodeIndex, vector.left[nodeIndex])
  expectNumber(`the right child of ${nodeIndex}`, subtree.right.nodeIndex, vector.right[nodeIndex])
  return 1 + checkLinks(subtree.left, vector) + checkLinks(subtree.right, vector)
}

function expectNumber(what: string, actual: number | undefined, expected: number | undefined): void {
  expectTrue(`${what} is ${expected}, not ${actual}`, actual === expected)
}
