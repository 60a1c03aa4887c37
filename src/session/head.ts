// Moving to the head: after every epoch that is learnt of, with everything that depends on it.

import { encryptMessage } from '../group/application.ts'
import { members } from '../tree/ratchet-tree.ts'
import type { EpochNode, EpochTree, NodeId } from './epoch-tree.ts'
import { chooseHead } from './fork-choice.ts'
import { identityOf, readGroupProfile } from './group-profile.ts'
import { PayloadKind } from './payload.ts'
import { publish } from './publishing.ts'
import type { SessionCounters } from './session-records.ts'
import type { Draft, SessionContext } from './session-state.ts'

/** How many epochs behind the head keep their keys. Each costs forward secrecy. */
const RETAINED_EPOCHS = 8

/** The head of a tree, as the statements have it. */
export function headOf(tree: EpochTree, statements: SessionCounters['statements']): NodeId {
  const places = new Map([...statements].map(([device, { node }]) => [device, node] as const))
  return chooseHead(tree, places).id
}

/** Recomputes the head. Where it moved: tells the app, sends again what the new branch lacks, lets old epochs go. */
export async function followHead(context: SessionContext, draft: Draft, nowMs: number): Promise<void> {
  const before = draft.tree.at(draft.head)
  const head = draft.tree.at(headOf(draft.tree, draft.counters.statements))
  if (head.id === before.id) return
  draft.head = head.id
  const path = new Set(draft.tree.path(head.id).map(({ id }) => id))
  tellOfChange(draft, before, head, path.has(before.id))
  if (head.state.status !== 'active') {
    draft.events.push({ type: 'removed' })
    return
  }
  takeBackLostCommits(draft, path)
  await sendAgain(context, draft, path, nowMs)
  letGo(draft, head)
}

function tellOfChange(draft: Draft, before: EpochNode, head: EpochNode, descends: boolean): void {
  if (!descends) draft.events.push({ type: 'fork-resolved', from: before.height, to: head.height })
  const identities = (node: EpochNode): Set<string> =>
    new Set([...members(node.state.tree)].map(({ leafNode }) => identityOf(leafNode)))
  const was = identities(before)
  const is = identities(head)
  draft.events.push({
    type: 'epoch',
    epoch: head.height,
    added: [...is].filter((identity) => !was.has(identity)),
    removed: [...was].filter((identity) => !is.has(identity)),
  })
  const { name } = readGroupProfile(head.state.groupContext.extensions)
  if (name !== readGroupProfile(before.state.groupContext.extensions).name) draft.events.push({ type: 'renamed', name })
}

/** A commit on a branch that lost: its intent is to be carried out again. Its Welcome was never handed out, or is void. */
function takeBackLostCommits(draft: Draft, path: ReadonlySet<NodeId>): void {
  for (const [id, own] of draft.ownCommits) {
    if (path.has(id)) continue
    draft.ownCommits.delete(id)
    draft.lostIntents.push(own.intent)
  }
}

/** Messages that were encrypted on a branch that lost are encrypted again, under the same message id. */
async function sendAgain(
  context: SessionContext,
  draft: Draft,
  path: ReadonlySet<NodeId>,
  nowMs: number,
): Promise<void> {
  for (const [seq, entry] of draft.outbox) {
    if (path.has(entry.node)) continue
    const head = draft.tree.at(draft.head)
    const sent = await encryptMessage(head.state, entry.content)
    draft.tree = draft.tree.with({ ...head, state: sent.state })
    draft.outbox.set(seq, { ...entry, node: head.id })
    await publish(context, draft, head, PayloadKind.message, sent.message, nowMs)
  }
}

/** The one place where epochs, and with them their keys, are given up. */
function letGo(draft: Draft, head: EpochNode): void {
  const path = draft.tree.path(head.id)
  const root = path[path.length - 1 - RETAINED_EPOCHS]
  if (root === undefined || root.id === draft.tree.root) return
  draft.tree = draft.tree.rootedAt(root.id)
  for (const [seq, { node }] of draft.outbox) if (draft.tree.get(node) === undefined) draft.outbox.delete(seq)
  for (const id of draft.ownCommits.keys()) if (draft.tree.get(id) === undefined) draft.ownCommits.delete(id)
  const statements = [...draft.counters.statements].filter(([, { node }]) => draft.tree.get(node) !== undefined)
  draft.counters = { ...draft.counters, statements: new Map(statements) }
}
