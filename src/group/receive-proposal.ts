// What is checked of a proposal as soon as it is seen, from whomever (RFC 9420 §12.1, §12.1.8).

import { fail } from '../errors.ts'
import { ProposalType, SenderType } from '../messages/code-points.ts'
import type { Sender } from '../messages/framed-content.ts'
import { isDefaultProposal, type Proposal } from '../messages/proposal.ts'
import { leafAt } from '../tree/ratchet-tree.ts'
import { checkUpdate, externalSenderChecks, memberCheck } from './apply-proposals.ts'
import {
  checkGroupExtensions,
  checkKeyPackage,
  checkSuitsGroup,
  SignatureBatch,
  supportedByAll,
} from './leaf-checks.ts'
import { type CredentialCheck, checkCredentials, checkWithPolicy, type Judgement } from './policy.ts'
import { checkProposal } from './proposal-list.ts'
import type { GroupState } from './state.ts'

/**
 * Checks a proposal by itself, with its leaf node or key package and the policy's opinion. A commit may combine it with
 * others; the list as a whole is checked then.
 * @throws CoterieError `LEAF_*`, `KEY_PACKAGE_*`, `PROPOSAL_*`, `PSK_*`, `COMMIT_*`, `GROUP_*` (peer)
 */
export async function checkNewProposal(
  state: GroupState,
  proposal: Proposal,
  sender: Sender,
  judgement: Judgement,
): Promise<void> {
  const { suite, tree, groupContext } = state
  checkProposal(suite, tree, groupContext.version, proposal, 'member')
  if (sender.senderType === SenderType.external) checkFromExternal(proposal, judgement)
  const signatures = new SignatureBatch()
  const credentials: CredentialCheck[] = []
  if (!isDefaultProposal(proposal)) {
    // RFC 9420 §13.2: proposals of a type that some member does not support MUST NOT be sent.
    if (!supportedByAll(tree, proposal.proposalType)) {
      fail('COMMIT_PROPOSAL_UNSUPPORTED', 'some member does not support a proposal type', {
        details: { proposalType: proposal.proposalType },
      })
    }
  } else if (proposal.proposalType === ProposalType.add) {
    const { keyPackage } = proposal
    checkKeyPackage(suite, keyPackage, judgement, signatures)
    checkSuitsGroup(keyPackage.leafNode, groupContext.extensions)
    credentials.push(memberCheck(keyPackage.leafNode, undefined))
  } else if (proposal.proposalType === ProposalType.update) {
    if (sender.senderType !== SenderType.member) return fail('FRAMING_SENDER', 'only members can send an Update')
    const predecessor = leafAt(tree, sender.leafIndex)
    checkUpdate(suite, proposal.leafNode, predecessor)
    checkSuitsGroup(proposal.leafNode, groupContext.extensions)
    signatures.leaf(proposal.leafNode, { groupId: groupContext.groupId, leafIndex: sender.leafIndex })
    credentials.push(memberCheck(proposal.leafNode, predecessor))
  } else if (proposal.proposalType === ProposalType.groupContextExtensions) {
    checkGroupExtensions(tree, proposal.extensions)
    credentials.push(...externalSenderChecks(proposal.extensions))
  } else if (proposal.proposalType === ProposalType.externalInit) {
    fail('COMMIT_EXTERNAL_INIT', 'an ExternalInit outside an external commit')
  }
  await signatures.verify(suite)
  await checkCredentials(judgement.policy, credentials)
  await checkWithPolicy(judgement.policy, [{ proposal, sender }], {
    groupContext,
    memberAt: (leafIndex) => leafAt(tree, leafIndex),
    committer: undefined,
  })
}

/** RFC 9420 §12.1.8: proposals of other types from an external sender MUST be rejected as malformed. */
function checkFromExternal(proposal: Proposal, judgement: Judgement): void {
  const allowed = isDefaultProposal(proposal)
    ? FROM_EXTERNAL.has(proposal.proposalType)
    : (judgement.policy?.allowedFromExternal?.(proposal.proposalType) ?? false)
  if (!allowed) {
    fail('PROPOSAL_FROM_EXTERNAL', 'external senders cannot propose this', {
      details: { proposalType: proposal.proposalType },
    })
  }
}

const FROM_EXTERNAL: ReadonlySet<number> = new Set([
  ProposalType.add,
  ProposalType.remove,
  ProposalType.preSharedKey,
  ProposalType.reinit,
  ProposalType.groupContextExtensions,
])
