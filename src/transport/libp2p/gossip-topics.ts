// Topics over gossipsub: who hears them, what is published on them, and who judges what comes.

import { type GossipSub, type SubscriptionChangeData, TopicValidatorResult } from '@libp2p/gossipsub'
import { fail } from '../../errors.ts'
import { FairQueue } from '../fair-queue.ts'
import { judge } from '../listeners.ts'
import type { FrameHandler, PeerId, Topic, Unsubscribe, Verdict } from '../transport.ts'
import { isOutcast, punish, topicOf, wireTopic } from './gossip.ts'
import { holdBack } from './hold-back.ts'

export class GossipTopics {
  readonly #pubsub: GossipSub
  readonly #onSubscribed: (peer: PeerId, topic: Topic) => void
  readonly #subscriptions = new Map<Topic, FrameHandler>()
  /** Frames that are being judged: who sends faster than that is not read from meanwhile. */
  readonly #judging: FairQueue
  /** Peers whose subscription is known before frames can be sent to them. */
  readonly #awaited = new Map<PeerId, Set<Topic>>()
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #onChange = ({ detail }: CustomEvent<SubscriptionChangeData>): void => this.#noteChange(detail)

  constructor(pubsub: GossipSub, onSubscribed: (peer: PeerId, topic: Topic) => void) {
    this.#pubsub = pubsub
    this.#onSubscribed = onSubscribed
    this.#judging = new FairQueue(JUDGING, (peer, isFull) => holdBack(pubsub, peer, isFull))
    pubsub.addEventListener('subscription-change', this.#onChange)
  }

  subscribe(topic: Topic, onFrame: FrameHandler): Unsubscribe {
    if (this.#subscriptions.has(topic)) fail('ARGUMENT_INVALID', `there is a handler for topic ${topic}`)
    // Wrapped, so that an old Unsubscribe never ends a later subscription of the same function.
    const handler: FrameHandler = (frame, from) => onFrame(frame, from)
    const wire = wireTopic(topic)
    this.#subscriptions.set(topic, handler)
    this.#pubsub.topicValidators.set(wire, async (peer, message) => {
      const from = peer.toString()
      const verdict = await this.#judging.run(from, async () => {
        // What it had sent before it was found out is not worth a look any more.
        if (isOutcast(this.#pubsub, from)) return 'ignore'
        return judge(handler, new Uint8Array(message.data), from)
      })
      if (verdict === 'reject') punish(this.#pubsub, from)
      return RESULTS[verdict]
    })
    this.#pubsub.subscribe(wire)
    return () => {
      if (this.#subscriptions.get(topic) === handler) this.#unsubscribe(topic)
    }
  }

  async publish(topic: Topic, frame: Uint8Array): Promise<{ readonly peers: number }> {
    // Gossipsub remembers what it has published and would not send it again to those who come later.
    if (this.peers(topic).length === 0) return { peers: 0 }
    const { recipients } = await this.#pubsub.publish(wireTopic(topic), new Uint8Array(frame))
    return { peers: recipients.length }
  }

  peers(topic: Topic): readonly PeerId[] {
    return this.#pubsub
      .getSubscribers(wireTopic(topic))
      .map(String)
      .filter((peer) => canSendTo(this.#pubsub, peer))
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#awaited.clear()
    this.#pubsub.removeEventListener('subscription-change', this.#onChange)
    for (const topic of [...this.#subscriptions.keys()]) this.#unsubscribe(topic)
  }

  #unsubscribe(topic: Topic): void {
    this.#subscriptions.delete(topic)
    this.#pubsub.topicValidators.delete(wireTopic(topic))
    // Before it has started and after it has stopped, gossipsub refuses; then nobody knows of the subscription.
    if (this.#pubsub.getTopics().includes(wireTopic(topic))) this.#pubsub.unsubscribe(wireTopic(topic))
  }

  #noteChange({ peerId, subscriptions }: SubscriptionChangeData): void {
    const peer = peerId.toString()
    const topics = this.#awaited.get(peer) ?? new Set()
    for (const { topic: wire, subscribe } of subscriptions) {
      const topic = topicOf(wire)
      if (topic === undefined) continue
      if (subscribe) topics.add(topic)
      else topics.delete(topic)
    }
    this.#awaited.set(peer, topics)
    this.#announceReady()
  }

  /** A peer's subscriptions can arrive before the stream to it stands: gossipsub tells of the first, and not of the second. */
  #announceReady(): void {
    clearTimeout(this.#timer)
    const connected = new Set(this.#pubsub.getPeers().map(String))
    for (const [peer, topics] of [...this.#awaited]) {
      if (!connected.has(peer)) this.#awaited.delete(peer)
      if (!connected.has(peer) || !canSendTo(this.#pubsub, peer)) continue
      this.#awaited.delete(peer)
      for (const topic of topics) this.#onSubscribed(peer, topic)
    }
    if (this.#awaited.size > 0) this.#timer = setTimeout(() => this.#announceReady(), READY_POLL_MS)
  }
}

/** Whether gossipsub has a stream to this peer. Not part of its interface; where it cannot be seen, assume so. */
export function canSendTo(pubsub: GossipSub, peer: PeerId): boolean {
  if (!('streamsOutbound' in pubsub) || !(pubsub.streamsOutbound instanceof Map)) return true
  return pubsub.streamsOutbound.has(peer)
}

const READY_POLL_MS = 20

/** Enough to keep the pool of threads that verifies signatures busy, and to let writes be gathered. */
const JUDGING = { atOnce: 64, ofPeer: 16, full: 256, ready: 64 }

const RESULTS: Readonly<Record<Verdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}
