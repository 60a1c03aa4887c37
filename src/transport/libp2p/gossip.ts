// Gossipsub as coterie needs it: frames carry their own signature and no sender, groups are small, and whoever sends junk
// is soon not listened to.

import { type GossipSub, type GossipSubComponents, gossipsub } from '@libp2p/gossipsub'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, utf8 } from '../../bytes.ts'
import { MAX_FRAME_BYTES, type Topic } from '../transport.ts'
import { Penalties } from './penalties.ts'

/** What can be chosen about gossip. */
export interface GossipOptions {
  /** How often gossip repairs its mesh. Default: 1,000 ms. */
  readonly heartbeatMs?: number
}

/**
 * The pubsub service of a libp2p node that is to carry coterie's frames.
 *
 * ```ts
 * createLibp2p({ services: { identify: identify(), pubsub: coterieGossipsub() } })
 * ```
 */
export function coterieGossipsub(options: GossipOptions = {}): (components: GossipSubComponents) => GossipSub {
  return (components) => {
    const penalties = new Penalties()
    const pubsub: GossipSub = gossipsub({
      globalSignaturePolicy: 'StrictNoSign',
      msgIdFn: ({ topic, data }) => sha256(concat(utf8(topic), Uint8Array.of(0), data)),
      emitSelf: false,
      doPX: false,
      // Through a relay's circuit as well: what it cuts off begins anew.
      runOnLimitedConnection: true,
      fallbackToFloodsub: false,
      // A mesh takes a heartbeat or more to form: what is published goes to all who are known to hear the topic.
      floodPublish: true,
      allowPublishToZeroTopicPeers: true,
      ignoreDuplicatePublishError: true,
      ...MESH,
      heartbeatInterval: options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS,
      unsubcribeBackoff: 1_000,
      maxInboundDataLength: MAX_RPC_BYTES,
      maxOutboundBufferSize: MAX_WAITING_BYTES,
      dataTransform: {
        // Frames of topics that nobody here listens to would go unjudged: neither remember them nor pass them on.
        inboundTransform: (topic, data) => {
          if (isOurs(topic) && !pubsub.topicValidators.has(topic)) throw new Error('a frame of an unknown topic')
          if (isOurs(topic) && data.length > MAX_FRAME_BYTES) throw new Error('a frame that is too large')
          return data
        },
        outboundTransform: (_topic, data) => data,
      },
      scoreParams: {
        appSpecificScore: (peer) => -penalties.of(peer),
        appSpecificWeight: 1,
        // Households, offices and tests have many peers at one address.
        IPColocationFactorWeight: 0,
        // A frame that was announced may come late from a peer that is busy with cryptography.
        behaviourPenaltyThreshold: 6,
      },
    })(components)
    penaltiesOf.set(pubsub, penalties)
    return pubsub
  }
}

/** Holds a frame that was rejected against the peer that sent it. */
export function punish(pubsub: GossipSub, peer: string): void {
  penaltiesOf.get(pubsub)?.add(peer)
}

/** Whether a peer has sent so much junk that it is not heard. */
export function isOutcast(pubsub: GossipSub, peer: string): boolean {
  return penaltiesOf.get(pubsub)?.isOutcast(peer) === true
}

/** A topic's name among all that pubsub carries. */
export function wireTopic(topic: Topic): string {
  return `${PREFIX}${topic}`
}

/** Undefined for what is not coterie's. */
export function topicOf(wire: string): Topic | undefined {
  return isOurs(wire) ? wire.slice(PREFIX.length) : undefined
}

export const DEFAULT_HEARTBEAT_MS = 1_000

const PREFIX = '/coterie/1/'
const isOurs = (wire: string): boolean => wire.startsWith(PREFIX)

/** Up to a dozen peers are all connected to each other; beyond, some eight pass a frame on. */
const MESH = { D: 8, Dlo: 6, Dhi: 12, Dscore: 4, Dout: 2, Dlazy: 8 } as const

/** One message of gossipsub may hold many frames that were asked for together. */
const MAX_RPC_BYTES = 8 * 1024 * 1024

/** What waits for a peer that does not read, before the stream to it is given up. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024

const penaltiesOf = new WeakMap<GossipSub, Penalties>()
