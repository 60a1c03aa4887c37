// Where the members of an epoch meet: what follows from the rendezvous secret in the group's profile (spec/topic.md).

import type { CipherSuite } from '../crypto/labels.ts'
import type { GroupState } from '../group/state.ts'
import { type Rendezvous, rendezvousFrom } from '../wire/topic.ts'
import { readGroupProfile } from './group-profile.ts'

export async function rendezvousOf(wire: CipherSuite, group: GroupState): Promise<Rendezvous> {
  const { rendezvousSecret } = readGroupProfile(group.groupContext.extensions)
  const rendezvous = await rendezvousFrom(wire, rendezvousSecret)
  rendezvousSecret.wipe()
  return rendezvous
}
