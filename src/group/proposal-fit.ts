// Whether a proposal suits the group as it is now (RFC 9420 §7.3, §12.2). That is no reason to refuse a proposal that was
// received: a commit may cover it together with others that make the group suit it.

import { equalBytes } from '../bytes.ts'
import { CoterieError, fail } from '../errors.ts'
import { ProposalType, SenderType } from '../messages/code-points.ts'
import type { Extension } from '../messages/extension.ts'
import type { LeafNode } from '../messages/leaf-node.ts'
import { isDefaultProposal } from '../messages/proposal.ts'
import { leafAt, type RatchetTree } from '../tree/ratchet-tree.ts'
import { checkGroupExtensions, checkMutualCredentials, checkSuitsGroup, supportedByAll } from './leaf-checks.ts'
import type { ProposalInContext } from './policy.ts'
import type { GroupState } from './state.ts'

/**
 * Checks a proposal against the members and extensions that there are.
 * @throws CoterieError `LEAF_*`, `GROUP_*`, `COMMIT_MEMBER_EXISTS`, `COMMIT_PROPOSAL_UNSUPPORTED`, `TREE_DUPLICATE_KEY` (peer)
 */
export function checkFits(
  { tree, groupContext }: Pick<GroupState, 'tree' | 'groupContext'>,
  { proposal, sender }: ProposalInContext,
  extensions: readonly Extension[] = groupContext.extensions,
): void {
  if (!isDefaultProposal(proposal)) {
    // RFC 9420 §13.2: proposals of a type that some member does not support MUST NOT be committed.
    if (!supportedByAll(tree, proposal.proposalType)) {
      fail('COMMIT_PROPOSAL_UNSUPPORTED', 'some member does not support a proposal type', {
        details: { proposalType: proposal.proposalType },
      })
    }
  } else if (proposal.proposalType === ProposalType.add) {
    const { leafNode } = proposal.keyPackage
    if (tree.signatureKeys.has(leafNode.signatureKey)) {
      fail('COMMIT_MEMBER_EXISTS', 'a client is added that is a member already')
    }
    checkNewLeaf(tree, leafNode, extensions)
  } else if (proposal.proposalType === ProposalType.update) {
    const { leafNode } = proposal
    const predecessor = sender.senderType === SenderType.member ? leafAt(tree, sender.leafIndex) : undefined
    const keepsKey = predecessor !== undefined && equalBytes(predecessor.signatureKey, leafNode.signatureKey)
    if (!keepsKey && tree.signatureKeys.has(leafNode.signatureKey)) {
      fail('TREE_DUPLICATE_KEY', 'an Update has the signature key of another member')
    }
    checkNewLeaf(tree, leafNode, extensions)
  } else if (proposal.proposalType === ProposalType.groupContextExtensions) {
    checkGroupExtensions(tree, proposal.extensions)
  }
}

/** The same, as an answer. */
export function fits(...asked: Parameters<typeof checkFits>): boolean {
  try {
    checkFits(...asked)
    return true
  } catch (error) {
    if (CoterieError.is(error) && error.origin === 'peer') return false
    throw error
  }
}

function checkNewLeaf(tree: RatchetTree, leafNode: LeafNode, extensions: readonly Extension[]): void {
  checkSuitsGroup(leafNode, extensions)
  checkMutualCredentials(tree, leafNode)
  if (tree.encryptionKeys.has(leafNode.encryptionKey)) {
    fail('TREE_DUPLICATE_KEY', 'a new leaf node has an encryption key that is in the tree')
  }
}
