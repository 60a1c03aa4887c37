// What a member wants of the group, as proposals of a commit. An intent outlives the commit that carries it: where that
// loses a race, the intent is carried by another.

import { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import type { GroupState } from '../group/state.ts'
import { ProposalType } from '../messages/code-points.ts'
import type { KeyPackage } from '../messages/key-package.ts'
import type { Proposal } from '../messages/proposal.ts'
import { members } from '../tree/ratchet-tree.ts'
import type { InboxAddress } from '../wire/inbox.ts'
import { RENDEZVOUS_BYTES } from '../wire/topic.ts'
import {
  GROUP_PROFILE_EXTENSION,
  type GroupProfile,
  groupProfileExtension,
  identityOf,
  readGroupProfile,
} from './group-profile.ts'

/** Someone to be added, and where the Welcome is to be left. */
export interface Newcomer {
  readonly keyPackage: KeyPackage
  readonly inbox: InboxAddress
}

export type Intent =
  | { readonly kind: 'add'; readonly newcomers: readonly Newcomer[] }
  | { readonly kind: 'remove'; readonly identity: string }
  | { readonly kind: 'rename'; readonly name: string }
  | { readonly kind: 'promote'; readonly identity: string }

/**
 * The proposals that carry out an intent in a state; none where it is fulfilled already.
 * @throws CoterieError `GROUP_CARD_IS_MEMBER`, `GROUP_UNKNOWN_MEMBER`, `ARGUMENT_INVALID` (caller)
 */
export function proposalsFor(state: GroupState, intent: Intent): Proposal[] {
  const profile = readGroupProfile(state.groupContext.extensions)
  switch (intent.kind) {
    case 'add':
      return intent.newcomers.map(({ keyPackage }) => {
        if (state.tree.signatureKeys.has(keyPackage.leafNode.signatureKey)) {
          fail('GROUP_CARD_IS_MEMBER', 'this contact card belongs to a member of the group')
        }
        return { proposalType: ProposalType.add, keyPackage }
      })
    case 'remove':
      return removals(state, intent.identity)
    case 'rename':
      return intent.name === profile.name ? [] : [changed(state, { ...profile, name: intent.name })]
    case 'promote':
      if (profile.admins.includes(intent.identity)) return []
      requireMember(state, intent.identity)
      return [changed(state, { ...profile, admins: [...profile.admins, intent.identity] })]
  }
}

function removals(state: GroupState, identity: string): Proposal[] {
  requireMember(state, identity)
  const leaves = [...members(state.tree)].filter(({ leafNode }) => identityOf(leafNode) === identity)
  if (leaves.some(({ leafIndex }) => leafIndex === state.own.leafIndex)) {
    fail('ARGUMENT_INVALID', 'nobody can remove themselves: a commit cannot remove its sender')
  }
  const removed = leaves.map(({ leafIndex }) => ({ proposalType: ProposalType.remove, removed: leafIndex }))
  // Those who stay meet elsewhere from now on.
  const profile = readGroupProfile(state.groupContext.extensions)
  const rendezvousSecret = new Secret(state.suite.randomBytes(RENDEZVOUS_BYTES))
  const admins = profile.admins.filter((admin) => admin !== identity)
  return [...removed, changed(state, { ...profile, admins, rendezvousSecret })]
}

function requireMember(state: GroupState, identity: string): void {
  for (const { leafNode } of members(state.tree)) if (identityOf(leafNode) === identity) return
  fail('GROUP_UNKNOWN_MEMBER', 'nobody in the group has this identity')
}

function changed(state: GroupState, profile: GroupProfile): Proposal {
  const others = state.groupContext.extensions.filter(({ extensionType }) => extensionType !== GROUP_PROFILE_EXTENSION)
  return {
    proposalType: ProposalType.groupContextExtensions,
    extensions: [...others, groupProfileExtension(profile)],
  }
}
