// What is left in somebody's inbox: one frame, or a large one and a pointer to it.

import type { CipherSuite } from '../crypto/labels.ts'
import type { OutboundWelcome } from '../session/effects.ts'
import { MAX_FRAME_BYTES, sealFrame } from '../wire/frame.ts'
import {
  encodePointer,
  type InboxAddress,
  InboxKind,
  type InboxMessage,
  inboxChannel,
  sealForInbox,
} from '../wire/inbox.ts'
import type { TopicKeys } from '../wire/topic.ts'

/** What is left for a device. */
export interface LeftMessage {
  readonly topicKeys: TopicKeys
  /** In this order. */
  readonly frames: readonly Uint8Array[]
}

/** Seals a Welcome for a device's inbox. @throws CoterieError `TRANSPORT_FRAME_TOO_LARGE` (caller) */
export function leaveWelcome(
  wire: CipherSuite,
  { inbox, welcome }: Pick<OutboundWelcome, 'inbox' | 'welcome'>,
  nowMs: number,
): Promise<LeftMessage> {
  return leaveMessage(wire, inbox, { kind: InboxKind.welcome, body: welcome }, nowMs)
}

/** Seals a message for a device's inbox. @throws CoterieError `TRANSPORT_FRAME_TOO_LARGE` (caller) */
export async function leaveMessage(
  wire: CipherSuite,
  inbox: InboxAddress,
  message: InboxMessage,
  nowMs: number,
): Promise<LeftMessage> {
  const { topic, frameKey } = await inboxChannel(wire, inbox)
  const seal = async (one: InboxMessage): Promise<Uint8Array> =>
    sealFrame(wire, topic, frameKey, await sealForInbox(wire, inbox, one), nowMs)
  const frame = await seal(message)
  if (frame.length <= MAX_FRAME_BYTES) return { topicKeys: topic, frames: [frame] }
  const body = encodePointer(wire.hash.digest(frame), frame.length)
  return { topicKeys: topic, frames: [frame, await seal({ kind: InboxKind.pointer, body })] }
}
