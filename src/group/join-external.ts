// Joining by oneself, with an external commit (RFC 9420 §12.4.3.2, §8.3).

import { EMPTY } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { signContent } from '../framing/authenticated-content.ts'
import { protectPublic } from '../framing/public-message.ts'
import { ContentType, LeafNodeSource, ProposalType, SenderType, WireFormat } from '../messages/code-points.ts'
import type { UpdatePath } from '../messages/commit.ts'
import { readExternalPub } from '../messages/extension.ts'
import type { FramedContent } from '../messages/framed-content.ts'
import { encodedGroupContext, type GroupContext } from '../messages/group-context.ts'
import type { GroupInfo } from '../messages/group-info.ts'
import { type LeafNode, signLeafNode } from '../messages/leaf-node.ts'
import { decodeMlsMessage, encodeMlsMessage } from '../messages/mls-message.ts'
import type { PreSharedKeyId } from '../messages/pre-shared-key.ts'
import type { Proposal } from '../messages/proposal.ts'
import { externalInitSend } from '../schedule/key-schedule.ts'
import { interimTranscriptHash } from '../schedule/transcript.ts'
import { leafToNode } from '../tree/math.ts'
import { leafAt, leftmostBlankLeaf, type RatchetTree } from '../tree/ratchet-tree.ts'
import { encryptPath, freshPath } from '../tree/update-path.ts'
import { checkUniqueKeys } from '../tree/validate.ts'
import { type AppliedProposals, applyProposals, memberCheck } from './apply-proposals.ts'
import { checkGroupInfo, type JoinChecks } from './check-group-info.ts'
import { begin, beginEpoch, findPsks, provisionalContext } from './epoch.ts'
import { type LeafOptions, leafContent } from './key-packages.ts'
import { checkCredentialTypes, checkSuitsGroup } from './leaf-checks.ts'
import { ownKeyPair, ownOptions } from './own-copy.ts'
import { checkCredentials, checkWithPolicy } from './policy.ts'
import { checkProposalList, resolveProposals } from './proposal-list.ts'
import type { GroupLimits, GroupState } from './state.ts'

/** What a client that joins by itself says of itself, and what it checks. */
export interface ExternalJoinOptions extends JoinChecks, LeafOptions {
  /** The leaf index of this client's own earlier appearance, which the commit removes ("resync"). */
  readonly replaces?: number
  /** PSKs to prove the knowledge of; the members must have them too. */
  readonly pskIds?: readonly PreSharedKeyId[]
  readonly authenticatedData?: Uint8Array
  readonly limits?: Partial<GroupLimits>
}

/** What an external commit leads to. */
export interface ExternalJoinResult {
  /** The state in the new epoch, to be adopted once the commit is accepted. */
  readonly state: GroupState
  /** The commit, an `MLSMessage`, for all members. */
  readonly message: Uint8Array
}

/**
 * Joins a group with a commit of one's own.
 * @param message - a group info with `external_pub`, an `MLSMessage`
 * @throws CoterieError `JOIN_*`, `TREE_*`, `LEAF_*`, `GROUP_*`, `PSK_*`, `PROPOSAL_*`, `CODEC_*` (peer)
 */
export async function joinExternal(
  suite: CipherSuite,
  message: Uint8Array,
  options: ExternalJoinOptions,
): Promise<ExternalJoinResult> {
  const joining = ownOptions(options, 'policy')
  const decoded = decodeMlsMessage(message)
  if (decoded.wireFormat !== WireFormat.groupInfo) {
    return fail('FRAMING_WIRE_FORMAT', 'this message is not a group info')
  }
  const { groupInfo } = decoded
  const { groupContext } = groupInfo
  const before = await checkGroupInfo(suite, groupInfo, joining)
  const externalPub = readExternalPub(groupInfo.extensions)
  if (externalPub === undefined) return fail('JOIN_EXTERNAL_PUB_MISSING', 'this group info is not for external commits')
  const { initSecret, kemOutput } = await externalInitSend(suite, externalPub)
  const { applied, list } = await applyOwn(suite, groupContext, before, kemOutput, joining)
  const place = leftmostBlankLeaf(applied.tree)
  const path = await joinerPath(suite, groupContext, place, applied, before, joining)
  checkUniqueKeys(path.tree)
  checkCredentialTypes(path.tree)

  const content: FramedContent = {
    groupId: groupContext.groupId,
    epoch: groupContext.epoch,
    sender: { senderType: SenderType.newMemberCommit },
    authenticatedData: joining.authenticatedData ?? EMPTY,
    content: {
      contentType: ContentType.commit,
      commit: { proposals: list.map((proposal) => ({ kind: 'proposal', proposal })), path: path.updatePath },
    },
  }
  const { signatureKeyPair } = joining
  const signature = await signContent(suite, signatureKeyPair, WireFormat.publicMessage, content, groupContext)
  const { joinerSecret, pskSecret, ...epoch } = beginEpoch(suite, {
    provisional: path.provisional,
    tree: path.tree,
    interimTranscriptHash: interimOf(suite, groupInfo),
    initSecret,
    commitSecret: path.commitSecret,
    psks: await findPsks(undefined, applied.psks, joining.psks),
    commit: { wireFormat: WireFormat.publicMessage, content, signature },
  })
  for (const secret of [initSecret, joinerSecret, pskSecret, path.commitSecret]) secret.wipe()
  const authenticated = {
    wireFormat: WireFormat.publicMessage,
    content,
    auth: { signature, confirmationTag: epoch.confirmationTag },
  }
  // The sender has no membership key, and a new member's commit has no membership tag.
  const publicMessage = protectPublic(suite, authenticated, epoch.secrets.membershipKey, groupContext)
  const own = {
    leafIndex: place.leafIndex,
    signatureKeyPair: ownKeyPair(signatureKeyPair),
    privateKeys: path.privateKeys,
  }
  const state = begin(suite, epoch, own, joining.limits)
  return { state, message: encodeMlsMessage({ wireFormat: WireFormat.publicMessage, publicMessage }) }
}

