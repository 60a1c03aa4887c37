// The proposals of a commit: found, and checked as a list (RFC 9420 §12.1, §12.2).

import { toHex } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { ProposalType, PskType, ResumptionPskUsage, SenderType } from '../messages/code-points.ts'
import type { ProposalOrRef } from '../messages/commit.ts'
import type { Sender } from '../messages/framed-content.ts'
import { encodePreSharedKeyId, type PreSharedKeyId } from '../messages/pre-shared-key.ts'
import { isDefaultProposal, type Proposal } from '../messages/proposal.ts'
import { leafAt, type RatchetTree } from '../tree/ratchet-tree.ts'
import { type GroupPolicy, requiresPath } from './policy.ts'
import { type PendingProposal, proposalKey } from './state.ts'

/** A proposal that a commit covers, with who made it. */
export interface CommittedProposal {
  readonly proposal: Proposal
  readonly sender: Sender
  /** The pending proposal, where the commit refers to one. */
  readonly pending: PendingProposal | undefined
}

/** In which kind of commit a list stands. The first commit of a successor or a branch may name its resumption PSK. */
export type CommitKind = 'member' | 'external' | 'reinit' | 'branch'

/**
 * Finds the proposals that a commit names.
 * @throws CoterieError `COMMIT_PROPOSAL_UNKNOWN` (peer), `COMMIT_EXTERNAL_FORM` (peer) for a reference in an external commit
 */
export function resolveProposals(
  proposals: readonly ProposalOrRef[],
  pending: ReadonlyMap<string, PendingProposal>,
  committer: Sender,
): CommittedProposal[] {
  return proposals.map((item) => {
    if (item.kind === 'proposal') return { proposal: item.proposal, sender: committer, pending: undefined }
    // RFC 9420 §12.4.3.2: an external commit MUST NOT include proposals by reference.
    if (committer.senderType !== SenderType.member) {
      fail('COMMIT_EXTERNAL_FORM', 'an external commit refers to a proposal')
    }
    const found = pending.get(proposalKey(item.reference))
    if (found === undefined) return fail('COMMIT_PROPOSAL_UNKNOWN', 'a commit refers to a proposal that is not known')
    return { proposal: found.proposal, sender: found.sender, pending: found }
  })
}

/**
 * Checks the list as such. Leaf nodes and key packages are checked when it is applied.
 * @throws CoterieError `COMMIT_*`, `PROPOSAL_*`, `PSK_*` (peer)
 */
export function checkProposalList(
  suite: CipherSuite,
  tree: RatchetTree,
  version: number,
  proposals: readonly CommittedProposal[],
  committer: Sender,
  kind: CommitKind,
): void {
  for (const { proposal } of proposals) checkProposal(suite, tree, version, proposal, kind)
  checkPskIds(
    suite,
    proposals.flatMap(({ proposal }) =>
      isDefaultProposal(proposal) && proposal.proposalType === ProposalType.preSharedKey ? [proposal.psk] : [],
    ),
  )
  if (committer.senderType === SenderType.member) checkMemberList(proposals, committer.leafIndex)
  else checkExternalList(proposals)
}

/**
 * RFC 9420 §12.4, §17.4: the path may be left out only where there are proposals and none of them requires one.
 * @throws CoterieError `COMMIT_PATH_MISSING` (peer)
 */
export function checkPathPresence(
  policy: GroupPolicy | undefined,
  proposals: readonly CommittedProposal[],
  hasPath: boolean,
): void {
  if (!hasPath && pathRequired(policy, proposals)) fail('COMMIT_PATH_MISSING', 'this commit must have a path')
}

export function pathRequired(policy: GroupPolicy | undefined, proposals: readonly CommittedProposal[]): boolean {
  return proposals.length === 0 || proposals.some(({ proposal }) => requiresPath(policy, proposal))
}

/**
 * What can be said of a proposal alone, also when it has just been received.
 * @throws CoterieError `PROPOSAL_TARGET`, `PROPOSAL_REINIT_VERSION`, `PSK_NONCE_LENGTH`, `PSK_USAGE` (peer)
 */
export function checkProposal(
  suite: CipherSuite,
  tree: RatchetTree,
  version: number,
  proposal: Proposal,
  kind: CommitKind,
): void {
  if (!isDefaultProposal(proposal)) return
  if (proposal.proposalType === ProposalType.remove && leafAt(tree, proposal.removed) === undefined) {
    fail('PROPOSAL_TARGET', 'a Remove names no member', { details: { removed: proposal.removed } })
  }
  if (proposal.proposalType === ProposalType.reinit && proposal.version < version) {
    fail('PROPOSAL_REINIT_VERSION', 'a ReInit lowers the protocol version')
  }
  if (proposal.proposalType === ProposalType.preSharedKey) checkPskId(suite, proposal.psk, kind)
}

