// A Welcome as it is left in an inbox: one frame, or a large one and a pointer to it.

import type { CipherSuite } from '../crypto/labels.ts'
import type { OutboundWelcome } from '../session/effects.ts'
import { MAX_FRAME_BYTES, sealFrame } from '../wire/frame.ts'
import { encodePointer, InboxKind, type InboxMessage, inboxChannel, sealForInbox } from '../wire/inbox.ts'
import type { TopicKeys } from '../wire/topic.ts'

/** What is left for a device. */
export interface LeftWelcome {
  readonly topicKeys: TopicKeys
  /** In this order. */
  readonly frames: readonly Uint8Array[]
}

/** Seals a Welcome for a device's inbox. @throws CoterieError `TRANSPORT_FRAME_TOO_LARGE` (caller) */
export async function leaveWelcome(
  wire: CipherSuite,
  { inbox, welcome }: OutboundWelcome,
  nowMs: number,
): Promise<LeftWelcome> {
  const { topic, frameKey } = await inboxChannel(wire, inbox)
  const seal = async (message: InboxMessage): Promise<Uint8Array> =>
    sealFrame(wire, topic, frameKey, await sealForInbox(wire, inbox, message), nowMs)
  const frame = await seal({ kind: InboxKind.welcome, body: welcome })
  if (frame.length <= MAX_FRAME_BYTES) return { topicKeys: topic, frames: [frame] }
  const body = encodePointer(wire.hash.digest(frame), frame.length)
  return { topicKeys: topic, frames: [frame, await seal({ kind: InboxKind.pointer, body })] }
}
