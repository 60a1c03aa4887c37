// Who would win a tie: attackers in the scripts are those who would, so that nothing but the rules stops them.
import { commitRank } from '../../src/session/fork-choice.ts'
import { leafOf } from '../../src/session/intents.ts'
import { leafAt } from '../../src/tree/ratchet-tree.ts'
import type { Actor } from './actor.ts'
import { Hand } from './hand.ts'

/** Members in the order of their ranks in the epoch where they stand, the winner first. */
export function byRank(actors: readonly Actor[]): Actor[] {
  return actors
    .map((actor) => ({ actor, rank: rankOf(actor) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ actor }) => actor)
}

/** The public key in a member's leaf, as another sees it. */
export function leafKey(seenBy: Actor, member: Actor): Uint8Array {
  const { state } = Hand.of(seenBy, 0)
  const leafIndex = leafOf(state, member.device)
  const leafNode = leafIndex === undefined ? undefined : leafAt(state.tree, leafIndex)
  if (leafNode === undefined) throw new Error(`${member.name} is no member`)
  return leafNode.encryptionKey
}

function rankOf(actor: Actor): string {
  const { state } = Hand.of(actor, 0)
  const { groupId, epoch } = state.groupContext
  return commitRank({ suite: actor.wire, groupId }, epoch, state.own.leafIndex)
}
