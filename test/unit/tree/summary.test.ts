// What all members have in common, kept on the nodes (RFC 9420 §7.3, §12.1.7): correct after every edit, and shared.
import { describe, expect, it } from 'vitest'
import type { LeafNode } from '../../../src/messages/leaf-node.ts'
import { addLeaves, members, type RatchetTree, replaceLeaves, singletonTree } from '../../../src/tree/ratchet-tree.ts'
import { Branch, blankSubtree, type MembersSummary } from '../../../src/tree/subtree.ts'
import { summary } from '../../../src/tree/summary.ts'
import { seededRandom } from '../../support/random.ts'
import { nodesOf, sampleTree, withoutLeaves, withPath } from '../../support/sample-trees.ts'
import { sampleLeaf } from '../../support/wire-samples.ts'

let number = 1000
function capable(extensions: number[], proposals: number[], credentials: number[], credentialType = 1): LeafNode {
  return sampleLeaf(number++, {
    capabilities: { versions: [1], cipherSuites: [1], extensions, proposals, credentials },
    credential: { credentialType, content: new Uint8Array(1) },
  })
}

/** The same, from all members at once. */
function expected(tree: RatchetTree): MembersSummary {
  const leaves = [...members(tree)].map(({ leafNode }) => leafNode)
  const common = (of: (leaf: LeafNode) => readonly number[]) =>
    [...new Set(leaves.flatMap(of))]
      .filter((type) => leaves.every((leaf) => of(leaf).includes(type)))
      .sort((a, b) => a - b)
  return {
    extensions: common(({ capabilities }) => capabilities.extensions),
    proposals: common(({ capabilities }) => capabilities.proposals),
    credentials: common(({ capabilities }) => capabilities.credentials),
    credentialsInUse: [...new Set(leaves.map(({ credential }) => credential.credentialType))].sort((a, b) => a - b),
  }
}

describe('a summary', () => {
  it('of nobody is undefined', () => {
    expect(summary(blankSubtree(0, 0))).toBeUndefined()
    expect(summary(blankSubtree(3, 0))).toBeUndefined()
  })

  it('of one member is its capabilities, in order and each once', () => {
    const tree = singletonTree(capable([9, 7, 9], [], [2, 1], 2))
    expect(summary(tree.root)).toEqual({
      extensions: [7, 9],
      proposals: [],
      credentials: [1, 2],
      credentialsInUse: [2],
    })
  })

  it('has nothing in common of GREASE, which nobody means (RFC 9420 §13.5)', () => {
    const random = () => capable([7, 0x0a0a], [0x0a0a, 11], [0x0a0a, 1], 0x0a0a)
    const { tree } = addLeaves(singletonTree(random()), [random(), random()])
    expect(summary(tree.root)).toEqual({
      extensions: [7],
      proposals: [11],
      credentials: [1],
      credentialsInUse: [0x0a0a],
    })
  })

  it('loses what one member lacks, and gets it back when that member leaves', () => {
    const rich = () => capable([7, 8, 9], [11], [1, 2], 1)
    const { tree } = addLeaves(singletonTree(rich()), [rich(), capable([8], [], [1, 2], 2), rich()])
    expect(summary(tree.root)).toEqual({
      extensions: [8],
      proposals: [],
      credentials: [1, 2],
      credentialsInUse: [1, 2],
    })
    expect(summary(withoutLeaves(tree, 2).root)).toMatchObject({ extensions: [7, 8, 9], credentialsInUse: [1] })
  })

  it('agrees with looking at all members, after any edits', () => {
    const random = seededRandom(2)
    const some = () => [10, 11, 12, 13, 14].filter(() => random(8) > 0)
    const member = () =>
      capable(
        some(),
        some(),
        [1, 2, 3].filter(() => random(6) > 0),
        1 + random(3),
      )
    let tree = singletonTree(member())
    for (let step = 0; step < 300; step++) {
      const present = [...members(tree)].map(({ leafIndex }) => leafIndex)
      const one = present[random(present.length)] as number
      const kind = random(4)
      if (kind === 0) tree = addLeaves(tree, Array.from({ length: 1 + random(4) }, member)).tree
      else if (kind === 1 && present.length > 1) tree = withoutLeaves(tree, one)
      else if (kind === 2) tree = replaceLeaves(tree, new Map([[one, member()]]))
      else tree = withPath(tree, one)
      expect(summary(tree.root)).toEqual(expected(tree))
    }
  })

  it('of equals is the same object as the left child has', () => {
    for (const node of nodesOf(sampleTree(64).root)) {
      if (node instanceof Branch) expect(summary(node)).toBe(summary(node.left))
    }
  })
})
