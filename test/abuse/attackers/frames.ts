// The frames that attackers throw.

import { Secret } from '../../../src/crypto/secret.ts'
import { readContactCard } from '../../../src/wire/contact-card.ts'
import { sealFrame } from '../../../src/wire/frame.ts'
import { encodePointer, InboxKind, inboxChannel, sealForInbox } from '../../../src/wire/inbox.ts'
import { type TopicKeys, topicFromSeed } from '../../../src/wire/topic.ts'
import { wire } from '../processes/closed-store.ts'

export type Maker = (count: number) => Promise<readonly Uint8Array[]>

/** Of the right length and version, and of nobody. */
export async function unsigned(count: number): Promise<readonly Uint8Array[]> {
  return many(count, async () => {
    const bytes = wire.randomBytes(FRAME_BYTES)
    bytes[0] = 1
    return bytes
  })
}

/** Properly signed, by the key of another topic. */
export async function signedByStranger(): Promise<Maker> {
  return junkOf(await newTopic())
}

/** Properly signed by the topic's key, and under a key that nobody has. */
export function junkOf(topic: TopicKeys): Maker {
  return (count) =>
    many(count, () => sealFrame(wire, topic, new Secret(wire.randomBytes(32)), wire.randomBytes(64), Date.now()))
}

/** Everything that somebody with a contact card can leave: what cannot be read, and what is of no use. */
export async function inboxJunk(card: string): Promise<{ readonly topic: TopicKeys; readonly make: Maker }> {
  const { inbox } = await readContactCard(wire, card)
  const { topic, frameKey } = await inboxChannel(wire, inbox)
  const kinds = [
    async () => wire.randomBytes(256),
    async () => wire.randomBytes(256),
    () => sealForInbox(wire, inbox, { kind: InboxKind.welcome, body: wire.randomBytes(200) }),
    () => sealForInbox(wire, inbox, { kind: InboxKind.pointer, body: encodePointer(wire.randomBytes(32), 1_000_000) }),
  ]
  let made = 0
  const make: Maker = (count) =>
    many(count, async () => {
      const payload = await kinds[made++ % kinds.length]?.()
      return sealFrame(wire, topic, frameKey, payload ?? new Uint8Array(0), Date.now())
    })
  return { topic, make }
}

export function newTopic(): Promise<TopicKeys> {
  return topicFromSeed(wire, wire.randomBytes(32))
}

async function many(count: number, make: () => Promise<Uint8Array>): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = []
  for (let i = 0; i < count; i++) frames.push(await make())
  return frames
}

const FRAME_BYTES = 400