/**
 * What can be said of a list of PSKs, of a commit or a Welcome. RFC 9420 §8.4, §12.2.
 * @throws CoterieError `PSK_NONCE_LENGTH`, `PSK_DUPLICATE` (peer)
 */
export function checkPskIds(suite: CipherSuite, ids: readonly PreSharedKeyId[]): void {
  const seen = new Set<string>()
  for (const id of ids) {
    checkPskNonce(suite, id)
    const encoded = toHex(encode(encodePreSharedKeyId, id))
    if (seen.has(encoded)) fail('PSK_DUPLICATE', 'the same PSK is named twice')
    seen.add(encoded)
  }
}

/** RFC 9420 §8.4: Nh bytes. */
function checkPskNonce(suite: CipherSuite, { pskNonce }: PreSharedKeyId): void {
  if (pskNonce.length !== suite.hash.length) {
    fail('PSK_NONCE_LENGTH', `a PSK nonce has ${pskNonce.length} bytes instead of ${suite.hash.length}`)
  }
}

function checkPskId(suite: CipherSuite, psk: PreSharedKeyId, kind: CommitKind): void {
  checkPskNonce(suite, psk)
  if (psk.pskType !== PskType.resumption || psk.usage === ResumptionPskUsage.application) return
  // RFC 9420 §12.1.4: usages `reinit` and `branch` belong to the first commit of the group that they lead to.
  const allowed =
    (kind === 'reinit' && psk.usage === ResumptionPskUsage.reinit) ||
    (kind === 'branch' && psk.usage === ResumptionPskUsage.branch)
  if (!allowed) fail('PSK_USAGE', 'a resumption PSK with this usage has no place here')
}

/** RFC 9420 §12.2, regular commits. */
function checkMemberList(proposals: readonly CommittedProposal[], committer: number): void {
  const targets = new Set<number>()
  let contextChanges = 0
  for (const { proposal, sender } of proposals) {
    if (!isDefaultProposal(proposal)) continue
    switch (proposal.proposalType) {
      case ProposalType.update: {
        // An Update by value would be the committer's own; one by reference names its sender.
        if (sender.senderType !== SenderType.member) fail('FRAMING_SENDER', 'only members can send an Update')
        else if (sender.leafIndex === committer)
          fail('COMMIT_UPDATES_COMMITTER', 'a commit covers an Update by its sender')
        else addTarget(targets, sender.leafIndex)
        break
      }
      case ProposalType.remove:
        if (proposal.removed === committer) fail('COMMIT_REMOVES_COMMITTER', 'a commit removes its sender')
        addTarget(targets, proposal.removed)
        break
      case ProposalType.groupContextExtensions:
        contextChanges++
        break
      case ProposalType.reinit:
        if (proposals.length > 1) fail('COMMIT_REINIT_NOT_ALONE', 'a ReInit stands beside other proposals')
        break
      case ProposalType.externalInit:
        fail('COMMIT_EXTERNAL_INIT', "an ExternalInit in a member's commit")
    }
  }
  if (contextChanges > 1) fail('COMMIT_MULTIPLE_GCE', 'more than one GroupContextExtensions in a commit')
}

function addTarget(targets: Set<number>, leafIndex: number): void {
  if (targets.has(leafIndex)) {
    fail('COMMIT_DUPLICATE_TARGET', 'two proposals update or remove the same member', { details: { leafIndex } })
  }
  targets.add(leafIndex)
}

/** RFC 9420 §12.2, external commits: one ExternalInit, at most one Remove, any PSKs, nothing else. */
function checkExternalList(proposals: readonly CommittedProposal[]): void {
  let inits = 0
  let removes = 0
  for (const { proposal } of proposals) {
    if (proposal.proposalType === ProposalType.externalInit) inits++
    else if (proposal.proposalType === ProposalType.remove) removes++
    else if (proposal.proposalType !== ProposalType.preSharedKey) {
      fail('COMMIT_EXTERNAL_FORM', `proposal type ${proposal.proposalType} in an external commit`)
    }
  }
  if (inits !== 1) fail('COMMIT_EXTERNAL_FORM', `${inits} ExternalInit proposals in an external commit`)
  if (removes > 1) fail('COMMIT_EXTERNAL_FORM', 'more than one Remove in an external commit')
}
