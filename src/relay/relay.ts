// A relay: a peer without groups that keeps the frames of topics for those who are not there (spec/relay.md). It holds no
// topic's key: who asks proves that they do.

import { toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import type { Store } from '../storage/store.ts'
import { Conversations } from '../topics/conversations.ts'
import { answerFetch, FETCH_PROTOCOL } from '../topics/frame-fetch.ts'
import { answerReconciliation, RECONCILE_PROTOCOL, type ReconciliationHost } from '../topics/reconciliation.ts'
import { TokenBuckets } from '../topics/token-buckets.ts'
import type { MessageStream, Transport, Unsubscribe, Verdict } from '../transport/transport.ts'
import { type Frame, MAX_FRAME_BYTES, readFrame } from '../wire/frame.ts'
import { RELAY_PROTOCOL } from '../wire/relay-messages.ts'
import { Counters } from './counters.ts'
import { KeptFrames } from './kept-frames.ts'
import { type RelayLimits, relayLimits } from './limits.ts'
import { type Pin, Pins } from './pins.ts'
import { Requests } from './requests.ts'
import { Stock } from './stock.ts'

/** What a relay works with. All of it is the relay's until it is closed, and closed with it. */
export interface RelayParts {
  readonly wire: CipherSuite
  /** For key packages. Undefined for suites that are not known. */
  suite(id: number): CipherSuite | undefined
  readonly store: Store
  /** Not yet started. */
  readonly transport: Transport
  /** In milliseconds since the Unix epoch. Default: the system's. */
  readonly clock?: () => number
  readonly limits?: RelayLimits
  /** How often what ran out is removed, in milliseconds. Default: a minute. */
  readonly sweepMs?: number
  /** Hears what went wrong inside; not what peers did wrong. */
  onError(error: unknown): void
}

/** How much a relay keeps, and for how many. */
export interface RelayStatus {
  readonly topics: number
  readonly frames: number
  readonly frameBytes: number
  readonly devices: number
  readonly oneTimeKeyPackages: number
  readonly stockBytes: number
  readonly peers: number
}

export class Relay {
  readonly counters: Counters = new Counters()
  readonly #parts: RelayParts
  readonly #clock: () => number
  readonly #limits: RelayLimits
  readonly #pins: Pins
  readonly #stock: Stock
  readonly #kept: KeptFrames
  readonly #conversations: Conversations
  readonly #frames: TokenBuckets
  readonly #frameBytes: TokenBuckets
  readonly #subscriptions = new Map<string, Unsubscribe>()
  #sweeping: Promise<void> = Promise.resolve()
  #timer: ReturnType<typeof setInterval> | undefined
  #closing: Promise<void> | undefined

  private constructor(parts: RelayParts, limits: RelayLimits, clock: () => number, pins: Pins, stock: Stock) {
    this.#parts = parts
    this.#limits = limits
    this.#clock = clock
    this.#pins = pins
    this.#stock = stock
    this.#kept = new KeptFrames(parts.store, clock, limits, (topic) => pins.isMailbox(topic))
    this.#conversations = new Conversations(limits)
    this.#frames = new TokenBuckets(limits.frames, clock)
    this.#frameBytes = new TokenBuckets(limits.frameBytes, clock)
  }

  /** Starts a relay with what it kept before. @throws CoterieError `STORE_*`, `TRANSPORT_LISTEN_FAILED` */
  static async open(parts: RelayParts): Promise<Relay> {
    const { store, suite, limits = relayLimits(), clock = Date.now } = parts
    const pins = await Pins.open(store)
    const stock = await Stock.open({ store, clock, limits, suite: (id) => suite(id) })
    const relay = new Relay(parts, limits, clock, pins, stock)
    await relay.#start()
    return relay
  }

  /** Multiaddrs under which clients reach it. */
  get addresses(): readonly string[] {
    return this.#parts.transport.addresses()
  }

  get status(): RelayStatus {
    const { bytes, frames } = this.#kept.size
    return {
      topics: this.#pins.size,
      frames,
      frameBytes: bytes,
      devices: this.#stock.devices,
      oneTimeKeyPackages: this.#stock.oneTime,
      stockBytes: this.#stock.bytes,
      peers: this.#parts.transport.connectedPeers().length,
    }
  }

  /** Removes what ran out: frames, topics that nobody asks for any more, key packages. Also happens by itself. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.then(() => this.#sweep()).catch((error: unknown) => this.#parts.onError(error))
    return this.#sweeping
  }

  /** Ends all streams, waits for what is being written, and closes the store. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #start(): Promise<void> {
    const { transport, sweepMs = SWEEP_MS } = this.#parts
    await this.#sweep()
    for (const topic of this.#pins.topics) await this.#kept.load(topic)
    // It answers when it hears its topics: who comes before that comes again.
    await transport.start()
    for (const topic of this.#pins.topics) this.#subscribe(topic)
    const requests = this.#createRequests()
    transport.handle(RELAY_PROTOCOL, (stream) =>
      this.#converse(stream, (noteProof) => requests.answer(stream, noteProof)),
    )
    transport.handle(RECONCILE_PROTOCOL, (stream) =>
      this.#converse(stream, async (noteProof) => {
        await answerReconciliation(this.#reconciliationHost, stream, noteProof)
      }),
    )
    transport.handle(FETCH_PROTOCOL, (stream) =>
      this.#converse(stream, (noteProof) => answerFetch(this.#reconciliationHost, stream, noteProof)),
    )
    this.#timer = setInterval(() => void this.sweep(), sweepMs)
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#parts.transport.stop()
    await this.#conversations.ended()
    await this.#sweeping
    await this.#kept.settled()
    await this.#parts.store.close()
  }

  #createRequests(): Requests {
    return new Requests({
      wire: this.#parts.wire,
      peer: this.#parts.transport.peer,
      clock: this.#clock,
      limits: this.#limits,
      stock: this.#stock,
      counters: this.counters,
      isPinned: (topic) => this.#pins.has(topic),
      hasRoom: () => this.#pins.size < this.#limits.maxTopics,
      pin: (topic, pin) => this.#pin(topic, pin),
    })
  }

  async #pin(topic: string, pin: Pin): Promise<number> {
    const until = await this.#pins.add(topic, pin)
    this.#subscribe(topic)
    return until
  }

  #subscribe(topic: string): void {
    if (this.#subscriptions.has(topic)) return
    const { transport } = this.#parts
    this.#subscriptions.set(
      topic,
      transport.subscribe(topic, (bytes, from) => this.#hear(topic, bytes, from)),
    )
  }

  /** What came by the topic. It is on disk before it is passed on. */
  async #hear(topic: string, bytes: Uint8Array, from: string): Promise<Verdict> {
    if (!this.#admits([bytes], from)) return 'ignore'
    let frame: Frame
    try {
      if (bytes.length > MAX_FRAME_BYTES) fail('FRAME_MALFORMED', 'a frame that is too large for its topic')
      frame = await readFrame(this.#parts.wire, topic, bytes)
    } catch (error) {
      if (!CoterieError.is(error) || error.origin !== 'peer') throw error
      this.counters.add('frames_refused_invalid')
      return 'reject'
    }
    if (await this.#kept.archive.has(topic, toHex(frame.id))) return 'ignore'
    return (await this.#keep(topic, [frame], from)) === 1 ? 'accept' : 'ignore'
  }

  /** Whether a peer may send that much. */
  #admits(frames: readonly Uint8Array[], from: string): boolean {
    const bytes = frames.reduce((sum, { length }) => sum + length, 0)
    const isAdmitted = this.#frames.take(from, frames.length) && this.#frameBytes.take(from, bytes)
    if (!isAdmitted) this.counters.add('frames_refused_limit', frames.length)
    return isAdmitted
  }

  /** @param from - the peer by which they came. @returns how many were kept */
  async #keep(topic: string, frames: readonly Frame[], from: string): Promise<number> {
    const timely = frames.filter((frame) => this.#kept.isTimely(frame))
    this.counters.add('frames_refused_time', frames.length - timely.length)
    if (timely.length === 0) return 0
    try {
      await this.#kept.keep(timely, from)
    } catch (error) {
      this.#parts.onError(error)
      throw error
    }
    // There may have been no room for some.
    const found = await Promise.all(timely.map(({ id }) => this.#kept.archive.has(topic, toHex(id))))
    const count = found.filter((isKept) => isKept).length
    this.counters.add('frames_kept', count)
    this.counters.add('frames_refused_limit', timely.length - count)
    return count
  }

  async #converse(stream: MessageStream, conversation: (noteProof: () => void) => Promise<void>): Promise<void> {
    try {
      await this.#conversations.run(stream, conversation)
      this.counters.add('conversations')
    } catch (error) {
      this.counters.add('conversations_failed')
      if (!CoterieError.is(error) || error.origin === 'internal') this.#parts.onError(error)
      throw error
    }
  }

  get #reconciliationHost(): ReconciliationHost {
    const { wire, transport } = this.#parts
    return {
      wire,
      peer: transport.peer,
      archive: this.#kept.archive,
      topicKeys: () => undefined,
      carries: (topic) => this.#pins.has(topic),
      takes: () => true,
      take: async (topic, frames, from) => {
        if (!this.#pins.has(topic)) fail('SYNC_LIMIT', 'a topic that is not carried any more')
        if (
          !this.#admits(
            frames.map(({ bytes }) => bytes),
            from,
          )
        )
          fail('SYNC_LIMIT', 'too many frames of one peer')
        await this.#keep(topic, frames, from)
      },
    }
  }

  async #sweep(): Promise<void> {
    for (const topic of this.#pins.expired(this.#clock())) {
      if (!(await this.#pins.removeExpired(topic, this.#clock()))) continue
      if (!this.#pins.has(topic)) {
        this.#subscriptions.get(topic)?.()
        this.#subscriptions.delete(topic)
      }
      await this.#kept.clear(topic)
      this.counters.add('pins_expired')
    }
    for (const topic of this.#pins.topics) await this.#kept.expire(topic)
    await this.#stock.expire()
  }
}

const SWEEP_MS = 60_000
