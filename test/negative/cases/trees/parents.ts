// Unmerged leaves and keys that parent nodes cannot have (RFC 9420 §7.1, §12.4.3.1).
import type { RatchetTree } from '../../../../src/tree/ratchet-tree.ts'
import { leafOf, withParent, withSignedLeaf } from '../../forge/tree.ts'
import type { CaseSpec } from '../scene.ts'
import {
  ABOVE_ALICE_AND_BOB,
  ABOVE_ALICE_TO_FRANK,
  ABOVE_DAVE_AND_HUGO,
  bothResealed,
  member,
  ROOT,
  treeCase,
} from './make.ts'

const unmerged = (nodeIndex: number, leaves: readonly number[]) => (tree: RatchetTree) =>
  withParent(tree, nodeIndex, (parent) => ({ ...parent, unmergedLeaves: leaves }))

export const unmergedCases: CaseSpec[] = [
  ...(
    [
      ['not-sorted', 'are not in increasing order', ROOT, [6, 3], []],
      ['listed-twice', 'name a leaf twice', ROOT, [3, 3, 6], []],
      ['blank', 'name a blank leaf', ROOT, [3, 6, 7], []],
      ['outside', 'name a leaf beyond the last', ROOT, [3, 6, 8], [62]],
      ['2-to-the-31', 'name leaf 2^31 + 6, which wraps to 6', ROOT, [3, 6, 0x8000_0006], [62]],
      ['2-to-the-30', 'name leaf 2^30 + 6, whose node index wraps', ROOT, [3, 6, 0x4000_0006], [62]],
      ['not-below', 'name a leaf that is not below their node', ABOVE_ALICE_TO_FRANK, [3, 4], []],
    ] as const
  ).map(([which, what, nodeIndex, leaves, more]) =>
    treeCase(
      {
        name: `unmerged-leaves-${which}`,
        about: `the unmerged leaves of a node ${what}`,
        rows: [52, ...more],
        ...(more.length > 0 && { traps: ['signed-indices'] }),
        sections: ['7.1', '12.4.3.1'],
        code: 'TREE_UNMERGED_LEAVES',
      },
      unmerged(nodeIndex, leaves),
    ),
  ),
  treeCase(
    {
      name: 'unmerged-leaf-not-listed-between',
      about: 'an unmerged leaf of the root is not listed by a parent between them; all parent hashes are right',
      rows: [52],
      sections: ['12.4.3.1'],
      code: 'TREE_UNMERGED_LEAVES',
    },
    (tree, cast) => bothResealed(unmerged(ABOVE_ALICE_TO_FRANK, [])(tree), cast),
  ),
]

export const keyCases: CaseSpec[] = [
  treeCase(
    {
      name: 'two-parents-with-one-key',
      about: 'two parent nodes have the same key; all parent hashes are right',
      rows: [53],
      sections: ['12.4.3.1', '16.7'],
      code: 'TREE_DUPLICATE_KEY',
    },
    (tree, cast) => {
      let key = new Uint8Array(0)
      withParent(tree, ABOVE_ALICE_AND_BOB, (parent) => {
        key = Uint8Array.from(parent.encryptionKey)
        return parent
      })
      const twice = withParent(tree, ABOVE_DAVE_AND_HUGO, (parent) => ({ ...parent, encryptionKey: key }))
      return bothResealed(twice, cast)
    },
  ),
  treeCase(
    {
      name: 'parent-with-the-key-of-a-leaf',
      about: "a parent node has a leaf's key; all parent hashes are right",
      rows: [53],
      sections: ['12.4.3.1', '16.7'],
      code: 'TREE_DUPLICATE_KEY',
    },
    (tree, cast) => {
      const { encryptionKey } = leafOf(tree, 2)
      return bothResealed(
        withParent(tree, ABOVE_DAVE_AND_HUGO, (parent) => ({ ...parent, encryptionKey })),
        cast,
      )
    },
  ),
  treeCase(
    {
      name: 'parent-key-short',
      about: 'a parent node has a key that is a byte short; all parent hashes are right',
      rows: [61],
      sections: ['5.1.1', '12.4.3.1'],
      code: 'TREE_KEY_INVALID',
    },
    (tree, cast) => {
      const short = withParent(tree, ABOVE_DAVE_AND_HUGO, (parent) => ({
        ...parent,
        encryptionKey: parent.encryptionKey.slice(1),
      }))
      return bothResealed(short, cast)
    },
  ),
  treeCase(
    {
      name: 'two-members-with-one-signature-key',
      about: 'two members have the same signature key',
      rows: [26, 50],
      sections: ['7.3', '12.4.3.1'],
      code: 'TREE_DUPLICATE_KEY',
    },
    async (tree, cast) => {
      const frank = member(cast, 'frank')
      const { publicKey } = frank.signatureKeyPair
      const changed = await withSignedLeaf(cast.suite, tree, 2, frank, (content) => ({
        ...content,
        signatureKey: publicKey,
      }))
      return bothResealed(changed, cast)
    },
  ),
]
