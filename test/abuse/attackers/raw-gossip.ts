// Gossip as somebody speaks it who keeps to no rule: a bare libp2p node that writes to gossipsub's stream whatever it likes, as
// fast as the other side takes it, and believes nothing.

import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import type { Libp2p, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { encode } from 'it-length-prefixed'
import { createLibp2p } from 'libp2p'
import { concat, utf8 } from '../../../src/bytes.ts'

const GOSSIP = ['/meshsub/1.2.0', '/meshsub/1.1.0', '/meshsub/1.0.0']

/** A node without any service of its own that counts. */
export function bareNode(): Promise<Libp2p> {
  return createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
}

/** A stream of one name to one victim. */
export class RawGossip {
  readonly #node: Libp2p
  readonly #stream: Stream

  private constructor(node: Libp2p, stream: Stream) {
    this.#node = node
    this.#stream = stream
  }

  /** Under a new name. @param topic - to be subscribed to */
  static async dial(address: string, topic: string): Promise<RawGossip> {
    const node = await bareNode()
    const stream = await node.dialProtocol(multiaddr(address), GOSSIP)
    const raw = new RawGossip(node, stream)
    await raw.#subscribe(topic)
    return raw
  }

  /** Under a new name: subscribed like any other, and never reads what is sent to it. */
  static async dialDeaf(address: string, topic: string): Promise<RawGossip> {
    const node = await bareNode()
    // Whoever is heard of over gossip is sent to over a stream of its own, which is left as it comes.
    await node.handle(GOSSIP, (stream) => stream.pause())
    const stream = await node.dialProtocol(multiaddr(address), GOSSIP)
    const raw = new RawGossip(node, stream)
    await raw.#subscribe(topic)
    return raw
  }

  /** Many frames in one message. @throws Error where the victim has ended the stream, or takes nothing for long */
  async publish(topic: string, frames: readonly Uint8Array[]): Promise<void> {
    const name = field(4, utf8(wireTopic(topic)))
    await this.#write(concat(...frames.map((frame) => field(2, concat(field(2, frame), name)))))
  }

  /** Goes when the victim has taken everything, or takes nothing for long. */
  async stop(): Promise<void> {
    await this.#stream.close({ signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => undefined)
    await this.#node.stop()
  }

  #subscribe(topic: string): Promise<void> {
    return this.#write(field(1, concat(Uint8Array.of(0x08, 1), field(2, utf8(wireTopic(topic))))))
  }

  async #write(message: Uint8Array): Promise<void> {
    if (this.#stream.send(encode.single(message))) return
    await this.#stream.onDrain({ signal: AbortSignal.timeout(PATIENCE_MS) })
  }
}

function wireTopic(topic: string): string {
  return `/coterie/1/${topic}`
}

/** A field of protocol buffers that holds bytes. */
function field(number: number, content: Uint8Array): Uint8Array {
  const lengths: number[] = []
  let rest = content.length
  for (; rest > 0x7f; rest >>>= 7) lengths.push((rest & 0x7f) | 0x80)
  return concat(Uint8Array.of((number << 3) | 2, ...lengths, rest), content)
}

const PATIENCE_MS = 60_000
