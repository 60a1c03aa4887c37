// The default transport: frames over gossipsub, streams over encrypted connections, peers found by address, on the local
// network, or by whatever the application's own node brings along.

import { fail } from '../../errors.ts'
import { checkFrameSize, checkProtocolName } from '../limits.ts'
import { Listeners } from '../listeners.ts'
import { Sequence } from '../sequence.ts'
import type {
  FrameHandler,
  MessageStream,
  PeerId,
  Topic,
  Transport,
  TransportEvent,
  Unsubscribe,
} from '../transport.ts'
import { isMultiaddr } from './addresses.ts'
import { createNode } from './create-node.ts'
import { checkOptions, type Libp2pTransportOptions } from './options.ts'
import { type Node, RunningNode } from './running-node.ts'

/**
 * Makes a transport over libp2p: TCP and WebSockets, noise, yamux, gossipsub, identify and mDNS; or over the application's
 * own node. Peers that were connected by address are dialled again when they are lost.
 * @throws CoterieError `ARGUMENT_INVALID` (caller)
 */
export function libp2pTransport(options: Libp2pTransportOptions = {}): Transport {
  checkOptions(options)
  return new Libp2pTransport(options)
}

class Libp2pTransport implements Transport {
  readonly #makeNode: () => Promise<Node>
  readonly #options: Libp2pTransportOptions
  readonly #listeners = new Listeners<TransportEvent>()
  readonly #servers = new Map<string, (stream: MessageStream) => Promise<void>>()
  readonly #lifecycle = new Sequence()
  #running: RunningNode | undefined
  #peer: PeerId | undefined

  constructor(options: Libp2pTransportOptions) {
    this.#options = options
    if (options.node === undefined) {
      const seed = new Uint8Array(options.privateKey ?? crypto.getRandomValues(new Uint8Array(32)))
      this.#makeNode = () => createNode(options, seed)
    } else {
      this.#makeNode = async () => options.node
    }
  }

  get peer(): PeerId {
    return this.#peer ?? fail('TRANSPORT_STOPPED', 'this transport has not been started')
  }

  addresses(): readonly string[] {
    return this.#running?.addresses() ?? []
  }

  isAddress(text: string): boolean {
    return isMultiaddr(text)
  }

  start(): Promise<void> {
    return this.#lifecycle.run(async () => {
      if (this.#running !== undefined) return
      const running = new RunningNode(await this.#makeNode(), this.#options, (event) => this.#listeners.emit(event))
      for (const [protocol, serve] of this.#servers) await running.serve(protocol, serve)
      this.#peer = running.peer
      await running.start()
      this.#running = running
    })
  }

  stop(): Promise<void> {
    return this.#lifecycle.run(async () => {
      const running = this.#running
      this.#running = undefined
      this.#servers.clear()
      this.#listeners.clear()
      await running?.stop()
    })
  }

  async connect(address: string): Promise<PeerId> {
    return this.#whileRunning().connect(address)
  }

  connectedPeers(): readonly PeerId[] {
    return this.#running?.connectedPeers() ?? []
  }

  subscribe(topic: Topic, onFrame: FrameHandler): Unsubscribe {
    return this.#whileRunning().topics.subscribe(topic, onFrame)
  }

  async publish(topic: Topic, frame: Uint8Array): Promise<{ readonly peers: number }> {
    const running = this.#whileRunning()
    checkFrameSize(frame)
    try {
      return await running.topics.publish(topic, frame)
    } catch (cause) {
      return running.failed('TRANSPORT_UNREACHABLE', 'the frame could not be published', cause)
    }
  }

  peers(topic: Topic): readonly PeerId[] {
    return this.#running?.topics.peers(topic) ?? []
  }

  async open(peer: PeerId, protocol: string): Promise<MessageStream> {
    const running = this.#whileRunning()
    checkProtocolName(protocol)
    return running.open(peer, protocol)
  }

  handle(protocol: string, serve: (stream: MessageStream) => Promise<void>): void {
    checkProtocolName(protocol)
    if (this.#servers.has(protocol)) fail('ARGUMENT_INVALID', `streams of protocol ${protocol} are answered already`)
    this.#servers.set(protocol, serve)
    // The node answers from now on; what it does afterwards is to tell its peers, and fails where it is being stopped.
    this.#running?.serve(protocol, serve).catch(() => undefined)
  }

  onEvent(listener: (event: TransportEvent) => void): Unsubscribe {
    return this.#listeners.add(listener)
  }

  #whileRunning(): RunningNode {
    return this.#running ?? fail('TRANSPORT_STOPPED', 'this transport is not running')
  }
}
