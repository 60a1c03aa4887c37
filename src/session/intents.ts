// What members want of the group, as the proposals of one commit. An intent outlives the commit that carries it: where that
// loses a race, the intent is carried by another.

import { fromHex, toHex } from '../bytes.ts'
import { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import type { GroupState } from '../group/state.ts'
import { ProposalType } from '../messages/code-points.ts'
import type { KeyPackage } from '../messages/key-package.ts'
import type { Proposal } from '../messages/proposal.ts'
import { leafAt, members } from '../tree/ratchet-tree.ts'
import type { InboxAddress } from '../wire/inbox.ts'
import { RENDEZVOUS_BYTES } from '../wire/topic.ts'
import {
  GROUP_PROFILE_EXTENSION,
  type GroupProfile,
  groupProfileExtension,
  identityOf,
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
  | { readonly kind: 'promote'; readonly identity: string }
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
}

/** Gathers what is to be committed in a state. */
export class Planner {
  readonly #state: GroupState
  readonly #removed = new Set<number>()
  readonly #added = new Map<string, Newcomer>()
  readonly #leaves: LeaveRequest[] = []
  #profile: GroupProfile
  #moves = false

  constructor(state: GroupState) {
    this.#state = state
    this.#profile = readGroupProfile(state.groupContext.extensions)
  }

  /**
   * Takes in an intent. What is fulfilled already adds nothing.
   * @throws CoterieError `GROUP_CARD_IS_MEMBER`, `GROUP_UNKNOWN_MEMBER`, `ARGUMENT_INVALID` (caller)
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
      case 'promote':
        if (this.#profile.admins.includes(intent.identity)) break
        this.#leavesOf(intent.identity)
        this.#profile = { ...this.#profile, admins: [...this.#profile.admins, intent.identity] }
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

  plan(): Plan {
    const removes = [...this.#removed].map((removed) => ({ proposalType: ProposalType.remove, removed }))
    const adds = [...this.#added.values()].map(({ keyPackage }) => ({ proposalType: ProposalType.add, keyPackage }))
    return {
      proposals: [...removes, ...adds, ...this.#profileChange()],
      inboxes: [...this.#added.values()].map(({ inbox }) => inbox),
      leaves: this.#leaves,
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