async function applyOwn(
  suite: CipherSuite,
  groupContext: GroupContext,
  tree: RatchetTree,
  kemOutput: Uint8Array,
  options: ExternalJoinOptions,
): Promise<{ applied: AppliedProposals; list: Proposal[] }> {
  const list: Proposal[] = [{ proposalType: ProposalType.externalInit, kemOutput }]
  if (options.replaces !== undefined) list.push({ proposalType: ProposalType.remove, removed: options.replaces })
  for (const psk of options.pskIds ?? []) list.push({ proposalType: ProposalType.preSharedKey, psk })
  const sender = { senderType: SenderType.newMemberCommit }
  const byValue = list.map((proposal) => ({ kind: 'proposal', proposal }) as const)
  const proposals = resolveProposals(byValue, new Map(), sender)
  checkProposalList(suite, tree, groupContext.version, proposals, sender, 'external')
  await checkWithPolicy(options.policy, proposals, {
    groupContext,
    memberAt: (leafIndex) => leafAt(tree, leafIndex),
    committer: sender,
    authenticatedData: options.authenticatedData ?? EMPTY,
  })
  return { applied: await applyProposals(suite, groupContext, tree, proposals, options), list }
}

async function joinerPath(
  suite: CipherSuite,
  groupContext: GroupContext,
  place: { readonly tree: RatchetTree; readonly leafIndex: number },
  applied: AppliedProposals,
  before: RatchetTree,
  options: ExternalJoinOptions,
): Promise<{
  tree: RatchetTree
  provisional: GroupContext
  updatePath: UpdatePath
  commitSecret: Awaited<ReturnType<typeof freshPath>>['commitSecret']
  privateKeys: ReadonlyMap<number, KeyPair>
}> {
  const { leafIndex } = place
  const leafKeyPair = await suite.kem.generateKeyPair()
  const predecessor = options.replaces === undefined ? undefined : leafAt(before, options.replaces)
  const update = await freshPath(suite, place.tree, leafIndex, async (parentHash): Promise<LeafNode> => {
    const leafNode = await signLeafNode(
      suite,
      options.signatureKeyPair,
      {
        ...leafContent(suite, options),
        encryptionKey: leafKeyPair.publicKey,
        origin: { source: LeafNodeSource.commit, parentHash },
      },
      { groupId: groupContext.groupId, leafIndex },
    )
    checkSuitsGroup(leafNode, groupContext.extensions)
    await checkCredentials(options.policy, [memberCheck(leafNode, predecessor)])
    return leafNode
  })
  const provisional = provisionalContext(suite, groupContext, update.tree, applied.extensions)
  const updatePath = await encryptPath(suite, update, encodedGroupContext(provisional), new Set())
  const privateKeys = new Map<number, KeyPair>([[leafToNode(leafIndex), leafKeyPair]])
  for (const { branch, keyPair, pathSecret } of update.steps) {
    privateKeys.set(branch.nodeIndex, keyPair)
    pathSecret.wipe()
  }
  return { tree: update.tree, provisional, updatePath, commitSecret: update.commitSecret, privateKeys }
}

function interimOf(suite: CipherSuite, { groupContext, confirmationTag }: GroupInfo): Uint8Array {
  return interimTranscriptHash(suite, groupContext.confirmedTranscriptHash, confirmationTag)
}
