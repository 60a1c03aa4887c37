// Which pending proposals a committer covers when it is not told (RFC 9420 §12.2, §12.4).

import { ProposalType, SenderType } from '../messages/code-points.ts'
import type { Extension } from '../messages/extension.ts'
import type { Proposal } from '../messages/proposal.ts'
import { isExpired } from './leaf-checks.ts'
import type { Judgement } from './policy.ts'
import { fits } from './proposal-fit.ts'
import { ProposalSelection, replacedLeaf } from './proposal-selection.ts'
import type { GroupState, PendingProposal } from './state.ts'

/**
 * The references of the pending proposals that make a valid list beside `byValue`: all but those that concern the
 * committer itself, do not suit the group or have expired, and those of new members, which somebody has to decide on; where
 * several exclude each other a Remove before an Update, the latest before earlier ones, and anything before a ReInit.
 */
export function committable(state: GroupState, byValue: readonly Proposal[], judgement: Judgement): Uint8Array[] {
  const selection = new ProposalSelection(byValue)
  const latestFirst = [...state.proposals.values()].reverse()
  const removesFirst = [...latestFirst.filter(isRemove), ...latestFirst.filter((pending) => !isRemove(pending))]
  const chosen = new Set<PendingProposal>()
  for (const pending of removesFirst) {
    if (isRequest(pending) || concerns(pending, state.own.leafIndex)) continue
    if (isExpiredAdd(pending, judgement) || !fits(state, pending)) continue
    if (selection.take(pending)) chosen.add(pending)
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

/**
 * RFC 9420 §12.1.8: new members' proposals are valid where they are authorized. Whoever sees one message of the group can
 * make one, so that nobody is let in unless the application says so.
 */
function isRequest({ sender }: PendingProposal): boolean {
  return sender.senderType === SenderType.newMemberProposal
}

/** A committer can commit neither its own Update nor its own removal. */
function concerns(pending: PendingProposal, leafIndex: number): boolean {
  return replacedLeaf(pending) === leafIndex
}

/** RFC 9420 §7.3: whoever commits an Add MUST see that its lifetime has not passed since it was proposed. */
function isExpiredAdd({ proposal }: PendingProposal, judgement: Judgement): boolean {
  return 'keyPackage' in proposal && isExpired(proposal.keyPackage.leafNode, judgement)
}

function isRemove({ proposal }: PendingProposal): boolean {
  return proposal.proposalType === ProposalType.remove
}
