// Groups that continue another: ReInit (RFC 9420 §11.2) and subgroup branching (§11.3).

import { equalBytes } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { MLS10, ProposalType, PskType, ResumptionPskUsage } from '../messages/code-points.ts'
import { type Extension, encodedExtensions } from '../messages/extension.ts'
import type { GroupContext } from '../messages/group-context.ts'
import type { KeyPackage } from '../messages/key-package.ts'
import type { ResumptionPskId } from '../messages/pre-shared-key.ts'
import type { Proposal } from '../messages/proposal.ts'
import { members, type RatchetTree } from '../tree/ratchet-tree.ts'
import { type CommitOptions, type CommitResult, commitAs } from './commit.ts'
import { type CreateGroupOptions, createGroup } from './create-group.ts'
import { ownOptions } from './own-copy.ts'
import { allAmong, type GroupPolicy } from './policy.ts'
import { type GroupState, requireActive } from './state.ts'

/** What the founder of a continuing group says of itself and of the first commit. */
export interface SuccessionOptions
  extends Omit<CreateGroupOptions, 'groupId' | 'groupExtensions'>,
    Pick<CommitOptions, 'nowMs' | 'psks' | 'path' | 'groupInfo' | 'wireFormat' | 'padding'> {
  /** The other members' new key packages, for the suite of the new group. */
  readonly keyPackages: readonly KeyPackage[]
}

/** The same for a branch. */
export interface BranchOptions extends SuccessionOptions {
  /** Default: Nh random bytes. */
  readonly groupId?: Uint8Array
  /** GroupContext extensions of the new group. Default: those of the old one. */
  readonly groupExtensions?: readonly Extension[]
}

/**
 * Makes the group that a committed ReInit asks for, with all members of the old one. RFC 9420 §11.2.
 * @param suite - the suite that the ReInit names
 * @param previous - a frozen group
 * @returns the new group in epoch 1, and the Welcome for the others
 * @throws CoterieError `JOIN_REINIT_MISMATCH`, `ARGUMENT_INVALID` (caller), and what `commit` throws
 */
export async function reinitGroup(
  suite: CipherSuite,
  previous: GroupState,
  options: SuccessionOptions,
): Promise<CommitResult> {
  const { reinit } = previous
  if (previous.status !== 'frozen' || reinit === undefined) {
    return fail('ARGUMENT_INVALID', 'no ReInit was committed in this group')
  }
  if (suite.id !== reinit.cipherSuite || reinit.version !== MLS10) {
    const { version, cipherSuite } = reinit
    fail('JOIN_REINIT_MISMATCH', `the ReInit names version ${version} and suite ${cipherSuite}, not 1 and ${suite.id}`)
  }
  const { groupId, extensions: groupExtensions } = reinit
  const result = await found(suite, previous, ResumptionPskUsage.reinit, { ...options, groupId, groupExtensions })
  checkAllMembers(options.policy, previous.tree, result.state.tree)
  return result
}

/**
 * Makes a group of some members of another, tied to it by a resumption PSK. RFC 9420 §11.3.
 * @returns the new group in epoch 1, and the Welcome for the others
 * @throws CoterieError `JOIN_BRANCH_MISMATCH` (caller) for someone who is not in the old group, and what `commit` throws
 */
export async function branchGroup(previous: GroupState, options: BranchOptions): Promise<CommitResult> {
  requireActive(previous)
  const groupExtensions = options.groupExtensions ?? previous.groupContext.extensions
  const result = await found(previous.suite, previous, ResumptionPskUsage.branch, { ...options, groupExtensions })
  checkSubset(options.policy, result.state.tree, previous.tree)
  return result
}

/**
 * Refuses a Welcome that does not tie its group to another in the way that the joiner was told.
 * @param psk - the Welcome's resumption PSK with usage `reinit` or `branch`, if it has one
 * @throws CoterieError `JOIN_REINIT_MISMATCH`, `JOIN_BRANCH_MISMATCH` (peer)
 */
export function checkExpectedSuccession(psk: ResumptionPskId | undefined, expected: 'reinit' | 'branch'): void {
  if (psk?.usage === ResumptionPskUsage[expected]) return
  if (expected === 'reinit') fail('JOIN_REINIT_MISMATCH', 'the Welcome does not say that its group follows a ReInit')
  fail('JOIN_BRANCH_MISMATCH', 'the Welcome does not say that its group is a branch')
}

