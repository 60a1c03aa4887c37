// Where the members of an epoch meet: what follows from the rendezvous secret in the group's profile (spec/topic.md).

import type { CipherSuite } from '../crypto/labels.ts'
import type { GroupState } from '../group/state.ts'
import { type Rendezvous, rendezvousFrom } from '../wire/topic.ts'
import type { Draft } from './draft.ts'
import { readGroupProfile } from './group-profile.ts'

export async function rendezvousOf(wire: CipherSuite, group: GroupState): Promise<Rendezvous> {
  const { rendezvousSecret } = readGroupProfile(group.groupContext.extensions)
  const rendezvous = await rendezvousFrom(wire, rendezvousSecret)
  rendezvousSecret.wipe()
  return rendezvous
}

/** Gives up the topics that no epoch is on any longer, some time after the last was. */
export function leaveTopics(draft: Draft, retentionMs: number, nowMs: number): void {
  const { topics } = draft.ledgers
  if (topics.size === 1) return
  const inUse = new Set(draft.tree.open().map(({ topic }) => topic))
  for (const [name, topic] of [...topics.entries()]) {
    if (inUse.has(name)) continue
    if (topic.leftAtMs === undefined) topics.set(name, { ...topic, leftAtMs: nowMs })
    else if (topic.leftAtMs + retentionMs <= nowMs) {
      topics.delete(name)
      draft.rendezvous.delete(name)
    }
  }
}
