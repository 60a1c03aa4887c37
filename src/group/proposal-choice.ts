// Which pending proposals a committer covers when it is not told (RFC 9420 §12.2, §12.4).

import { toHex } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import { ProposalType, SenderType } from '../messages/code-points.ts'
import type { Extension } from '../messages/extension.ts'
import type { Sender } from '../messages/framed-content.ts'
import { encodePreSharedKeyId } from '../messages/pre-shared-key.ts'
import { isDefaultProposal, type Proposal } from '../messages/proposal.ts'
import { fits } from './proposal-fit.ts'
import type { GroupState, PendingProposal } from './state.ts'

/**
 * The references of the pending proposals that make a valid list beside `byValue`: all but those that concern the
 * committer itself or do not suit the group, and where several exclude each other a Remove before an Update, the latest
 * before earlier ones, and anything before a ReInit.
 */
export function committable(state: GroupState, byValue: readonly Proposal[]): Uint8Array[] {
  const taken = new Set<string>()
  for (const proposal of byValue) {
    const claim = claimOf(proposal, { senderType: SenderType.member, leafIndex: state.own.leafIndex })
    if (claim !== undefined) taken.add(claim)
  }
  const latestFirst = [...state.proposals.values()].reverse()
  const removesFirst = [...latestFirst.filter(isRemove), ...latestFirst.filter((pending) => !isRemove(pending))]
  const chosen = new Set<PendingProposal>()
  for (const pending of removesFirst) {
    if (concerns(pending, state.own.leafIndex) || !fits(state, pending)) continue
    const claim = claimOf(pending.proposal, pending.sender)
    if (claim !== undefined && taken.has(claim)) continue
    if (claim !== undefined) taken.add(claim)
    chosen.add(pending)
  }
  const extensions = newExtensions([...byValue, ...[...chosen].map(({ proposal }) => proposal)])
  const inOrder = [...state.proposals.values()].filter(
    (pending) => chosen.has(pending) && fits(state, pending, extensions),
  )
  // RFC 9420 §12.2: a ReInit stands alone, and gives way to other proposals.
  const others = inOrder.filter(({ proposal }) => proposal.proposalType !== ProposalType.reinit)
  const alone = others.length + byValue.length === 0 ? inOrder.slice(0, 1) : others
  return alone.map(({ reference }) => reference)
}

/** RFC 9420 §12.3: what the other proposals have to suit. */
function newExtensions(proposals: readonly Proposal[]): readonly Extension[] | undefined {
  for (const proposal of proposals) {
    if (proposal.proposalType !== ProposalType.groupContextExtensions) continue
    if ('extensions' in proposal) return proposal.extensions
  }
  return undefined
}

/** What only one proposal of a list may be about. */
function claimOf(proposal: Proposal, sender: Sender): string | undefined {
  if (!isDefaultProposal(proposal)) return undefined
  if (proposal.proposalType === ProposalType.remove) return `leaf ${proposal.removed}`
  if (proposal.proposalType === ProposalType.update && sender.senderType === SenderType.member) {
    return `leaf ${sender.leafIndex}`
  }
  if (proposal.proposalType === ProposalType.groupContextExtensions) return 'extensions'
  if (proposal.proposalType === ProposalType.add) return `client ${toHex(proposal.keyPackage.leafNode.signatureKey)}`
  if (proposal.proposalType === ProposalType.preSharedKey) {
    return `PSK ${toHex(encode(encodePreSharedKeyId, proposal.psk))}`
  }
  return undefined
}

/** A committer can commit neither its own Update nor its own removal. */
function concerns({ proposal, sender }: PendingProposal, leafIndex: number): boolean {
  return claimOf(proposal, sender) === `leaf ${leafIndex}`
}

function isRemove({ proposal }: PendingProposal): boolean {
  return proposal.proposalType === ProposalType.remove
}
