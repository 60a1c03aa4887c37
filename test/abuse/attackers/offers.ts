// What attackers do over direct streams: have a relay carry topics of their own, and offer frames to whoever reconciles.

import { RelayConversation } from '../../../src/client/relay-conversation.ts'
import { RECONCILE_PROTOCOL, reconcile } from '../../../src/topics/reconciliation.ts'
import { libp2pTransport } from '../../../src/transport/libp2p/libp2p-transport.ts'
import { parseFrame } from '../../../src/wire/frame.ts'
import type { TopicKeys } from '../../../src/wire/topic.ts'
import { holder } from '../../client/sync/holder.ts'
import { wire } from '../processes/closed-store.ts'
import type { Maker } from './frames.ts'

export interface Offer {
  readonly address: string
  readonly topic: TopicKeys
  readonly frames: number
  readonly names: number
  readonly make: Maker
}

/** Offers frames by reconciliation, under several names one after the other. @returns how many were taken */
export async function offerFrames({
  address,
  topic,
  frames,
  names,
  make,
}: Offer): Promise<{ offered: number; taken: number }> {
  let [offered, taken] = [0, 0]
  for (let name = 0; name < names; name++) {
    const transport = libp2pTransport({ mdns: false, listen: [] })
    await transport.start()
    try {
      const peer = await transport.connect(address)
      const made = await make(Math.ceil(frames / names))
      offered += made.length
      const bytes = made.map((frame) => parseFrame(wire, topic.name, frame))
      const own = await holder(transport.peer, bytes, { topic, clock: Date.now, stepMs: 30_000 })
      const host = { ...own, isRelay: () => true }
      for (let round = 0; round < ROUNDS; round++) {
        const { sent } = await reconcile(host, await transport.open(peer, RECONCILE_PROTOCOL), topic)
        taken += sent
        if (sent === 0) break
      }
    } catch {
      // It was not wanted any more.
    } finally {
      await transport.stop()
    }
  }
  return { offered, taken }
}

/** Has a relay carry a topic. */
export async function pinTopic(address: string, topic: TopicKeys): Promise<void> {
  const transport = libp2pTransport({ mdns: false, listen: [] })
  await transport.start()
  try {
    const peer = await transport.connect(address)
    await RelayConversation.with({ wire, transport }, peer, (conversation) => conversation.pin(topic, 3_600, false))
  } finally {
    await transport.stop()
  }
}

const ROUNDS = 8
