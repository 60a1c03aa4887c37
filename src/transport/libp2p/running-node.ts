// One life of the transport, from start to stop: a libp2p node, and what this transport has on it.

import type { GossipSub } from '@libp2p/gossipsub'
import type { Connection, Libp2p, PeerInfo, PeerId as RemotePeer, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { CoterieError, type ErrorCode, fail } from '../../errors.ts'
import { answer } from '../answer.ts'
import type { MessageStream, PeerId, TransportEvent } from '../transport.ts'
import { parseAddress } from './addresses.ts'
import { DEFAULT_HEARTBEAT_MS } from './gossip.ts'
import { GossipTopics } from './gossip-topics.ts'
import { GossipWatch } from './gossip-watch.ts'
import { KeptPeers } from './kept-peers.ts'
import { whyNotListening } from './listening.ts'
import { Libp2pMessageStream } from './message-stream.ts'
import type { Libp2pTransportOptions } from './options.ts'
import { Penalties } from './penalties.ts'

export type Node = Libp2p<{ pubsub: GossipSub }>

export class RunningNode {
  readonly topics: GossipTopics
  readonly #node: Node
  readonly #options: Libp2pTransportOptions
  readonly #emit: (event: TransportEvent) => void
  readonly #kept: KeptPeers
  readonly #watch: GossipWatch
  readonly #streams = new Set<MessageStream>()
  /** Of those who open streams and do not keep to what is said on them. */
  readonly #penalties = new Penalties()
  readonly #protocols: string[] = []
  readonly #stopped = new AbortController()
  readonly #startedHere: boolean

  constructor(node: Node, options: Libp2pTransportOptions, emit: (event: TransportEvent) => void) {
    this.#node = node
    this.#options = options
    this.#emit = emit
    this.#startedHere = node.status !== 'started'
    this.topics = new GossipTopics(node.services.pubsub, (peer, topic) => emit({ type: 'subscribed', peer, topic }))
    const dialler = {
      dial: (address: string) => this.#dial(address),
      isConnected: (peer: PeerId) => this.connectedPeers().includes(peer),
    }
    this.#kept = new KeptPeers(dialler, options.redialMs ?? REDIAL_MS)
    this.#watch = new GossipWatch(node, WATCH_HEARTBEATS * (options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS))
    node.addEventListener('peer:connect', this.#onConnect)
    node.addEventListener('peer:disconnect', this.#onDisconnect)
    // An application's node may discover half the internet; whom of that to dial is the application's business.
    if (options.node === undefined) node.addEventListener('peer:discovery', this.#onDiscovery)
  }

  get peer(): PeerId {
    return this.#node.peerId.toString()
  }

  addresses(): readonly string[] {
    return this.#node.getMultiaddrs().map(String)
  }

  connectedPeers(): readonly PeerId[] {
    return this.#node.getPeers().map(String)
  }

  async start(): Promise<void> {
    try {
      if (this.#startedHere) await this.#node.start()
    } catch (cause) {
      await this.stop()
      return fail('TRANSPORT_LISTEN_FAILED', whyNotListening(cause), { cause })
    }
    for (const address of this.#options.bootstrap ?? []) this.#kept.seek(address)
  }

  /** Never rejects: whatever could not be ended in order is gone with the node. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#kept.stop()
    this.#watch.stop()
    this.topics.stop()
    this.#node.removeEventListener('peer:connect', this.#onConnect)
    this.#node.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.#node.removeEventListener('peer:discovery', this.#onDiscovery)
    for (const stream of [...this.#streams]) stream.abort(new Error('the transport was stopped'))
    await Promise.allSettled([this.#node.unhandle(this.#protocols)])
    if (this.#startedHere) await Promise.allSettled([this.#node.stop()])
  }

  async connect(address: string): Promise<PeerId> {
    const peer = await this.#dial(address)
    this.#kept.keep(address, peer)
    return peer
  }

  async open(peer: PeerId, protocol: string): Promise<MessageStream> {
    try {
      const stream = await this.#node.dialProtocol(peerIdFromString(peer), wireProtocol(protocol), {
        signal: this.#limit(OPEN_TIMEOUT_MS),
        runOnLimitedConnection: true,
        maxOutboundStreams: MAX_OUTBOUND_STREAMS,
      })
      return this.#wrap(stream, peer)
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'UnsupportedProtocolError') {
        return fail('TRANSPORT_PROTOCOL_UNSUPPORTED', `${peer} does not answer streams of protocol ${protocol}`, {
          cause,
        })
      }
      return this.failed('TRANSPORT_UNREACHABLE', `no stream to ${peer} could be opened`, cause)
    }
  }

  async serve(protocol: string, serve: (stream: MessageStream) => Promise<void>): Promise<void> {
    const onStream = (stream: Stream, connection: Connection): void => {
      const remote = connection.remotePeer
      void answer(this.#wrap(stream, remote.toString()), async (messages) => {
        if (this.#penalties.isOutcast(messages.peer)) fail('TRANSPORT_STREAM_FAILED', 'a peer that is not heard')
        try {
          await serve(messages)
        } catch (error) {
          if (CoterieError.is(error) && error.origin === 'peer') this.#punish(remote)
          throw error
        }
      })
    }
    this.#protocols.push(wireProtocol(protocol))
    await this.#node.handle(wireProtocol(protocol), onStream, {
      maxInboundStreams: this.#options.maxInboundStreams ?? MAX_INBOUND_STREAMS,
      maxOutboundStreams: MAX_OUTBOUND_STREAMS,
      runOnLimitedConnection: true,
    })
  }

  /** Throws what libp2p threw as an error of ours. */
  failed(code: ErrorCode, message: string, cause: unknown): never {
    if (this.#stopped.signal.aborted) fail('TRANSPORT_STOPPED', 'the transport was stopped meanwhile', { cause })
    return fail(code, message, { cause })
  }

  async #dial(address: string): Promise<PeerId> {
    const target = parseAddress(address)
    try {
      const { remotePeer } = await this.#node.dial(target, { signal: this.#limit(DIAL_TIMEOUT_MS) })
      return remotePeer.toString()
    } catch (cause) {
      return this.failed('TRANSPORT_UNREACHABLE', `nobody can be reached at ${address}`, cause)
    }
  }

  /** Whoever goes on is not worth a connection for a while. */
  #punish(remote: RemotePeer): void {
    this.#penalties.add(remote.toString(), PER_STREAM)
    if (this.#penalties.isOutcast(remote.toString())) this.#hangUp(remote)
  }

  #hangUp(remote: RemotePeer): void {
    // Not in good order, which takes two.
    for (const connection of this.#node.getConnections(remote)) connection.abort(new Error('a peer that is not heard'))
  }

  #limit(ms: number): AbortSignal {
    return AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(ms)])
  }

  #wrap(stream: Stream, peer: PeerId): MessageStream {
    const messages = new Libp2pMessageStream(peer, stream, this.#options.streamIdleMs ?? STREAM_IDLE_MS)
    if (stream.status !== 'open') return messages
    this.#streams.add(messages)
    stream.addEventListener('close', () => this.#streams.delete(messages))
    return messages
  }

  readonly #onConnect = ({ detail }: CustomEvent<RemotePeer>): void => {
    if (this.#penalties.isOutcast(detail.toString())) this.#hangUp(detail)
    else this.#emit({ type: 'connected', peer: detail.toString() })
  }

  readonly #onDisconnect = ({ detail }: CustomEvent<RemotePeer>): void => {
    this.#kept.lost(detail.toString())
    this.#emit({ type: 'disconnected', peer: detail.toString() })
  }

  readonly #onDiscovery = ({ detail }: CustomEvent<PeerInfo>): void => {
    if (this.connectedPeers().includes(detail.id.toString())) return
    const dialling = this.#node.dial(detail.id, { signal: this.#limit(DIAL_TIMEOUT_MS) })
    // It will be found again.
    dialling.catch(() => undefined)
  }
}

const wireProtocol = (protocol: string): string => `/coterie/${protocol}/1`

const DIAL_TIMEOUT_MS = 15_000
const OPEN_TIMEOUT_MS = 15_000
const STREAM_IDLE_MS = 60_000
const MAX_INBOUND_STREAMS = 32
const MAX_OUTBOUND_STREAMS = 256
const WATCH_HEARTBEATS = 5
/** Some forty streams that fail, and a peer is not connected for a while. */
const PER_STREAM = 2
const REDIAL_MS = { first: 500, longest: 30_000 }
