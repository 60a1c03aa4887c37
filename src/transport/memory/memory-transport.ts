// A peer of a memory network. It passes frames on as gossipsub does: to peers that hear the topic, each frame once, and only
// what its own handler accepts.

import { fail } from '../../errors.ts'
import { answer } from '../answer.ts'
import { checkFrameSize, checkProtocolName } from '../limits.ts'
import { judge, Listeners } from '../listeners.ts'
import type {
  FrameHandler,
  MessageStream,
  PeerId,
  Topic,
  Transport,
  TransportEvent,
  Unsubscribe,
} from '../transport.ts'
import { SeenFrames, seenId } from './seen-frames.ts'
import { createStreamPair, type StreamPair } from './stream-pair.ts'

/** What peers of a network know of it. */
export interface Links {
  /** @throws CoterieError `ARGUMENT_INVALID` (caller): there is one of this name */
  join(node: MemoryTransport): void
  leave(node: MemoryTransport): void
  /** Connects and keeps connected. @throws CoterieError `TRANSPORT_UNREACHABLE` (environment) */
  link(from: MemoryTransport, to: PeerId): void
}

export class MemoryTransport implements Transport {
  readonly peer: PeerId
  readonly #links: Links
  readonly #listeners = new Listeners<TransportEvent>()
  readonly #servers = new Map<string, (stream: MessageStream) => Promise<void>>()
  readonly #subscriptions = new Map<Topic, FrameHandler>()
  readonly #neighbours = new Map<PeerId, MemoryTransport>()
  readonly #streams = new Map<PeerId, StreamPair[]>()
  #seen = new SeenFrames()
  #isRunning = false

  constructor(name: PeerId, links: Links) {
    this.peer = name
    this.#links = links
  }

  addresses(): readonly string[] {
    return this.#isRunning ? [`${SCHEME}${this.peer}`] : []
  }

  isAddress(text: string): boolean {
    return text.startsWith(SCHEME)
  }

  async start(): Promise<void> {
    if (this.#isRunning) return
    this.#links.join(this)
    this.#isRunning = true
  }

  async stop(): Promise<void> {
    if (!this.#isRunning) return
    this.#isRunning = false
    this.#subscriptions.clear()
    this.#servers.clear()
    this.#listeners.clear()
    this.#seen = new SeenFrames()
    this.#links.leave(this)
  }

  async connect(address: string): Promise<PeerId> {
    this.#checkRunning()
    if (!this.isAddress(address)) fail('ARGUMENT_INVALID', `an address on this network begins with ${SCHEME}`)
    const peer = address.slice(SCHEME.length)
    this.#links.link(this, peer)
    return peer
  }

  connectedPeers(): readonly PeerId[] {
    return [...this.#neighbours.keys()]
  }

  subscribe(topic: Topic, onFrame: FrameHandler): Unsubscribe {
    this.#checkRunning()
    if (this.#subscriptions.has(topic)) fail('ARGUMENT_INVALID', `there is a handler for topic ${topic}`)
    // Wrapped, so that an old Unsubscribe never ends a later subscription of the same function.
    const handler: FrameHandler = (frame, from) => onFrame(frame, from)
    this.#subscriptions.set(topic, handler)
    for (const neighbour of this.#neighbours.values()) neighbour.#announce(this, topic)
    return () => {
      if (this.#subscriptions.get(topic) === handler) this.#subscriptions.delete(topic)
    }
  }

  async publish(topic: Topic, frame: Uint8Array): Promise<{ readonly peers: number }> {
    this.#checkRunning()
    checkFrameSize(frame)
    const hearers = this.#hearers(topic)
    const id = seenId(topic, frame)
    // A frame that reached nobody has not been sent, and can be sent again.
    if (hearers.length === 0 || !this.#seen.add(id)) return { peers: 0 }
    this.#pass(hearers, topic, new Uint8Array(frame), id)
    return { peers: hearers.length }
  }

  peers(topic: Topic): readonly PeerId[] {
    return this.#hearers(topic).map(({ peer }) => peer)
  }

  async open(peer: PeerId, protocol: string): Promise<MessageStream> {
    this.#checkRunning()
    const other = this.#neighbours.get(peer)
    if (other === undefined) return fail('TRANSPORT_UNREACHABLE', `there is no connection to ${peer}`)
    const serve = other.#servers.get(protocol)
    if (serve === undefined) {
      return fail('TRANSPORT_PROTOCOL_UNSUPPORTED', `${peer} does not answer streams of protocol ${protocol}`)
    }
    const pair = createStreamPair(this.peer, peer)
    this.#remember(peer, pair)
    other.#remember(this.peer, pair)
    soon(() => void answer(pair.answerer, serve))
    return pair.opener
  }

  handle(protocol: string, serve: (stream: MessageStream) => Promise<void>): void {
    checkProtocolName(protocol)
    if (this.#servers.has(protocol)) fail('ARGUMENT_INVALID', `streams of protocol ${protocol} are answered already`)
    this.#servers.set(protocol, serve)
  }

  onEvent(listener: (event: TransportEvent) => void): Unsubscribe {
    return this.#listeners.add(listener)
  }

  /** For the network: both are connected now. */
  meet(other: MemoryTransport): void {
    if (this.#neighbours.has(other.peer)) return
    this.#greet(other)
    other.#greet(this)
  }

  /** For the network: this side has lost the other. */
  lose(other: MemoryTransport): void {
    if (!this.#neighbours.delete(other.peer)) return
    for (const pair of this.#streams.get(other.peer) ?? []) pair.cut(`the connection to ${other.peer} was lost`)
    this.#streams.delete(other.peer)
    this.#emit({ type: 'disconnected', peer: other.peer })
  }

  #greet(other: MemoryTransport): void {
    this.#neighbours.set(other.peer, other)
    this.#emit({ type: 'connected', peer: other.peer })
    for (const topic of other.#subscriptions.keys()) this.#announce(other, topic)
  }

  #announce(other: MemoryTransport, topic: Topic): void {
    this.#emit({ type: 'subscribed', peer: other.peer, topic })
  }

  #emit(event: TransportEvent): void {
    soon(() => this.#listeners.emit(event))
  }

  #hearers(topic: Topic): MemoryTransport[] {
    return [...this.#neighbours.values()].filter((neighbour) => neighbour.#subscriptions.has(topic))
  }

  #pass(hearers: readonly MemoryTransport[], topic: Topic, frame: Uint8Array, id: string): void {
    for (const hearer of hearers) soon(() => void hearer.#receive(topic, frame, id, this))
  }

  async #receive(topic: Topic, frame: Uint8Array, id: string, from: MemoryTransport): Promise<void> {
    const onFrame = this.#subscriptions.get(topic)
    if (onFrame === undefined || this.#neighbours.get(from.peer) !== from || !this.#seen.add(id)) return
    const verdict = await judge(onFrame, frame.slice(), from.peer)
    if (verdict !== 'accept' || !this.#subscriptions.has(topic)) return
    this.#pass(
      this.#hearers(topic).filter((hearer) => hearer !== from),
      topic,
      frame,
      id,
    )
  }

  #remember(peer: PeerId, pair: StreamPair): void {
    const open = (this.#streams.get(peer) ?? []).filter((known) => !known.isOver())
    this.#streams.set(peer, [...open, pair])
  }

  #checkRunning(): void {
    if (!this.#isRunning) fail('TRANSPORT_STOPPED', 'this transport is not running')
  }
}

const SCHEME = 'memory:'

/** After what happens now, before anything that waits for input or time. */
function soon(task: () => void): void {
  void Promise.resolve().then(task)
}
