// Gossipsub opens its streams when a connection is made, and never again: where one of them breaks, both sides fall silent
// though the connection stands. Then only a new connection helps.

import type { GossipSub } from '@libp2p/gossipsub'
import type { Libp2p, PeerId as RemotePeer } from '@libp2p/interface'
import type { PeerId } from '../transport.ts'
import { canSendTo } from './gossip-topics.ts'

export class GossipWatch {
  readonly #node: Libp2p<{ pubsub: GossipSub }>
  readonly #timer: ReturnType<typeof setInterval>
  /** How often in succession a peer was found silent. */
  #silent = new Map<PeerId, number>()

  constructor(node: Libp2p<{ pubsub: GossipSub }>, intervalMs: number) {
    this.#node = node
    this.#timer = setInterval(() => void this.#look(), intervalMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    const before = this.#silent
    this.#silent = new Map()
    for (const remote of this.#node.getPeers()) {
      if (!(await this.#isSilent(remote))) continue
      const times = (before.get(remote.toString()) ?? 0) + 1
      this.#silent.set(remote.toString(), times)
      // What goes wrong while hanging up leaves the peer to be looked at again.
      if (times >= PATIENCE) await this.#node.hangUp(remote).catch(() => undefined)
    }
  }

  async #isSilent(remote: RemotePeer): Promise<boolean> {
    const { pubsub } = this.#node.services
    const known = pubsub.getPeers().some((peer) => peer.equals(remote))
    if (known && canSendTo(pubsub, remote.toString())) return false
    try {
      const { protocols } = await this.#node.peerStore.get(remote)
      return protocols.some((protocol) => pubsub.protocols.includes(protocol))
    } catch {
      // It has just left.
      return false
    }
  }
}

/** Streams take a moment to open; on a busy machine, some more. */
const PATIENCE = 3
