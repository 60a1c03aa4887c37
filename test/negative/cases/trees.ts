// Trees that no group can have, in Welcomes that are sound but for them (RFC 9420 §7.1, §7.3, §7.9.2, §12.4.3).
import { toHex } from '../../../src/bytes.ts'
import { treeOf } from '../../../src/tree/ratchet-tree.ts'
import { Branch, blankSubtree } from '../../../src/tree/subtree.ts'
import { IMPOSTOR } from '../cast.ts'
import { resealed, withParent, withSignedLeaf } from '../forge/tree.ts'
import { tall, three } from './groups.ts'
import type { CaseSpec, Chapter } from './scene.ts'
import { seeded } from './suites.ts'
import { leafCases } from './trees/leaves.ts'
import { ABOVE_ALICE_AND_BOB, ABOVE_ALICE_TO_FRANK, ABOVE_DAVE_AND_HUGO, member, ROOT, treeCase } from './trees/make.ts'
import { keyCases, unmergedCases } from './trees/parents.ts'
import { vectorCases } from './trees/vectors.ts'

const parentHashCases: CaseSpec[] = [
  treeCase(
    {
      name: 'parent-key-replaced',
      about: 'a parent node has another key than the leaf below it vouches for',
      rows: [51],
      sections: ['7.9.2', '12.4.3.1'],
      code: 'TREE_PARENT_HASH',
    },
    async (tree, { suite }) => {
      const { publicKey } = await suite.kem.generateKeyPair()
      return withParent(tree, ABOVE_ALICE_AND_BOB, (parent) => ({ ...parent, encryptionKey: publicKey }))
    },
  ),
  treeCase(
    {
      name: 'parent-hash-in-a-parent-changed',
      about: "a parent node's parent hash differs in a bit",
      rows: [51],
      sections: ['7.9.2', '12.4.3.1'],
      code: 'TREE_PARENT_HASH',
    },
    (tree) =>
      withParent(tree, ABOVE_DAVE_AND_HUGO, (parent) => ({
        ...parent,
        parentHash: parent.parentHash.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
      })),
  ),
  treeCase(
    {
      name: 'parent-hash-in-a-leaf-changed',
      about: "a leaf's parent hash fits no parent; its signature fits",
      rows: [51],
      sections: ['7.9.2', '12.4.3.1'],
      code: 'TREE_PARENT_HASH',
    },
    (tree, cast) =>
      withSignedLeaf(cast.suite, tree, 0, member(cast, 'alice'), (content) => ({
        ...content,
        origin: { source: 3, parentHash: new Uint8Array(32) },
      })),
  ),
  treeCase(
    {
      name: 'tree-parent-hash-shortened',
      about: "a leaf's parent hash is the beginning of the right one; its signature fits",
      rows: [51],
      traps: ['tag-lengths'],
      sections: ['7.9.2', '12.4.3.1'],
      code: 'TREE_PARENT_HASH',
    },
    (tree, cast) =>
      withSignedLeaf(cast.suite, tree, 0, member(cast, 'alice'), (content) => ({
        ...content,
        origin: {
          source: 3,
          parentHash: 'parentHash' in content.origin ? content.origin.parentHash.slice(0, 8) : new Uint8Array(0),
        },
      })),
  ),
  treeCase(
    {
      name: 'parent-vouched-for-by-an-update',
      about: 'a parent node stands above a leaf that came by an Update, which vouches for nothing',
      rows: [51],
      sections: ['7.9.2', '12.4.3.1'],
      code: 'TREE_PARENT_HASH',
    },
    (tree, cast) =>
      withSignedLeaf(cast.suite, tree, 0, member(cast, 'alice'), (content) => ({ ...content, origin: { source: 2 } })),
  ),
  treeCase(
    {
      name: 'parent-hash-over-another-sibling',
      about: "a leaf on a parent's other side was replaced since the parent was set, which blanks the parent",
      rows: [51],
      sections: ['7.9', '7.9.2'],
      code: 'TREE_PARENT_HASH',
    },
    (tree, cast) =>
      withSignedLeaf(cast.suite, tree, 2, member(cast, 'carol'), (content) => ({ ...content, origin: { source: 2 } })),
  ),
  treeCase(
    {
      name: 'unmerged-leaf-left-out-above-its-own-side',
      about:
        'the parent hashes are right, but a leaf beside the one that vouches for the root is not listed as unmerged',
      rows: [51],
      sections: ['7.9.2'],
      code: 'TREE_PARENT_HASH',
    },
    (tree) => withParent(tree, ROOT, (parent) => ({ ...parent, unmergedLeaves: [3] })),
  ),
  treeCase(
    {
      name: 'unmerged-leaves-left-out',
      about: 'a leaf that was added since is not listed as unmerged above, on the other side',
      rows: [51],
      sections: ['7.9', '7.9.2'],
      code: 'TREE_PARENT_HASH',
    },
    (tree) => {
      const without = withParent(tree, ROOT, (parent) => ({ ...parent, unmergedLeaves: [6] }))
      return withParent(without, ABOVE_ALICE_TO_FRANK, (parent) => ({ ...parent, unmergedLeaves: [] }))
    },
  ),
]

const extentCases: CaseSpec[] = [
  treeCase(
    {
      name: 'tree-not-truncated',
      about: 'a full tree stands below another root, whose right half is empty; all parent hashes are right',
      rows: [51, 53],
      sections: ['7.7', '12.1.3', '12.4.3.3'],
      start: 'full',
      code: 'TREE_MALFORMED',
    },
    async (tree, cast) => {
      const { publicKey } = await cast.suite.kem.generateKeyPair()
      const parent = { encryptionKey: publicKey, parentHash: new Uint8Array(0), unmergedLeaves: [3] }
      const higher = treeOf(new Branch(parent, tree.root, blankSubtree(tree.root.level, 4)))
      return resealed(cast.suite, higher, 2, [3, 7], member(cast, 'carol'))
    },
  ),
]

export const trees: Chapter = {
  file: 'trees',
  description: 'Trees that no group can have, in Welcomes that are sound but for them.',
  async scenes() {
    const cast = await tall(seeded(1, 'trees'))
    return {
      joiner: { cast, receiver: 'erin' },
      vigilant: { cast, receiver: 'erin', start: { refused_identities: [toHex(IMPOSTOR)] } },
      full: { cast: await three(seeded(1, 'trees full')), receiver: 'erin' },
    }
  },
  cases: [...parentHashCases, ...unmergedCases, ...keyCases, ...leafCases, ...vectorCases, ...extentCases],
}
