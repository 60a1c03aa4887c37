// Committing what this member wants, and what follows from it: the commit's Welcome once it has settled, and the same wish
// again where the commit lost a race.

import { toHex } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import { commit } from '../group/commit.ts'
import { nodeIdOf } from './epoch-tree.ts'
import { commitRank } from './fork-choice.ts'
import { followHead } from './head.ts'
import { type Intent, proposalsFor } from './intents.ts'
import { PayloadKind } from './payload.ts'
import { publish } from './publishing.ts'
import { rendezvousOf } from './rendezvous.ts'
import { sessionPolicy } from './session-policy.ts'
import type { Draft, SessionContext } from './session-state.ts'

/** How long a commit waits for others that compete with it before its Welcome goes out. */
const SETTLING_MS = 250

/** Commits an intent on the head. Does nothing where the group is already as wished. */
export async function applyIntent(context: SessionContext, draft: Draft, intent: Intent, nowMs: number): Promise<void> {
  const parent = draft.tree.at(draft.head)
  if (parent.state.status !== 'active') fail('GROUP_REMOVED', 'this device is no longer a member of the group')
  const proposals = proposalsFor(parent.state, intent)
  if (proposals.length === 0) return
  const device = toHex(context.device.publicKey)
  const statement = draft.counters.statement + 1n
  const made = await commit(parent.state, {
    nowMs,
    proposals,
    policy: sessionPolicy(context.wire.signature),
    // Others must be able to process it from the state in which they entered the epoch; the frame is what is encrypted.
    wireFormat: 'public',
    authenticatedData: encode((writer) => writer.uint64(statement), undefined),
  })
  const id = nodeIdOf(made.state)
  const { groupContext, own } = parent.state
  draft.tree = draft.tree.with({ ...parent, state: made.parent }).with({
    id,
    parent: parent.id,
    height: made.state.groupContext.epoch,
    rendezvous: await rendezvousOf(context.wire, made.state),
    state: made.state,
    committer: device,
    rank: commitRank(context.wire, groupContext.groupId, groupContext.epoch, own.leafIndex),
  })
  draft.counters = {
    ...draft.counters,
    statement,
    statements: new Map(draft.counters.statements).set(device, { number: statement, node: id }),
  }
  draft.ownCommits.set(id, { node: id, intent, welcome: made.welcome, settlesAtMs: nowMs + SETTLING_MS })
  await publish(context, draft, parent, PayloadKind.commit, made.message, nowMs)
  await followHead(context, draft, nowMs)
}

/** Hands out the Welcomes of commits that have settled: nobody is let into a branch that may be given up. */
export function handOutWelcomes(draft: Draft, nowMs: number): void {
  const path = new Set(draft.tree.path(draft.head).map(({ id }) => id))
  for (const [id, own] of draft.ownCommits) {
    if (own.welcome === undefined || own.settlesAtMs > nowMs || !path.has(id)) continue
    if (own.intent.kind === 'add') {
      for (const { inbox } of own.intent.newcomers) draft.welcomes.push({ inbox, welcome: own.welcome })
    }
    draft.ownCommits.set(id, { ...own, welcome: undefined })
  }
}
