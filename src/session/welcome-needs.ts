// Whether a Welcome is due to this device, which may have been left behind.

import { equalBytes } from '../bytes.ts'
import { type GroupState, ownLeafNode } from '../group/state.ts'
import type { Draft } from './draft.ts'
import { type NodeId, nodeIdOf } from './epoch-tree.ts'
import { witnesses } from './left-behind.ts'
import { meetingOf } from './past.ts'
import { generationOf } from './requests.ts'
import type { Context } from './session-state.ts'
import { standings } from './stranded.ts'
import type { Welcomed } from './welcomed.ts'

/** Whether something shows that this device is not where the group is, so that a Welcome to it would help. */
export function needsWelcome(context: Context, draft: Draft): boolean {
  if (draft.watch.detached || isOut(draft)) return true
  // A newcomer whose branch may have lost takes the invitation to the other one: if it should be the wrong one, the votes
  // of those who stand elsewhere lead back.
  return standings(context, draft).elsewhere > 0
}

/** Whether a Welcome to a group is one that this device has asked for, or that it needs, and leads to where the group is. */
export function canRejoin(context: Context, draft: Draft, welcomed: Welcomed): boolean {
  const isWanted = needsWelcome(context, draft) || isAnswer(draft, welcomed.group)
  return isWanted && (isOut(draft) || isCredible(context, draft, welcomed))
}

/** Whoever is out of the group has nothing to lose: a Welcome is an invitation like any other. */
function isOut({ counters, here }: Draft): boolean {
  return counters.gone || here.state.status !== 'active'
}

/** What has been answered already may be answered on another branch as well: that shows when this one has lost. */
function isAnswer(draft: Draft, group: GroupState): boolean {
  const own = ownLeafNode(group)
  if (generationOf(own) <= generationOf(ownLeafNode(draft.here.state))) return false
  return [...draft.ledgers.entries.values()].some(({ keyPackage }) =>
    equalBytes(keyPackage.leafNode.encryptionKey, own.encryptionKey),
  )
}

/**
 * Against a member who leads this device into a group of its own making under the same name, where nobody else would be heard: what
 * the Welcome tells of the past has to meet what this device knows, so that the members of then can outweigh it; or enough of
 * them say that they are on that way.
 */
function isCredible(context: Context, draft: Draft, { group, past }: Welcomed): boolean {
  const way = new Set([nodeIdOf(group), ...past.map(({ parent }) => parent)])
  if (meetingOf(draft.tree, way) !== undefined) return true
  const { inside } = standings(context, draft)
  return countOnWay(context, draft, way) >= Math.min(witnesses(context, draft), inside + 1)
}

/** How many other members say that they are on a way. */
function countOnWay({ self }: Context, { here, ledgers }: Draft, way: ReadonlySet<NodeId>): number {
  let count = 0
  for (const { device, path, conflict } of ledgers.statements.values()) {
    if (conflict || device === self || !here.roster.devices.has(device)) continue
    if (path.some(({ id }) => way.has(id))) count++
  }
  return count
}
