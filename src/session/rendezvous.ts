// Where the members of an epoch meet: what follows from the rendezvous secret in the group's profile (spec/topic.md).

import type { CipherSuite } from '../crypto/labels.ts'
import type { GroupState } from '../group/state.ts'
import { type Rendezvous, rendezvousFrom } from '../wire/topic.ts'
import type { Draft } from './draft.ts'
import type { EpochNode } from './epoch-tree.ts'
import { readGroupProfile } from './group-profile.ts'
import type { Context } from './session-state.ts'

export function rendezvousOf(wire: CipherSuite, group: GroupState): Promise<Rendezvous> {
  // The secret is in the group context of every state, and so the profile's is not wiped.
  return rendezvousFrom(wire, readGroupProfile(group.groupContext.extensions).rendezvousSecret)
}

/**
 * Gives up the topics that no epoch is on any longer: some time after the last was, and not while somebody may be there who was
 * away since; but beyond some number those that were left first.
 */
export function leaveTopics({ settings }: Context, draft: Draft, nowMs: number): void {
  const { topics } = draft.ledgers
  if (topics.size === 1) return
  const inUse = new Set(draft.tree.open().map(({ topic }) => topic))
  const left: { readonly name: string; readonly atMs: number }[] = []
  const lastOn = lastEpochs(draft)
  for (const [name, topic] of [...topics.entries()]) {
    if (inUse.has(name)) continue
    if (topic.leftAtMs === undefined) topics.set(name, { ...topic, leftAtMs: nowMs })
    const atMs = topic.leftAtMs ?? nowMs
    if (atMs + settings.topicRetentionMs > nowMs || isWaitedFor(draft, lastOn.get(name))) left.push({ name, atMs })
    else giveUp(draft, name)
  }
  left.sort((a, b) => b.atMs - a.atMs)
  for (const { name } of left.slice(settings.leftTopics)) giveUp(draft, name)
}

/** Other topics than the one where this device is on which some member may be that was not heard for a while. */
export function topicsOfMissing(draft: Draft, sinceMs: number): string[] {
  const others = [...lastEpochs(draft)].filter(([name]) => name !== draft.here.topic && draft.rendezvous.has(name))
  return others.filter(([, epoch]) => isWaitedFor(draft, epoch, sinceMs)).map(([name]) => name)
}

function giveUp(draft: Draft, topic: string): void {
  draft.ledgers.topics.delete(topic)
  draft.rendezvous.delete(topic)
}

/** The last epoch on each topic that is remembered. */
function lastEpochs({ tree }: Draft): Map<string, EpochNode> {
  const last = new Map<string, EpochNode>()
  for (const node of tree.nodes()) if ((last.get(node.topic)?.height ?? -1n) < node.height) last.set(node.topic, node)
  return last
}

/**
 * Whether a member, as far as it was heard, may not have come further than this epoch.
 * @param silentSinceMs - only those of whom nothing was heard since
 */
function isWaitedFor(
  { ledgers, here }: Draft,
  epoch: EpochNode | undefined,
  silentSinceMs: number = Number.POSITIVE_INFINITY,
): boolean {
  if (epoch === undefined) return false
  return [...epoch.roster.devices].some((device) => {
    const peer = ledgers.peers.get(device)
    if (peer === undefined || !here.roster.devices.has(device) || peer.heardAtMs > silentSinceMs) return false
    // Who was added again and not heard since may have gone before it came back.
    return peer.height <= epoch.height || peer.height < peer.joined
  })
}
