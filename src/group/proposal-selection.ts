// Which proposals can stand beside each other in one commit (RFC 9420 §12.2), seen from each other: see proposal-fit.ts for
// how they suit the group.

import { toHex } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import { ProposalType, SenderType } from '../messages/code-points.ts'
import type { LeafNode } from '../messages/leaf-node.ts'
import { encodePreSharedKeyId } from '../messages/pre-shared-key.ts'
import { isDefaultProposal, type Proposal } from '../messages/proposal.ts'
import type { ProposalInContext } from './policy.ts'

/** A list in the making, to which nothing is added that would make it invalid. */
export class ProposalSelection {
  /** What only one proposal of a list may be about. */
  readonly #claims = new Set<string>()
  /** Credential types of the new leaves, and those that all of them support; undefined where there are none. */
  readonly #credentials = new Set<number>()
  #commonCredentials: ReadonlySet<number> | undefined
  /** Custom types in the list, and those that all new leaves of members support; undefined where there are none. */
  readonly #customTypes = new Set<number>()
  #commonProposals: ReadonlySet<number> | undefined

  /** @param given - is in the list without being asked */
  constructor(given: readonly Proposal[]) {
    for (const proposal of given) this.#add({ proposal, sender: { senderType: SenderType.newMemberProposal } })
  }

  /** Adds a proposal, unless one that is there excludes it. @returns whether it was added */
  take(candidate: ProposalInContext): boolean {
    if (claimsOf(candidate).some((claim) => this.#claims.has(claim))) return false
    const { proposal } = candidate
    const leafNode = newLeaf(proposal)
    if (leafNode !== undefined && !this.#suits(leafNode, proposal.proposalType === ProposalType.update)) return false
    if (!isDefaultProposal(proposal) && this.#commonProposals?.has(proposal.proposalType) === false) return false
    this.#add(candidate)
    return true
  }

  /** RFC 9420 §7.3, §12.2: new leaves support each other's credentials, those of members the custom proposals too. */
  #suits({ credential, capabilities }: LeafNode, ofMember: boolean): boolean {
    if (this.#commonCredentials?.has(credential.credentialType) === false) return false
    if (!isSubset(this.#credentials, capabilities.credentials)) return false
    return !ofMember || isSubset(this.#customTypes, capabilities.proposals)
  }

  #add(candidate: ProposalInContext): void {
    const { proposal } = candidate
    for (const claim of claimsOf(candidate)) this.#claims.add(claim)
    if (!isDefaultProposal(proposal)) this.#customTypes.add(proposal.proposalType)
    const leafNode = newLeaf(proposal)
    if (leafNode === undefined) return
    const { credentials, proposals } = leafNode.capabilities
    this.#credentials.add(leafNode.credential.credentialType)
    this.#commonCredentials = common(this.#commonCredentials, credentials)
    if (proposal.proposalType === ProposalType.update) this.#commonProposals = common(this.#commonProposals, proposals)
  }
}

/** The leaf that a proposal replaces or makes blank; undefined for those that do neither. */
export function replacedLeaf({ proposal, sender }: ProposalInContext): number | undefined {
  if (!isDefaultProposal(proposal)) return undefined
  if (proposal.proposalType === ProposalType.remove) return proposal.removed
  const isUpdate = proposal.proposalType === ProposalType.update
  return isUpdate && sender.senderType === SenderType.member ? sender.leafIndex : undefined
}

function claimsOf(candidate: ProposalInContext): string[] {
  const { proposal } = candidate
  if (!isDefaultProposal(proposal)) return []
  if (proposal.proposalType === ProposalType.groupContextExtensions) return ['extensions']
  if (proposal.proposalType === ProposalType.preSharedKey) {
    return [`PSK ${toHex(encode(encodePreSharedKeyId, proposal.psk))}`]
  }
  const claims: string[] = []
  const replaced = replacedLeaf(candidate)
  if (replaced !== undefined) claims.push(`leaf ${replaced}`)
  const leafNode = newLeaf(proposal)
  if (leafNode !== undefined) {
    claims.push(`signature key ${toHex(leafNode.signatureKey)}`, `encryption key ${toHex(leafNode.encryptionKey)}`)
  }
  return claims
}

function newLeaf(proposal: Proposal): LeafNode | undefined {
  if (!isDefaultProposal(proposal)) return undefined
  if (proposal.proposalType === ProposalType.add) return proposal.keyPackage.leafNode
  return proposal.proposalType === ProposalType.update ? proposal.leafNode : undefined
}

function isSubset(some: ReadonlySet<number>, listed: readonly number[]): boolean {
  if (some.size === 0) return true
  const known = new Set(listed)
  return [...some].every((type) => known.has(type))
}

function common(before: ReadonlySet<number> | undefined, listed: readonly number[]): ReadonlySet<number> {
  return new Set(before === undefined ? listed : listed.filter((type) => before.has(type)))
}
