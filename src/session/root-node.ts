// The epoch in which a device begins: where the group was created, or where the device joined it.

import type { CipherSuite } from '../crypto/labels.ts'
import type { GroupState } from '../group/state.ts'
import type { Rendezvous } from '../wire/topic.ts'
import { nodeIdOf, type OpenEpoch } from './epoch-tree.ts'
import { rendezvousOf } from './rendezvous.ts'
import { rosterOf } from './roster.ts'

export async function rootNode(
  wire: CipherSuite,
  group: GroupState,
): Promise<{ node: OpenEpoch; rendezvous: Rendezvous }> {
  const rendezvous = await rendezvousOf(wire, group)
  const node = {
    id: nodeIdOf(group),
    parent: undefined,
    height: group.groupContext.epoch,
    committer: undefined,
    removed: [],
    roster: rosterOf(wire, group),
    device: undefined,
    readded: [],
    topic: rendezvous.topic.name,
    state: group,
    broken: false,
  }
  return { node, rendezvous }
}
