// Votes of members who are away, said again by those who are there. Frames go after some days, and what was said in them counts
// all the same: whoever was away when it was said cannot know it from anybody but those who heard it. A vote is signed by who made
// it, so that it does not matter who says it again.

import type { Draft } from './draft.ts'
import type { DeviceId } from './epoch-tree.ts'
import { PayloadKind } from './payload.ts'
import type { StoredVote } from './peers.ts'
import { publishToAll } from './publishing.ts'
import type { Context } from './session-state.ts'

/** Whether there is something to say again on a topic. @param behind - the height behind which it matters where members stand */
export function hasUntold(context: Context, draft: Draft, topic: string, behind: bigint, nowMs: number): boolean {
  return untold(context, draft, topic, behind, nowMs).length > 0
}

/** Says on a topic what members have said who stand on the way to where this device stands, and what is not there any more. */
export async function retell(
  context: Context,
  draft: Draft,
  topic: string,
  behind: bigint,
  nowMs: number,
): Promise<void> {
  const votes = untold(context, draft, topic, behind, nowMs).sort(([, a], [, b]) => (a.height > b.height ? -1 : 1))
  for (const [device, { number, body }] of votes.slice(0, context.settings.firstVoters)) {
    context.heardVotes.note(topic, device, number, nowMs)
    await publishToAll(context, draft, topic, PayloadKind.vote, body, nowMs)
  }
}

function untold(
  { heardVotes }: Context,
  { ledgers, tree, here }: Draft,
  topic: string,
  behind: bigint,
  nowMs: number,
): (readonly [DeviceId, StoredVote])[] {
  return [...ledgers.votes.entries()].filter(([device, { number, stand, height }]) => {
    if (height <= behind || heardVotes.isThere(topic, device, number, nowMs)) return false
    return ledgers.statements.get(device)?.conflict !== true && tree.isOnPath(stand, here.id)
  })
}
