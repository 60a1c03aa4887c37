// Turning what is to be said into frames for the group's topic.

import { EMPTY } from '../bytes.ts'
import type { Secret } from '../crypto/secret.ts'
import { exportSecret } from '../group/exporter.ts'
import { MAX_FRAME_BYTES, sealFrame } from '../wire/frame.ts'
import type { TopicKeys } from '../wire/topic.ts'
import type { Draft } from './draft.ts'
import type { OpenEpoch } from './epoch-tree.ts'
import { encodePayload, encodePointer, PayloadKind } from './payload.ts'
import type { Context } from './session-state.ts'
import { partings, pathTo } from './statement.ts'
import { signVote } from './vote.ts'

/** The key of an epoch's frames: known to its members, whichever branch others are on. */
export function frameKey(context: Context, node: OpenEpoch): Secret {
  const known = context.frameKeys.get(node.id)
  if (known !== undefined) return known
  const key = exportSecret(node.state, 'coterie frame', EMPTY, FRAME_KEY_BYTES)
  context.frameKeys.set(node.id, key)
  return key
}

/** Puts a message into a frame under an epoch's key. */
export async function publish(
  context: Context,
  draft: Draft,
  epoch: OpenEpoch,
  kind: PayloadKind,
  message: Uint8Array,
  nowMs: number,
  messages: readonly Uint8Array[] = [],
): Promise<void> {
  const { topic } = draft.rendezvousAt(epoch.topic)
  await publishUnder(context, draft, topic, frameKey(context, epoch), encodePayload(kind, message), nowMs, messages)
}

/** Says something to all branches that meet at a topic. */
export async function publishToAll(
  context: Context,
  draft: Draft,
  topicName: string,
  kind: PayloadKind,
  body: Uint8Array,
  nowMs: number,
): Promise<void> {
  const { topic, controlKey } = draft.rendezvousAt(topicName)
  await publishUnder(context, draft, topic, controlKey, encodePayload(kind, body), nowMs, [])
}

/** Says where this device stands, on the topics of those who may stand elsewhere. */
export async function vote(
  context: Context,
  draft: Draft,
  where: Iterable<string>,
  stuck: boolean,
  nowMs: number,
): Promise<void> {
  const topics = new Set(where)
  const number = draft.counters.statement + 1n
  const { stand } = draft.counters
  const path = pathTo(draft.tree, stand, partings(draft.tree, stand, draft.ledgers.statements.values()))
  const { id, height } = draft.here
  draft.counters = { ...draft.counters, statement: number, voted: { id, height } }
  const before = draft.watch.said?.id === id ? draft.watch.said : undefined
  const said = { id, on: new Set([...(before?.on ?? []), ...topics]), times: (before?.times ?? 0) + 1 }
  draft.watch = { ...draft.watch, votedAtMs: nowMs, said }
  draft.ledgers.statements.set(context.self, { device: context.self, number, path, stuck, conflict: false })
  const body = await signVote(context.wire, context.device, context.groupId, { number, path, stuck })
  for (const topic of topics) await publishToAll(context, draft, topic, PayloadKind.vote, body, nowMs)
}

/** Whether this device has said on a topic that it stands where it stands. */
export function hasSaid({ watch, counters }: Draft, topic: string): boolean {
  return watch.said !== undefined && watch.said.id === counters.stand && watch.said.on.has(topic)
}

async function publishUnder(
  context: Context,
  draft: Draft,
  topic: TopicKeys,
  key: Secret,
  payload: Uint8Array,
  nowMs: number,
  messages: readonly Uint8Array[],
): Promise<void> {
  const bytes = await sealFrame(context.wire, topic, key, payload, nowMs)
  if (bytes.length <= MAX_FRAME_BYTES) {
    draft.frames.push({ topic: topic.name, bytes, messages })
    return
  }
  // Topics carry no more than so much: the frame is kept for those who ask, and they are told of it.
  draft.frames.push({ topic: topic.name, bytes, messages: [] })
  const pointer = encodePointer({ id: context.wire.hash.digest(bytes), length: bytes.length })
  const small = await sealFrame(context.wire, topic, key, encodePayload(PayloadKind.pointer, pointer), nowMs)
  draft.frames.push({ topic: topic.name, bytes: small, messages })
}

const FRAME_KEY_BYTES = 32
