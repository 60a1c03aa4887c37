// Turning what MLS made into frames for the group's topic.

import { EMPTY } from '../bytes.ts'
import type { Secret } from '../crypto/secret.ts'
import { exportSecret } from '../group/exporter.ts'
import type { GroupState } from '../group/state.ts'
import { sealFrame } from '../wire/frame.ts'
import type { EpochNode } from './epoch-tree.ts'
import { encodePayload, type PayloadKind } from './payload.ts'
import type { Draft, SessionContext } from './session-state.ts'

/** The key of an epoch's frames: known to its members, whichever branch others are on. */
export function frameKey(state: GroupState): Secret {
  return exportSecret(state, 'coterie frame', EMPTY, FRAME_KEY_BYTES)
}

/** Puts a message into a frame under an epoch's key. */
export async function publish(
  context: SessionContext,
  draft: Draft,
  epoch: Pick<EpochNode, 'state' | 'rendezvous'>,
  kind: PayloadKind,
  message: Uint8Array,
  nowMs: number,
): Promise<void> {
  const key = frameKey(epoch.state)
  const { topic } = epoch.rendezvous
  const bytes = await sealFrame(context.wire, topic, key, encodePayload(kind, message), nowMs)
  key.wipe()
  draft.frames.push({ topic: topic.name, bytes })
}

const FRAME_KEY_BYTES = 32
