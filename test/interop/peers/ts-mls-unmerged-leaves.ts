// Tells a known defect of ts-mls from a broken tree, by the rule for unmerged leaves in RFC 9420 §12.4.3.1.
//
// ts-mls 1.6.4 refuses a tree when two non-blank nodes on the direct path of an unmerged leaf differ in any unmerged
// leaf, above or below each other. RFC 9420 asks only that the nodes between the leaf and the one that lists it list
// it too. Trees of the first kind are common: a leaf was added, and the committer's path did not meet all nodes above it.
import type { CiphersuiteImpl, KeyPackage, PrivateKeyPackage, RatchetTree, Welcome } from 'ts-mls'
import { ratchetTreeFromExtension } from 'ts-mls/groupInfo.js'
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js'
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex } from 'ts-mls/treemath.js'
import { decryptGroupInfo, decryptGroupSecrets } from 'ts-mls/welcome.js'

const REFUSAL = 'non-blank intermediate node must list leaf node in its unmerged_leaves'

/** Whether ts-mls refused the Welcome for this reason and the tree in it follows the rule of RFC 9420 all the same. */
export async function hasOnlyTheUnmergedLeavesDefect(
  error: unknown,
  welcome: Welcome,
  own: { readonly publicPackage: KeyPackage; readonly privatePackage: PrivateKeyPackage },
  suite: CiphersuiteImpl,
): Promise<boolean> {
  if (!(error instanceof Error) || error.message !== REFUSAL) return false
  const initKey = await suite.hpke.importPrivateKey(own.privatePackage.initPrivateKey)
  const reference = await makeKeyPackageRef(own.publicPackage, suite.hash)
  const secrets = await decryptGroupSecrets(initKey, reference, welcome, suite.hpke)
  if (secrets === undefined || secrets.psks.length > 0) return false
  const groupInfo = await decryptGroupInfo(welcome, secrets.joinerSecret, new Uint8Array(suite.kdf.size), suite)
  const tree = groupInfo === undefined ? undefined : ratchetTreeFromExtension(groupInfo)
  return tree !== undefined && unmergedLeavesAreValid(tree)
}

function unmergedLeavesAreValid(tree: RatchetTree): boolean {
  return tree.every((node, nodeIndex) => {
    if (node?.nodeType !== 'parent') return true
    return node.parent.unmergedLeaves.every((leaf) => isListedUpTo(tree, leaf, nodeIndex))
  })
}

function isListedUpTo(tree: RatchetTree, leaf: number, listedAt: number): boolean {
  const leafNode = leafToNodeIndex(toLeafIndex(leaf))
  if (tree[leafNode]?.nodeType !== 'leaf') return false
  const path: readonly number[] = directPath(leafNode, leafWidth(tree.length))
  const height = path.indexOf(listedAt)
  if (height < 0) return false
  return path.slice(0, height).every((nodeIndex) => {
    const node = tree[nodeIndex]
    return node === undefined || (node.nodeType === 'parent' && node.parent.unmergedLeaves.includes(leaf))
  })
}
