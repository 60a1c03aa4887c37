// Where the members of an epoch meet: what follows from the rendezvous secret in the group's profile (spec/topic.md).

import type { CipherSuite } from '../crypto/labels.ts'
import type { GroupState } from '../group/state.ts'
import { type Rendezvous, rendezvousFrom } from '../wire/topic.ts'
import type { Draft } from './draft.ts'
import { readGroupProfile } from './group-profile.ts'

export function rendezvousOf(wire: CipherSuite, group: GroupState): Promise<Rendezvous> {
  // The secret is in the group context of every state, and so the profile's is not wiped.
  return rendezvousFrom(wire, readGroupProfile(group.groupContext.extensions).rendezvousSecret)
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
