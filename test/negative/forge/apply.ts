// Applies proposals to a tree without asking whether they may be applied (RFC 9420 §12.3).
import { toHex } from '../../../src/bytes.ts'
import type { CommittedProposal } from '../../../src/group/proposal-list.ts'
import type { GroupState } from '../../../src/group/state.ts'
import { SenderType } from '../../../src/messages/code-points.ts'
import type { ProposalOrRef } from '../../../src/messages/commit.ts'
import type { Extension } from '../../../src/messages/extension.ts'
import type { Sender } from '../../../src/messages/framed-content.ts'
import type { KeyPackage } from '../../../src/messages/key-package.ts'
import type { LeafNode } from '../../../src/messages/leaf-node.ts'
import type { PreSharedKeyId } from '../../../src/messages/pre-shared-key.ts'
import { isDefaultProposal, type Proposal } from '../../../src/messages/proposal.ts'
import { addLeaves, leafAt, type RatchetTree, replaceLeaves } from '../../../src/tree/ratchet-tree.ts'

/** What proposals make of a group. */
export interface Outcome {
  readonly tree: RatchetTree
  readonly extensions: readonly Extension[]
  readonly added: readonly { readonly leafIndex: number; readonly keyPackage: KeyPackage }[]
  readonly psks: readonly PreSharedKeyId[]
  readonly kemOutput: Uint8Array | undefined
}

/** Proposals by value; `reference` ones are taken from the pending ones, if they are there. */
export function committed(state: GroupState, list: readonly ProposalOrRef[], committer: Sender): CommittedProposal[] {
  return list.flatMap((item): CommittedProposal[] => {
    if (item.kind === 'proposal') return [{ proposal: item.proposal, sender: committer, pending: undefined }]
    const pending = state.proposals.get(toHex(item.reference))
    return pending === undefined ? [] : [{ proposal: pending.proposal, sender: pending.sender, pending }]
  })
}

export function byValue(proposals: readonly Proposal[]): ProposalOrRef[] {
  return proposals.map((proposal) => ({ kind: 'proposal', proposal }))
}

/** Extensions, Updates, Removes, Adds, in this order; of what excludes each other the last wins. */
export function applyUnchecked(state: GroupState, proposals: readonly CommittedProposal[]): Outcome {
  let extensions = state.groupContext.extensions
  let kemOutput: Uint8Array | undefined
  const replaced = new Map<number, LeafNode | undefined>()
  const removed = new Set<number>()
  const keyPackages: KeyPackage[] = []
  const psks: PreSharedKeyId[] = []
  for (const { proposal, sender } of proposals) {
    if (!isDefaultProposal(proposal)) continue
    if (proposal.proposalType === 7) extensions = proposal.extensions
    else if (proposal.proposalType === 2 && sender.senderType === SenderType.member) {
      replaced.set(sender.leafIndex, proposal.leafNode)
    } else if (proposal.proposalType === 3 && leafAt(state.tree, proposal.removed) !== undefined) {
      removed.add(proposal.removed)
    } else if (proposal.proposalType === 1) keyPackages.push(proposal.keyPackage)
    else if (proposal.proposalType === 4) psks.push(proposal.psk)
    else if (proposal.proposalType === 6) kemOutput = proposal.kemOutput
  }
  for (const leafIndex of removed) replaced.set(leafIndex, undefined)
  const remaining = replaceLeaves(state.tree, replaced)
  const { tree, leafIndices } = addLeaves(
    remaining,
    keyPackages.map(({ leafNode }) => leafNode),
  )
  const added = keyPackages.map((keyPackage, i) => ({ keyPackage, leafIndex: leafIndices[i] as number }))
  return { tree, extensions, added, psks, kemOutput }
}
