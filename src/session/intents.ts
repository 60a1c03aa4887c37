// What members want of the group, as the proposals of one commit. An intent outlives the commit that carries it: where that
// loses a race, the intent is carried by another.

import { fromHex, toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import { type GroupState, ownLeafNode } from '../group/state.ts'
import { ProposalType } from '../messages/code-points.ts'
import type { KeyPackage } from '../messages/key-package.ts'
import type { Proposal } from '../messages/proposal.ts'
import { leafAt, members } from '../tree/ratchet-tree.ts'
import type { InboxAddress } from '../wire/inbox.ts'
import { RENDEZVOUS_BYTES } from '../wire/topic.ts'
import type { Whereabouts } from './admission-records.ts'
import { mayRevoke } from './authorise-invites.ts'
import { admissionMark, type GroupInvite, inviteKey, isExpired, isOver, MAX_INVITES } from './group-invites.ts'
import {
  changedPermissions,
  GROUP_PROFILE_EXTENSION,
  type GroupProfile,
  groupProfileExtension,
  identityOf,
  type Permissions,
  readGroupProfile,
} from './group-profile.ts'
import type { LeaveRequest, ReentryRequest } from './requests.ts'

/** Someone to be added, and where the Welcome is to be left. */
export interface Newcomer {
  readonly keyPackage: KeyPackage
  readonly inbox: InboxAddress
}

export type Intent =
  | { readonly kind: 'add'; readonly newcomers: readonly Newcomer[] }
  | { readonly kind: 'remove'; readonly identity: string }
  | { readonly kind: 'rename'; readonly name: string }
  | { readonly kind: 'describe'; readonly description: string }
  | { readonly kind: 'promote'; readonly identity: string }
  /** Others may do what is named from now on. */
  | { readonly kind: 'permit'; readonly permissions: Partial<Permissions> }
  | { readonly kind: 'invite'; readonly invite: GroupInvite }
  /** An invite lets nobody in any more. @see inviteKey */
  | { readonly kind: 'revoke'; readonly invite: string }
  /** Others carry it out: a commit cannot remove its sender. */
  | { readonly kind: 'leave' }
  /** Fresh keys for this device's leaf. */
  | { readonly kind: 'refresh' }

/** What goes into one commit. */
export interface Plan {
  readonly proposals: readonly Proposal[]
  /** Where the Welcome is to be left. */
  readonly inboxes: readonly InboxAddress[]
  /** Of those who asked to leave. */
  readonly leaves: readonly LeaveRequest[]
  /** Of those who came by invites. */
  readonly reach: readonly Whereabouts[]
}

/** Gathers what is to be committed in a state. */
export class Planner {
  readonly #state: GroupState
  readonly #removed = new Set<number>()
  readonly #added = new Map<string, Newcomer>()
  readonly #leaves: LeaveRequest[] = []
  readonly #reach: Whereabouts[] = []
  readonly #wire: CipherSuite
  readonly #nowMs: number
  #profile: GroupProfile
  #moves = false

  constructor(wire: CipherSuite, state: GroupState, nowMs: number) {
    this.#wire = wire
    this.#state = state
    this.#nowMs = nowMs
    this.#profile = readGroupProfile(state.groupContext.extensions)
  }

  /**
   * Takes in an intent. What is fulfilled already adds nothing.
   * @throws CoterieError `GROUP_CARD_IS_MEMBER`, `GROUP_UNKNOWN_MEMBER`, `INVITE_LIMIT`, `ARGUMENT_INVALID` (caller)
   */
  want(intent: Intent): void {
    switch (intent.kind) {
      case 'add':
        for (const newcomer of intent.newcomers) this.#add(newcomer)
        break
      case 'remove':
        this.#remove(intent.identity)
        break
      case 'rename':
        this.#profile = { ...this.#profile, name: intent.name }
        break
      case 'describe':
        this.#profile = { ...this.#profile, description: intent.description }
        break
      case 'promote':
        if (this.#profile.admins.includes(intent.identity)) break
        this.#leavesOf(intent.identity)
        this.#profile = { ...this.#profile, admins: [...this.#profile.admins, intent.identity] }
        break
      case 'permit': {
        const permissions = changedPermissions(this.#profile.permissions, intent.permissions)
        this.#profile = { ...this.#profile, permissions }
        break
      }
      case 'invite':
        this.#invite(intent.invite)
        break
      case 'revoke':
        this.#changeInvite(intent.invite, (invite) => ({ ...invite, revoked: true }))
        break
      case 'leave':
      case 'refresh':
        break
    }
  }

  /** A member that asked to leave; not, if it is the last admin by now. */
  letGo(leafIndex: number, request: LeaveRequest): void {
    if (this.#removed.has(leafIndex) || this.#isLastAdmin(leafIndex)) return
    this.#leaves.push(request)
    this.#removeLeaf(leafIndex)
  }

  /** A member that asked to be added again. */
  replace(leafIndex: number, { keyPackage, inbox }: ReentryRequest): void {
    if (this.#removed.has(leafIndex)) return
    this.#removed.add(leafIndex)
    this.#added.set(toHex(keyPackage.leafNode.signatureKey), { keyPackage, inbox })
  }

  /** Somebody who came by an invite; not, if that has let in all that it may by now. */
  admit(key: string, newcomer: Newcomer, whereabouts: Whereabouts): void {
    const { signatureKey } = newcomer.keyPackage.leafNode
    const device = toHex(signatureKey)
    if (this.#added.has(device) || this.#state.tree.signatureKeys.has(signatureKey)) return
    this.#changeInvite(key, (invite) => {
      if (isOver(invite)) return invite
      this.#added.set(device, newcomer)
      this.#reach.push(whereabouts)
      return { ...invite, admitted: [...invite.admitted, admissionMark(this.#wire, newcomer.keyPackage)] }
    })
  }

  plan(): Plan {
    const removes = [...this.#removed].map((removed) => ({ proposalType: ProposalType.remove, removed }))
    const adds = [...this.#added.values()].map(({ keyPackage }) => ({ proposalType: ProposalType.add, keyPackage }))
    return {
      proposals: [...removes, ...adds, ...this.#profileChange()],
      inboxes: [...this.#added.values()].map(({ inbox }) => inbox),
      leaves: this.#leaves,
      reach: this.#reach,
    }
  }

  #add(newcomer: Newcomer): void {
    const { signatureKey } = newcomer.keyPackage.leafNode
    const device = toHex(signatureKey)
    if (this.#added.has(device) || this.#state.tree.signatureKeys.has(signatureKey)) {
      fail('GROUP_CARD_IS_MEMBER', 'this contact card belongs to a member of the group')
    }
    this.#added.set(device, newcomer)
  }

  #invite(invite: GroupInvite): void {
    const key = inviteKey(invite)
    if (this.#profile.invites.some((other) => inviteKey(other) === key)) return
    const invites = [...this.#withoutExpired(), invite]
    if (invites.length > MAX_INVITES) fail('INVITE_LIMIT', `a group has at most ${MAX_INVITES} invites that last`)
    this.#profile = { ...this.#profile, invites }
  }

  #changeInvite(key: string, change: (invite: GroupInvite) => GroupInvite): void {
    const invites = this.#profile.invites.map((invite) => (inviteKey(invite) === key ? change(invite) : invite))
    this.#profile = { ...this.#profile, invites }
  }

  /** What this member may drop. */
  #withoutExpired(): readonly GroupInvite[] {
    const { invites, admins } = this.#profile
    const identity = identityOf(ownLeafNode(this.#state))
    return invites.filter(
      (invite) =>
        !isExpired(invite, this.#nowMs) || !(isOver(invite) || mayRevoke(invite, identity, admins.includes(identity))),
    )
  }

  #remove(identity: string): void {
    const leaves = this.#leavesOf(identity)
    if (leaves.includes(this.#state.own.leafIndex)) {
      fail('ARGUMENT_INVALID', 'nobody can remove themselves: leave the group instead')
    }
    for (const leafIndex of leaves) this.#removeLeaf(leafIndex)
  }

  #removeLeaf(leafIndex: number): void {
    this.#removed.add(leafIndex)
    // Those who stay meet elsewhere from now on.
    this.#moves = true
    const leafNode = leafAt(this.#state.tree, leafIndex)
    if (leafNode === undefined) return
    const identity = identityOf(leafNode)
    if (this.#leavesOf(identity).every((leaf) => this.#removed.has(leaf))) {
      this.#profile = { ...this.#profile, admins: this.#profile.admins.filter((admin) => admin !== identity) }
    }
  }

  #isLastAdmin(leafIndex: number): boolean {
    const leafNode = leafAt(this.#state.tree, leafIndex)
    const { admins } = this.#profile
    return leafNode !== undefined && admins.length === 1 && admins[0] === identityOf(leafNode)
  }

  /** @throws CoterieError `GROUP_UNKNOWN_MEMBER` (caller) */
  #leavesOf(identity: string): number[] {
    const leaves = [...members(this.#state.tree)].filter(({ leafNode }) => identityOf(leafNode) === identity)
    if (leaves.length === 0) fail('GROUP_UNKNOWN_MEMBER', 'nobody in the group has this identity')
    return leaves.map(({ leafIndex }) => leafIndex)
  }

  #profileChange(): Proposal[] {
    const { suite, groupContext } = this.#state
    const secret = this.#moves ? new Secret(suite.randomBytes(RENDEZVOUS_BYTES)) : this.#profile.rendezvousSecret
    const change = groupProfileExtension({ ...this.#profile, rendezvousSecret: secret })
    const others = groupContext.extensions.filter(({ extensionType }) => extensionType !== GROUP_PROFILE_EXTENSION)
    const before = groupContext.extensions.find(({ extensionType }) => extensionType === GROUP_PROFILE_EXTENSION)
    if (before !== undefined && toHex(before.data) === toHex(change.data)) return []
    return [{ proposalType: ProposalType.groupContextExtensions, extensions: [...others, change] }]
  }
}

/** The leaf of a device; undefined where it is not in the group. */
export function leafOf({ tree }: GroupState, device: string): number | undefined {
  if (!tree.signatureKeys.has(fromHex(device) ?? new Uint8Array(0))) return undefined
  for (const { leafIndex, leafNode } of members(tree)) if (toHex(leafNode.signatureKey) === device) return leafIndex
  return undefined
}
