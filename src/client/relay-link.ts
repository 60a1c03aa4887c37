// One relay as a client uses it: connected, dialled again when it is lost, asked to carry topics before its promise runs out,
// and given key packages.

import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError } from '../errors.ts'
import type { Transport } from '../transport/transport.ts'
import type { TopicKeys } from '../wire/topic.ts'
import { RelayConversation } from './relay-conversation.ts'

export interface RelayLinkHost {
  readonly wire: CipherSuite
  readonly transport: Transport
  readonly clock: () => number
  /** What the relay is to carry. */
  topics(): readonly TopicKeys[]
  /** Whether many leave things in a topic for one owner, who alone takes them. */
  isMailbox(topic: string): boolean
  /** Done in each conversation, after the topics. */
  supply(conversation: RelayConversation): Promise<void>
  warn(error: unknown): void
}

export class RelayLink {
  readonly address: string
  readonly #host: RelayLinkHost
  /** When to pin what again, in milliseconds since the Unix epoch; by topic. */
  readonly #renewals = new Map<string, number>()
  #peer: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #running: Promise<void> | undefined
  #isDue = false
  #failures = 0
  #isStopped = false

  constructor(address: string, host: RelayLinkHost) {
    this.address = address
    this.#host = host
    // Known before it is connected, so that it is taken for a relay from the first moment on.
    this.#peer = /\/p2p\/([^/]+)$/.exec(address)?.[1]
  }

  /** The relay's name on the transport. */
  get peer(): string | undefined {
    return this.#peer
  }

  /** The relay is connected, perhaps after a restart: whatever it promised is asked for again. */
  connected(): void {
    this.#renewals.clear()
    this.#failures = 0
    this.tend()
  }

  /** Sees to it that the relay carries all it is to carry, now and from time to time. */
  tend(): void {
    if (this.#isStopped) return
    if (this.#running !== undefined) {
      this.#isDue = true
      return
    }
    this.#plan(0)
  }

  /** Connects where that has not been done yet. @throws CoterieError `TRANSPORT_*` */
  async reach(): Promise<string> {
    if (this.#peer === undefined || !this.#host.transport.connectedPeers().includes(this.#peer)) {
      this.#peer = await this.#host.transport.connect(this.address)
    }
    return this.#peer
  }

  /** Has the relay carry what it does not carry yet, beside whatever else is under way. @throws CoterieError `RELAY_*`, `TRANSPORT_*` */
  async pin(): Promise<void> {
    const peer = await this.reach()
    for (let due = this.#duePins(); due.length > 0; due = this.#duePins()) {
      await RelayConversation.with(this.#host, peer, async (conversation) => {
        for (const topic of due) await this.#pin(conversation, topic)
      })
    }
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #plan(delayMs: number): void {
    if (this.#isStopped) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#running = this.#run().finally(() => {
        this.#running = undefined
        if (this.#isDue) this.#plan(0)
        this.#isDue = false
      })
    }, delayMs)
    if (typeof this.#timer === 'object') this.#timer.unref()
  }

  async #run(): Promise<void> {
    try {
      const peer = await this.reach()
      await this.pin()
      await RelayConversation.with(this.#host, peer, (conversation) => this.#host.supply(conversation))
      this.#failures = 0
      this.#plan(TEND_MS)
    } catch (error) {
      if (this.#isStopped) return
      this.#plan(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures))
      this.#failures++
      // A relay that is off is no news each time.
      if (!CoterieError.is(error, 'TRANSPORT_UNREACHABLE') || this.#failures === 1) this.#host.warn(error)
    }
  }

  #duePins(): readonly TopicKeys[] {
    const nowMs = this.#host.clock()
    return this.#host
      .topics()
      .filter(({ name }) => (this.#renewals.get(name) ?? 0) <= nowMs)
      .slice(0, MAX_PINS)
  }

  /** One topic that is refused is no reason to leave out the others. */
  async #pin(conversation: RelayConversation, topic: TopicKeys): Promise<void> {
    const nowMs = this.#host.clock()
    try {
      const seconds = await conversation.pin(topic, PIN_SECONDS, this.#host.isMailbox(topic.name))
      // In good time: when half of what it promised is over.
      this.#renewals.set(topic.name, nowMs + Math.max(SOONEST_MS, seconds * 500))
    } catch (error) {
      if (!CoterieError.is(error, 'RELAY_BUSY') && !CoterieError.is(error, 'RELAY_REFUSED')) throw error
      this.#renewals.set(topic.name, nowMs + TEND_MS)
      this.#host.warn(error)
    }
  }
}

/** Thirty days: for whoever is away that long. */
const PIN_SECONDS = 2_592_000
/** How many topics are pinned in one conversation. */
const MAX_PINS = 500
const TEND_MS = 600_000
/** However little a relay grants. */
const SOONEST_MS = 60_000
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 60_000
