// Whether Welcomes are due: from this device to those whom it has added, and to this device, which may have been left behind.

import { equalBytes } from '../bytes.ts'
import { type GroupState, ownLeafNode } from '../group/state.ts'
import type { Draft } from './draft.ts'
import { generationOf } from './requests.ts'
import type { Context } from './session-state.ts'
import { standings } from './stranded.ts'

/** Whether this device has added somebody whose Welcome has not been handed out. */
export function owesWelcomes({ tree, counters, ledgers }: Draft): boolean {
  return [...ledgers.commits.values()].some(
    ({ node, welcome, handedOut }) => welcome !== undefined && !handedOut && tree.isOnPath(node, counters.stand),
  )
}

/** Whether something shows that this device is not where the group is, so that a Welcome to it would help. */
export function needsWelcome(context: Context, draft: Draft): boolean {
  if (draft.watch.detached || draft.counters.gone || draft.here.state.status !== 'active') return true
  // A newcomer whose branch may have lost takes the invitation to the other one: if it should be the wrong one, the votes
  // of those who stand elsewhere lead back.
  return standings(context, draft).elsewhere > 0
}

/** Whether a Welcome to a group is one that this device has asked for, or that it needs. */
export function canRejoin(context: Context, draft: Draft, group: GroupState): boolean {
  if (needsWelcome(context, draft)) return true
  const own = ownLeafNode(group)
  // What has been answered already may be answered on another branch as well: that shows when this one has lost.
  if (generationOf(own) <= generationOf(ownLeafNode(draft.here.state))) return false
  return [...draft.ledgers.entries.values()].some(({ keyPackage }) =>
    equalBytes(keyPackage.leafNode.encryptionKey, own.encryptionKey),
  )
}