/**
 * What a joiner checks of the group that its Welcome says it comes from. RFC 9420 §11.2, §11.3, §12.4.3.1.
 * @throws CoterieError `PSK_UNKNOWN`, `JOIN_REINIT_MISMATCH`, `JOIN_BRANCH_MISMATCH` (peer)
 */
export function checkSuccession(
  psk: ResumptionPskId,
  context: GroupContext,
  tree: RatchetTree,
  options: { readonly predecessor?: GroupState; readonly policy?: GroupPolicy },
): void {
  const { predecessor, policy } = options
  if (predecessor === undefined || !equalBytes(predecessor.groupContext.groupId, psk.pskGroupId)) {
    fail('PSK_UNKNOWN', 'the state of the group that this one comes from is not at hand')
  }
  if (psk.usage === ResumptionPskUsage.reinit) checkReinit(psk, context, tree, predecessor, policy)
  else checkBranch(context, tree, predecessor, policy)
}

function checkReinit(
  psk: ResumptionPskId,
  context: GroupContext,
  tree: RatchetTree,
  previous: GroupState,
  policy: GroupPolicy | undefined,
): void {
  const { reinit } = previous
  if (reinit === undefined || psk.pskEpoch !== previous.groupContext.epoch) {
    fail('JOIN_REINIT_MISMATCH', "the old group's last commit has no ReInit")
  }
  const same =
    context.epoch === 1n &&
    context.version === reinit.version &&
    context.cipherSuite === reinit.cipherSuite &&
    equalBytes(context.groupId, reinit.groupId) &&
    equalBytes(encodedExtensions(context.extensions), encodedExtensions(reinit.extensions))
  if (!same) fail('JOIN_REINIT_MISMATCH', 'the new group is not the one that the ReInit asked for')
  checkAllMembers(policy, previous.tree, tree)
}

function checkBranch(
  context: GroupContext,
  tree: RatchetTree,
  previous: GroupState,
  policy: GroupPolicy | undefined,
): void {
  const same =
    context.epoch === 1n &&
    context.version === previous.groupContext.version &&
    context.cipherSuite === previous.groupContext.cipherSuite
  if (!same) fail('JOIN_BRANCH_MISMATCH', 'a branch has other parameters than the group that it comes from')
  checkSubset(policy, tree, previous.tree)
}

function checkAllMembers(policy: GroupPolicy | undefined, before: RatchetTree, after: RatchetTree): void {
  if (!allAmong(policy, [...members(before)], [...members(after)])) {
    fail('JOIN_REINIT_MISMATCH', 'a member of the old group is not in the new one')
  }
}

function checkSubset(policy: GroupPolicy | undefined, branch: RatchetTree, whole: RatchetTree): void {
  if (!allAmong(policy, [...members(branch)], [...members(whole)])) {
    fail('JOIN_BRANCH_MISMATCH', 'a member of the branch is not in the group that it comes from')
  }
}

/** Creates the group and commits all of its members and the tie to the old one, which makes epoch 1. */
async function found(
  suite: CipherSuite,
  previous: GroupState,
  usage: typeof ResumptionPskUsage.reinit | typeof ResumptionPskUsage.branch,
  options: BranchOptions,
): Promise<CommitResult> {
  const { keyPackages, nowMs, psks, path, groupInfo, wireFormat, padding, ...creation } = ownOptions(options, 'policy')
  const psk: ResumptionPskId = {
    pskType: PskType.resumption,
    usage,
    pskGroupId: previous.groupContext.groupId,
    pskEpoch: previous.groupContext.epoch,
    pskNonce: suite.randomBytes(suite.hash.length),
  }
  const proposals: Proposal[] = [
    ...keyPackages.map((keyPackage) => ({ proposalType: ProposalType.add, keyPackage })),
    { proposalType: ProposalType.preSharedKey, psk },
  ]
  const group = await createGroup(suite, creation)
  const commitOptions: CommitOptions = {
    nowMs,
    proposals,
    ...(creation.policy && { policy: creation.policy }),
    ...(path && { path }),
    ...(groupInfo && { groupInfo }),
    ...(wireFormat && { wireFormat }),
    ...(padding && { padding }),
    psks: (id) => (id === psk ? previous.secrets.resumptionPsk : psks?.(id)),
  }
  return commitAs(group, commitOptions, usage === ResumptionPskUsage.reinit ? 'reinit' : 'branch')
}
