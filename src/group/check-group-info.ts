// What a joiner checks of a group before it believes in it (RFC 9420 §12.4.3, §12.4.3.1).

import { equalBytes } from '../bytes.ts'
import { type CipherSuite, verifyWithLabel } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { ExtensionType, LeafNodeSource, MLS10 } from '../messages/code-points.ts'
import { findExtension } from '../messages/extension.ts'
import { type GroupInfo, groupInfoSignature } from '../messages/group-info.ts'
import { treeHash } from '../tree/hash.ts'
import { leafAt, members, type RatchetTree } from '../tree/ratchet-tree.ts'
import { decodeRatchetTree } from '../tree/tree-codec.ts'
import { validateTree } from '../tree/validate.ts'
import { externalSenderChecks, memberCheck } from './apply-proposals.ts'
import {
  checkCredentialTypes,
  checkGroupExtensions,
  checkLeafNodeContent,
  checkLifetime,
  SignatureBatch,
} from './leaf-checks.ts'
import { type CredentialCheck, checkCredentials, type Judgement } from './policy.ts'

/** What everyone who joins is asked. */
export interface JoinChecks extends Judgement {
  /** The tree as a `ratchet_tree` vector, where it comes apart from the group info. */
  readonly ratchetTree?: Uint8Array
  /** Whether the client is in a group with this id already. RFC 9420 §12.4.3. Default: it is not. */
  readonly isOwnGroup?: (groupId: Uint8Array) => boolean
}

/**
 * Checks a group info with its tree.
 * @returns the tree
 * @throws CoterieError `JOIN_*`, `TREE_*`, `LEAF_*`, `GROUP_*`, `CODEC_*` (peer)
 */
export async function checkGroupInfo(
  suite: CipherSuite,
  groupInfo: GroupInfo,
  checks: JoinChecks,
): Promise<RatchetTree> {
  const { groupContext } = groupInfo
  if (groupContext.version !== MLS10 || groupContext.cipherSuite !== suite.id) {
    fail('JOIN_SUITE_MISMATCH', 'the group has another version or cipher suite', {
      details: { version: groupContext.version, cipherSuite: groupContext.cipherSuite },
    })
  }
  if (checks.isOwnGroup?.(groupContext.groupId.slice()) === true) {
    fail('GROUP_ID_TAKEN', 'the client is in a group with this id already')
  }
  const tree = treeFor(groupInfo, checks)
  if (!equalBytes(treeHash(suite, tree.root), groupContext.treeHash)) {
    fail('TREE_HASH_MISMATCH', "the tree's hash is not the one in the group context")
  }
  const signer = leafAt(tree, groupInfo.signer)
  if (signer === undefined) return fail('JOIN_SIGNER', 'the group info is signed by nobody in the tree')
  await verifyWithLabel(suite, groupInfoSignature(groupInfo, signer.signatureKey), 'JOIN_GROUP_INFO_SIGNATURE')
  await checkTree(suite, groupInfo, tree, checks)
  return tree
}

function treeFor(groupInfo: GroupInfo, checks: JoinChecks): RatchetTree {
  const included = findExtension(groupInfo.extensions, ExtensionType.ratchetTree)
  const bytes = checks.ratchetTree ?? included
  if (bytes === undefined) return fail('JOIN_TREE_MISSING', 'the ratchet tree is neither included nor given')
  return decodeRatchetTree(bytes)
}

async function checkTree(
  suite: CipherSuite,
  { groupContext }: GroupInfo,
  tree: RatchetTree,
  checks: JoinChecks,
): Promise<void> {
  validateTree(suite, tree)
  checkCredentialTypes(tree)
  checkGroupExtensions(tree, groupContext.extensions)
  const signatures = new SignatureBatch()
  const credentials: CredentialCheck[] = externalSenderChecks(groupContext.extensions)
  for (const { leafIndex, leafNode } of members(tree)) {
    checkLeafNodeContent(suite, leafNode)
    if (checks.policy?.checkLifetimesInTree !== false) checkLifetime(leafNode, checks)
    const placed = leafNode.origin.source !== LeafNodeSource.keyPackage
    signatures.leaf(leafNode, placed ? { groupId: groupContext.groupId, leafIndex } : undefined)
    credentials.push(memberCheck(leafNode, undefined))
  }
  await signatures.verify(suite)
  await checkCredentials(checks.policy, credentials)
}
