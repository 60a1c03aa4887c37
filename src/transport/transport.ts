// What carries frames between clients: topics that everybody on them hears, and streams between two peers.
// An adapter knows its network; it knows nothing of groups, keys or messages.

/** The name of a topic: its Ed25519 public key in hexadecimal (64 digits). See spec/topic.md. */
export type Topic = string

/** A peer as the transport names it (for libp2p, its peer id). */
export type PeerId = string

/** What the subscriber makes of a frame: pass it on, drop it, or hold it against whoever sent it. */
export type Verdict = 'accept' | 'ignore' | 'reject'

/** Judges a frame before it spreads. Must be quick, and must not throw: what it throws counts as `ignore`, and is lost. */
export type FrameHandler = (frame: Uint8Array, from: PeerId) => Verdict | Promise<Verdict>

/** Undoes a subscription. Calling it twice does nothing. */
export type Unsubscribe = () => void

/**
 * Messages in order in both directions. The other side can end at any time, and so can the connection: then all that waits
 * and all that follows fails with `TRANSPORT_STREAM_FAILED`. Whoever opens a stream ends it: by closing it and receiving
 * what is left, or by aborting it.
 */
export interface MessageStream {
  readonly peer: PeerId
  /**
   * Resolves when the other side's window takes it: wait for it before sending more.
   * @param message - not kept: it may change as soon as this returns
   * @throws CoterieError `TRANSPORT_STREAM_FAILED`, `TRANSPORT_FRAME_TOO_LARGE`
   */
  send(message: Uint8Array): Promise<void>
  /** The next message; undefined once the other side has closed. @throws CoterieError `TRANSPORT_STREAM_FAILED` */
  receive(): Promise<Uint8Array | undefined>
  /** Ends this side after what was sent. The other side can go on sending. */
  close(): Promise<void>
  /** Gives up both directions at once. What is under way may be lost. */
  abort(reason: Error): void
}

/** What changes around a client. */
export type TransportEvent =
  | { readonly type: 'connected'; readonly peer: PeerId }
  | { readonly type: 'disconnected'; readonly peer: PeerId }
  /** A peer is now known to hear a topic, so that what is published from now on reaches it. */
  | { readonly type: 'subscribed'; readonly peer: PeerId; readonly topic: Topic }

/** Carries frames and streams between clients. One object is one peer on one network. */
export interface Transport {
  /** Own name. Known once started. @throws CoterieError `TRANSPORT_STOPPED` before */
  readonly peer: PeerId
  /** Addresses under which others can reach this peer, for contact cards. Known once started. */
  addresses(): readonly string[]
  /** Whether a text has the form of an address that `connect` takes, whoever may be there. Known before the start. */
  isAddress(text: string): boolean
  /** Does nothing where it runs already. @throws CoterieError `TRANSPORT_LISTEN_FAILED` */
  start(): Promise<void>
  /**
   * Ends all connections and streams, and forgets who subscribes, answers and listens. Can be called in any state; the
   * transport can be started again.
   */
  stop(): Promise<void>
  /**
   * Connects, and stays connected: where the connection is lost, the transport tries to get it back until it is stopped.
   * @throws CoterieError `TRANSPORT_UNREACHABLE`, `TRANSPORT_STOPPED`, `ARGUMENT_INVALID`
   */
  connect(address: string): Promise<PeerId>
  connectedPeers(): readonly PeerId[]
  /**
   * Hears a topic. A frame comes once, whoever passes it on, and never to the peer that published it; it is passed on only
   * if the handler accepts it.
   * @throws CoterieError `TRANSPORT_STOPPED`, `ARGUMENT_INVALID`: there is a handler for this topic
   */
  subscribe(topic: Topic, onFrame: FrameHandler): Unsubscribe
  /**
   * Sends a frame to those who hear the topic now, whether or not this peer does. That may be nobody: delivery is not its
   * business. The same frame is not sent twice within some minutes; one that went to nobody can be sent again.
   * @param frame - not kept: it may change as soon as this returns
   * @returns how many connected peers it went to
   * @throws CoterieError `TRANSPORT_FRAME_TOO_LARGE`, `TRANSPORT_STOPPED`
   */
  publish(topic: Topic, frame: Uint8Array): Promise<{ readonly peers: number }>
  /** Connected peers that are known to hear the topic, and that a frame published now would go to. */
  peers(topic: Topic): readonly PeerId[]
  /** @throws CoterieError `TRANSPORT_UNREACHABLE`, `TRANSPORT_PROTOCOL_UNSUPPORTED`, `TRANSPORT_STOPPED` */
  open(peer: PeerId, protocol: string): Promise<MessageStream>
  /**
   * Answers streams that others open, until the transport is stopped; can be called before it is started. When `serve` resolves the stream is closed; what it
   * throws aborts it.
   * @param protocol - 1 to 32 characters of a-z, 0-9 and -
   * @throws CoterieError `ARGUMENT_INVALID`: another name, or one that is answered already
   */
  handle(protocol: string, serve: (stream: MessageStream) => Promise<void>): void
  /** Hears of what happens, until the transport is stopped. The listener must not throw. */
  onEvent(listener: (event: TransportEvent) => void): Unsubscribe
}

/** The largest frame that every transport must carry. Larger things travel as blobs over streams. */
export const MAX_FRAME_BYTES = 262_144

/** The largest message on a stream. */
export const MAX_STREAM_MESSAGE_BYTES = 4_194_304
