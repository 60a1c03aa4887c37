// What carries frames between clients: topics that everybody on them hears, and streams between two peers.
// An adapter knows its network; it knows nothing of groups, keys or messages.

/** The name of a topic: its Ed25519 public key in hexadecimal (64 digits). See spec/topic.md. */
export type Topic = string

/** A peer as the transport names it (for libp2p, its peer id). */
export type PeerId = string

/** What the subscriber makes of a frame: pass it on, drop it, or hold it against whoever sent it. */
export type Verdict = 'accept' | 'ignore' | 'reject'

/** Judges a frame before it spreads. Must be quick, and must not throw. */
export type FrameHandler = (frame: Uint8Array, from: PeerId) => Verdict | Promise<Verdict>

/** Undoes a subscription. Calling it twice does nothing. */
export type Unsubscribe = () => void

/** Messages in order in both directions. The other side can end at any time. */
export interface MessageStream {
  readonly peer: PeerId
  /** Resolves when the other side's window takes it: wait for it before sending more. */
  send(message: Uint8Array): Promise<void>
  /** The next message; undefined once the other side has closed. */
  receive(): Promise<Uint8Array | undefined>
  /** Ends this side after what was sent. */
  close(): Promise<void>
  /** Gives up both directions at once. */
  abort(reason: Error): void
}

/** What changes around a client. */
export type TransportEvent =
  | { readonly type: 'connected'; readonly peer: PeerId }
  | { readonly type: 'disconnected'; readonly peer: PeerId }
  /** A peer is now known to hear a topic, so that what is published from now on reaches it. */
  | { readonly type: 'subscribed'; readonly peer: PeerId; readonly topic: Topic }

export interface Transport {
  /** Own name. Known once started. */
  readonly peer: PeerId
  /** Addresses under which others can reach this peer, for contact cards. Known once started. */
  addresses(): readonly string[]
  start(): Promise<void>
  /** Ends all subscriptions and streams. Can be called in any state. */
  stop(): Promise<void>
  /** @throws CoterieError `TRANSPORT_UNREACHABLE`, `ARGUMENT_INVALID` */
  connect(address: string): Promise<PeerId>
  connectedPeers(): readonly PeerId[]
  subscribe(topic: Topic, onFrame: FrameHandler): Unsubscribe
  /**
   * Sends a frame to those who hear the topic now. That may be nobody: delivery is not its business.
   * @throws CoterieError `TRANSPORT_FRAME_TOO_LARGE`, `TRANSPORT_STOPPED`
   */
  publish(topic: Topic, frame: Uint8Array): Promise<{ readonly peers: number }>
  /** Peers that are known to hear the topic. */
  peers(topic: Topic): readonly PeerId[]
  /** @throws CoterieError `TRANSPORT_UNREACHABLE`, `TRANSPORT_PROTOCOL_UNSUPPORTED` */
  open(peer: PeerId, protocol: string): Promise<MessageStream>
  /** Answers streams that others open. What `serve` throws aborts the stream. */
  handle(protocol: string, serve: (stream: MessageStream) => Promise<void>): void
  onEvent(listener: (event: TransportEvent) => void): Unsubscribe
}

/** The largest frame that every transport must carry. Larger things travel as blobs over streams. */
export const MAX_FRAME_BYTES = 262_144

/** The largest message on a stream. */
export const MAX_STREAM_MESSAGE_BYTES = 4_194_304
