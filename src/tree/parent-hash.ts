// Parent hashes: who set a parent node, and over which tree (RFC 9420 §7.9).

import { equalBytes } from '../bytes.ts'
import { Writer } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { LeafNodeSource } from '../messages/code-points.ts'
import type { ParentNode } from '../messages/parent-node.ts'
import { originalTreeHash } from './hash.ts'
import { Branch, contains, resolution, type Subtree } from './subtree.ts'

/** `ParentHashInput`, hashed. @returns Nh bytes */
export function parentHash(
  suite: CipherSuite,
  parent: Pick<ParentNode, 'encryptionKey' | 'parentHash'>,
  originalSiblingTreeHash: Uint8Array,
): Uint8Array {
  const writer = new Writer(256)
  writer.opaque(parent.encryptionKey)
  writer.opaque(parent.parentHash)
  writer.opaque(originalSiblingTreeHash)
  return suite.hash.digest(writer.finish())
}

/**
 * RFC 9420 §7.9.2: a joiner MUST see that each non-blank parent node is parent-hash valid, by exactly one chain.
 * @throws CoterieError `TREE_PARENT_HASH` (peer)
 */
export function checkParentHashes(suite: CipherSuite, subtree: Subtree): void {
  if (!(subtree instanceof Branch)) return
  const { parentNode, left, right } = subtree
  if (parentNode !== undefined) {
    const chains = Number(vouches(suite, parentNode, left, right)) + Number(vouches(suite, parentNode, right, left))
    if (chains !== 1) {
      fail('TREE_PARENT_HASH', 'a parent node is not covered by exactly one parent-hash chain', {
        details: { nodeIndex: subtree.nodeIndex, chains },
      })
    }
  }
  checkParentHashes(suite, left)
  checkParentHashes(suite, right)
}

/** Whether the node D below `child` that was set together with `parent` names it in its parent hash. */
function vouches(suite: CipherSuite, parent: ParentNode, child: Subtree, sibling: Subtree): boolean {
  // D is in the resolution of C, and P's unmerged leaves below C are that resolution without D: so exactly one node of
  // the resolution is not such a leaf.
  const unmerged = new Set(parent.unmergedLeaves.filter((leafIndex) => contains(child, leafIndex)))
  const resolved = resolution(child, undefined, unmerged.size + 1)
  if (resolved.length !== unmerged.size + 1) return false
  const candidates = resolved.filter(({ subtree }) => subtree instanceof Branch || !unmerged.has(subtree.firstLeaf))
  const [candidate] = candidates
  if (candidate === undefined || candidates.length > 1) return false
  const claimed = claimedParentHash(candidate.subtree)
  if (claimed === undefined) return false
  return equalBytes(claimed, parentHash(suite, parent, originalTreeHash(suite, sibling, parent.unmergedLeaves)))
}

function claimedParentHash(subtree: Subtree): Uint8Array | undefined {
  if (subtree instanceof Branch) return subtree.parentNode?.parentHash
  const origin = subtree.leafNode?.origin
  return origin?.source === LeafNodeSource.commit ? origin.parentHash : undefined
}
