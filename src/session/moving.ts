// Moving to another epoch, with everything that depends on where the group is.

import { fail } from '../errors.ts'
import { members } from '../tree/ratchet-tree.ts'
import type { Draft } from './draft.ts'
import type { EpochNode, OpenEpoch } from './epoch-tree.ts'
import { isOpen } from './epoch-tree.ts'
import { type GroupProfile, identityOf, PERMISSIONS, readGroupProfile } from './group-profile.ts'
import { meetMembers, noteAbsence } from './peer-news.ts'
import type { Context } from './session-state.ts'

export async function moveTo(context: Context, draft: Draft, node: EpochNode, nowMs: number): Promise<void> {
  if (!isOpen(node)) return fail('INTERNAL_INVARIANT', 'a move to an epoch without keys')
  const before = draft.here
  const meeting = draft.tree.meeting(before.id, node.id)
  // Who says that this device was removed was wrong.
  const gone = draft.counters.gone && node.state.status !== 'active'
  draft.counters = { ...draft.counters, stand: node.id, gone }
  draft.moved = true
  if (before.roster.name !== node.roster.name) draft.hasOtherMembers = true
  draft.watch = { ...draft.watch, standingSinceMs: nowMs, behindSinceMs: undefined }
  if (meeting.id !== before.id) {
    // Before this device moves back, the others are to be heard again.
    const forks = new Map(draft.watch.forks).set(meeting.id, { sinceMs: nowMs, told: true })
    draft.watch = { ...draft.watch, forks, strayed: true }
    draft.events.push({ type: 'fork-resolved', from: before.height, to: node.height, moved: true })
    queueLostIntents(draft)
  }
  for (let step: EpochNode = node; step.id !== meeting.id; step = draft.tree.at(step.parent ?? meeting.id)) {
    meetMembers(context, draft, step, nowMs)
  }
  if (draft.hasOtherMembers) noteAbsence(draft, node, meeting.id === before.id)
  tellOfChange(draft, before, node)
  // Whoever is added again in the same commit waits for its Welcome.
  if (node.state.status === 'removed' && !node.roster.devices.has(context.self)) draft.events.push({ type: 'removed' })
}

function tellOfChange(draft: Draft, before: OpenEpoch, now: OpenEpoch): void {
  const identities = ({ state }: OpenEpoch): Set<string> =>
    new Set([...members(state.tree)].map(({ leafNode }) => identityOf(leafNode)))
  const same = before.roster.name === now.roster.name
  const was = same ? new Set<string>() : identities(before)
  const is = same ? new Set<string>() : identities(now)
  draft.events.push({
    type: 'epoch',
    epoch: now.height,
    added: [...is].filter((identity) => !was.has(identity)),
    removed: [...was].filter((identity) => !is.has(identity)),
  })
  const profile = ({ state }: OpenEpoch): GroupProfile => readGroupProfile(state.groupContext.extensions)
  const old = profile(before)
  const { name, description, permissions } = profile(now)
  if (name !== old.name) draft.events.push({ type: 'renamed', name })
  if (description !== old.description) draft.events.push({ type: 'described', description })
  if (PERMISSIONS.some((one) => permissions[one] !== old.permissions[one])) {
    draft.events.push({ type: 'permissions', permissions })
  }
}

/** What this device wanted, and committed on a branch that lost, waits for its turn: others lost there as well. */
function queueLostIntents(draft: Draft): void {
  const { commits, intents } = draft.ledgers
  for (const { node, intents: numbers } of commits.values()) {
    if (draft.tree.isOnPath(node, draft.counters.stand)) continue
    for (const number of numbers) {
      const intent = intents.get(`${number}`)
      if (intent !== undefined && !intent.queued) intents.set(`${number}`, { ...intent, queued: true })
    }
  }
}
