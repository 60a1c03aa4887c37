// Who may commit what (spec/group-policy.md): the rule by which every receiver judges a commit. A pure function of the epoch
// before and the commit, so that members cannot disagree.

import { equalBytes, toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import type { ProposalContext, ProposalInContext } from '../group/policy.ts'
import { ProposalType, SenderType } from '../messages/code-points.ts'
import type { KeyPackage } from '../messages/key-package.ts'
import type { LeafNode } from '../messages/leaf-node.ts'
import { isDefaultProposal } from '../messages/proposal.ts'
import { authoriseInvites } from './authorise-invites.ts'
import { admissionMark } from './group-invites.ts'
import { type GroupProfile, identityOf, PERMISSIONS, type Permission, readGroupProfile } from './group-profile.ts'
import { decodeCommitNote, generationOf, readReentry, verifyLeaveRequest } from './requests.ts'

/**
 * Whether the committer may do what the proposals say.
 * @throws CoterieError `GROUP_NOT_PERMITTED` (peer)
 */
export async function authorise(
  wire: CipherSuite,
  proposals: readonly ProposalInContext[],
  context: ProposalContext,
): Promise<void> {
  const judge = await judgeOf(wire, proposals, context)
  let moves = false
  let after = readGroupProfile(context.groupContext.extensions)
  for (const { proposal } of proposals) {
    if (!isDefaultProposal(proposal)) fail('GROUP_NOT_PERMITTED', 'a proposal of a type that this group does not use')
    switch (proposal.proposalType) {
      case ProposalType.add:
        judge.add(proposal.keyPackage)
        break
      case ProposalType.remove:
        judge.remove(proposal.removed)
        break
      case ProposalType.groupContextExtensions:
        after = readGroupProfile(proposal.extensions)
        moves = judge.change(after)
        break
      default:
        // Updates come with commits' paths. What not every member can process alike has no place here: PSKs.
        fail('GROUP_NOT_PERMITTED', 'a proposal of a type that this group does not use')
    }
  }
  judge.invites(after)
  // spec/topic.md: where those who are removed cannot follow.
  if (judge.removesForGood && !moves) fail('GROUP_NOT_PERMITTED', 'a removal that leaves the group on its topic')
}

interface Judge {
  readonly removesForGood: boolean
  add(keyPackage: KeyPackage): void
  remove(leafIndex: number): void
  /** @returns whether the group moves to another topic */
  change(after: GroupProfile): boolean
  /** To be called last, with the profile that the commit leads to. */
  invites(after: GroupProfile): void
}

async function judgeOf(
  wire: CipherSuite,
  proposals: readonly ProposalInContext[],
  context: ProposalContext,
): Promise<Judge> {
  const { groupId, extensions } = context.groupContext
  const { committer } = context
  if (committer === undefined) return fail('GROUP_NOT_PERMITTED', 'proposals travel in commits')
  if (committer.senderType !== SenderType.member) {
    return fail('GROUP_NOT_PERMITTED', 'nobody joins this group without being added')
  }
  const leafNode = context.memberAt(committer.leafIndex)
  if (leafNode === undefined) return fail('GROUP_NOT_PERMITTED', 'a commit from someone who is not a member')
  const profile = readGroupProfile(extensions)
  const identity = identityOf(leafNode)
  const admin = profile.admins.includes(identity)
  const removed = removedLeaves(proposals, context)
  const replaced = replacedLeaves(proposals, removed, groupId)
  const leaving = await leavingLeaves(wire, removed, groupId, context.authenticatedData)
  const gone = [...removed].filter(([leafIndex]) => !replaced.has(leafIndex))
  const goneIdentities = new Set(gone.map(([, leaf]) => identityOf(leaf)))
  const newcomers: string[] = []
  return {
    removesForGood: gone.length > 0,
    add(keyPackage) {
      const added = keyPackage.leafNode
      if (readReentry(added) === undefined) newcomers.push(admissionMark(wire, keyPackage))
      else if (![...replaced.values()].includes(toHex(added.signatureKey))) {
        fail('GROUP_NOT_PERMITTED', 'a leaf that is to replace one which the commit does not remove')
      }
    },
    remove(leafIndex) {
      const target = removed.get(leafIndex)
      const isOwn = target !== undefined && identityOf(target) === identity
      if (isOwn || replaced.has(leafIndex) || leaving.has(leafIndex)) return
      require(profile.permissions.remove, admin, 'remove members')
    },
    change(after) {
      if (after.admins.length === 0) fail('GROUP_NOT_PERMITTED', 'a group keeps at least one admin')
      if (profile.name !== after.name || profile.description !== after.description) {
        require(profile.permissions.rename, admin, 'rename the group')
      }
      const remaining = profile.admins.filter((one) => !goneIdentities.has(one))
      const admins = after.admins.join(' ')
      // Whoever is removed is no admin any longer; that goes with the removal.
      if (admins !== profile.admins.join(' ') && admins !== remaining.join(' ')) {
        require(profile.permissions.promote, admin, 'change who is an admin')
      }
      if (!admin && PERMISSIONS.some((name) => profile.permissions[name] !== after.permissions[name])) {
        fail('GROUP_NOT_PERMITTED', 'only admins may change who may do what')
      }
      const moves = !equalBytes(profile.rendezvousSecret.bytes, after.rendezvousSecret.bytes)
      // Every removal that is permitted moves the group to where those who are gone do not hear it.
      if (moves && gone.length === 0) require(profile.permissions.remove, admin, 'move the group to another topic')
      return moves
    },
    invites(after) {
      const mayAdd = admin || profile.permissions.add === 'members'
      authoriseInvites(profile.invites, after.invites, { identity, admin, mayAdd, added: newcomers })
    },
  }
}

function removedLeaves(proposals: readonly ProposalInContext[], context: ProposalContext): Map<number, LeafNode> {
  const leaves = new Map<number, LeafNode>()
  for (const { proposal } of proposals) {
    if (!isDefaultProposal(proposal) || proposal.proposalType !== ProposalType.remove) continue
    const leaf = context.memberAt(proposal.removed)
    if (leaf !== undefined) leaves.set(proposal.removed, leaf)
  }
  return leaves
}

/** Leaves that the same device takes again: with a key package of its own that it made for this. By leaf, the signature key. */
function replacedLeaves(
  proposals: readonly ProposalInContext[],
  removed: ReadonlyMap<number, LeafNode>,
  groupId: Uint8Array,
): Map<number, string> {
  const replaced = new Map<number, string>()
  for (const { proposal } of proposals) {
    if (!isDefaultProposal(proposal) || proposal.proposalType !== ProposalType.add) continue
    const { leafNode } = proposal.keyPackage
    const reentry = readReentry(leafNode)
    if (reentry === undefined || !equalBytes(reentry.groupId, groupId)) continue
    for (const [leafIndex, leaf] of removed) {
      const sameDevice =
        equalBytes(leaf.signatureKey, leafNode.signatureKey) && identityOf(leaf) === identityOf(leafNode)
      if (sameDevice && generationOf(leaf) < reentry.generation) replaced.set(leafIndex, toHex(leafNode.signatureKey))
    }
  }
  return replaced
}

/** Leaves whose members asked to leave. */
async function leavingLeaves(
  wire: CipherSuite,
  removed: ReadonlyMap<number, LeafNode>,
  groupId: Uint8Array,
  authenticatedData: Uint8Array,
): Promise<Set<number>> {
  const leaving = new Set<number>()
  for (const request of decodeCommitNote(authenticatedData).leaves) {
    for (const [leafIndex, leaf] of removed) {
      if (await verifyLeaveRequest(wire, groupId, leaf, request)) leaving.add(leafIndex)
    }
  }
  return leaving
}

function require(permission: Permission, admin: boolean, what: string): void {
  if (permission === 'admins' && !admin) fail('GROUP_NOT_PERMITTED', `only admins may ${what}`)
}
