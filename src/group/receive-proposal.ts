// What is checked of a proposal as soon as it is seen, from whomever (RFC 9420 §12.1, §12.1.8).

import { fail } from '../errors.ts'
import { ProposalType, SenderType } from '../messages/code-points.ts'
import { readRequiredCapabilities } from '../messages/extension.ts'
import type { Sender } from '../messages/framed-content.ts'
import { type DefaultProposal, isDefaultProposal, type Proposal } from '../messages/proposal.ts'
import { leafAt } from '../tree/ratchet-tree.ts'
import { checkUpdate, externalSenderChecks, memberCheck } from './apply-proposals.ts'
import { checkKeyPackage, SignatureBatch } from './leaf-checks.ts'
import { type CredentialCheck, checkCredentials, checkWithPolicy, type Judging } from './policy.ts'
import { checkProposal } from './proposal-list.ts'
import type { GroupState } from './state.ts'

/**
 * Checks a proposal by itself, with its leaf node or key package and the policy's opinion. Whether it suits the group is
 * not asked: a commit may combine it with others that change the group, and is checked as a whole then (RFC 9420 §12.2).
 * @throws CoterieError `LEAF_*`, `KEY_PACKAGE_*`, `PROPOSAL_*`, `PSK_*`, `COMMIT_*`, `GROUP_*` (peer)
 */
export async function checkNewProposal(
  state: GroupState,
  proposal: Proposal,
  sender: Sender,
  authenticatedData: Uint8Array,
  judgement: Judging,
): Promise<void> {
  const { suite, tree, groupContext } = state
  checkProposal(suite, tree, groupContext.version, proposal, 'member')
  if (sender.senderType === SenderType.external) checkFromExternal(proposal, judgement)
  const signatures = new SignatureBatch()
  const credentials = isDefaultProposal(proposal)
    ? checkContents(state, proposal, sender, judgement, signatures)
    : NO_CREDENTIALS
  await signatures.verify(suite)
  await checkCredentials(judgement.policy, credentials)
  await checkWithPolicy(judgement.policy, [{ proposal, sender }], {
    groupContext,
    memberAt: (leafIndex) => leafAt(tree, leafIndex),
    committer: undefined,
    authenticatedData,
  })
}

/** Checks what a proposal brings into the group. @returns the credentials among it */
function checkContents(
  { suite, tree, groupContext }: GroupState,
  proposal: DefaultProposal,
  sender: Sender,
  judgement: Judging,
  signatures: SignatureBatch,
): readonly CredentialCheck[] {
  switch (proposal.proposalType) {
    case ProposalType.add: {
      checkKeyPackage(suite, proposal.keyPackage, judgement, signatures)
      return [memberCheck(proposal.keyPackage.leafNode, undefined)]
    }
    case ProposalType.update: {
      if (sender.senderType !== SenderType.member) return fail('FRAMING_SENDER', 'only members can send an Update')
      const { leafIndex } = sender
      const predecessor = leafAt(tree, leafIndex)
      checkUpdate(suite, proposal.leafNode, predecessor)
      signatures.leaf(proposal.leafNode, { groupId: groupContext.groupId, leafIndex })
      return [memberCheck(proposal.leafNode, predecessor)]
    }
    case ProposalType.groupContextExtensions:
      readRequiredCapabilities(proposal.extensions)
      return externalSenderChecks(proposal.extensions)
    case ProposalType.externalInit:
      return fail('COMMIT_EXTERNAL_INIT', 'an ExternalInit outside an external commit')
    default:
      return NO_CREDENTIALS
  }
}

/** RFC 9420 §12.1.8: proposals of other types from an external sender MUST be rejected as malformed. */
function checkFromExternal(proposal: Proposal, judgement: Judging): void {
  const allowed = isDefaultProposal(proposal)
    ? FROM_EXTERNAL.has(proposal.proposalType)
    : (judgement.policy?.allowedFromExternal?.(proposal.proposalType) ?? false)
  if (!allowed) {
    fail('PROPOSAL_FROM_EXTERNAL', 'external senders cannot propose this', {
      details: { proposalType: proposal.proposalType },
    })
  }
}

const NO_CREDENTIALS: readonly CredentialCheck[] = []

const FROM_EXTERNAL: ReadonlySet<number> = new Set([
  ProposalType.add,
  ProposalType.remove,
  ProposalType.preSharedKey,
  ProposalType.reinit,
  ProposalType.groupContextExtensions,
])
