// Keeps the topics of a client whole: asks peers for what is missing, answers theirs, and fetches large frames.

import { toHex } from '../../bytes.ts'
import { decode } from '../../codec/reader.ts'
import type { CipherSuite } from '../../crypto/labels.ts'
import { CoterieError, fail } from '../../errors.ts'
import { Conversations } from '../../topics/conversations.ts'
import type { FrameArchive } from '../../topics/frame-archive.ts'
import { answerFetch, FETCH_PROTOCOL, type FramePointer, fetchFrame } from '../../topics/frame-fetch.ts'
import {
  answerReconciliation,
  RECONCILE_PROTOCOL,
  type ReconciliationHost,
  type ReconciliationResult,
  reconcile,
} from '../../topics/reconciliation.ts'
import type { MessageStream, Transport, TransportEvent } from '../../transport/transport.ts'
import type { Frame } from '../../wire/frame.ts'
import type { TopicKeys } from '../../wire/topic.ts'
import { FrameFetcher } from './frame-fetcher.ts'
import { Intake } from './intake.ts'
import { type SyncIntervals, SyncSchedule, type Urgency } from './sync-schedule.ts'

/** What a client gives to keep its topics whole. */
export interface TopicSyncHost {
  readonly wire: CipherSuite
  readonly transport: Transport
  readonly archive: FrameArchive
  /** The keys of a topic that this client is on, or has left something on. */
  topicKeys(name: string): TopicKeys | undefined
  /** Whether this client takes in frames of a topic, or only leaves some there. */
  takes(topic: string): boolean
  /** Takes in frames, whose signatures have been verified, in this order. */
  take(topic: string, frames: readonly Frame[], from: string): Promise<void>
  /** Whether a peer is a relay that this client uses for a topic. Default: none is. */
  isRelay?(peer: string, topic: string): boolean
  /** Default: `now`. */
  urgencyOf?(topic: string): Urgency
  /** Resolves when the client can answer. */
  ready(): Promise<void>
  /** Hears of each conversation. */
  whileSyncing<T>(conversation: Promise<T>): Promise<T>
  warn(error: unknown): void
  readonly intervals?: SyncIntervals
}

export class TopicSync {
  readonly #host: TopicSyncHost
  readonly #schedule: SyncSchedule
  readonly #intake = new Intake()
  readonly #fetcher: FrameFetcher
  readonly #answering = new Conversations(ANSWERED)
  /** What is being answered, by protocol, peer and topic. */
  readonly #conversations = new Set<string>()

  constructor(host: TopicSyncHost) {
    this.#host = host
    const { transport, archive } = host
    const runner = {
      run: (peer: string, topic: string) => this.#ask(peer, topic),
      // A relay never asks: it holds no key to prove itself with.
      isAnswerer: (peer: string, topic: string) =>
        host.isRelay?.(peer, topic) !== true && host.takes(topic) && peer < transport.peer,
      urgencyOf: (topic: string) => host.urgencyOf?.(topic) ?? 'now',
      onFailure: (error: unknown) => host.warn(error),
      random: () => decode((reader) => reader.uint32(), host.wire.randomBytes(4)) / 2 ** 32,
    }
    this.#schedule = new SyncSchedule(runner, host.intervals)
    this.#fetcher = new FrameFetcher({
      has: ({ topic, id }) => archive.has(topic, toHex(id)),
      peers: (topic) => transport.peers(topic),
      isConnected: (peer) => transport.connectedPeers().includes(peer),
      fetch: (peer, pointer) => this.#fetch(peer, pointer),
      take: (topic, frames, from) => host.take(topic, frames, from),
      onFailure: (error) => host.warn(error),
    })
  }

  /** Answers peers from now on. */
  answer(): void {
    const { transport } = this.#host
    transport.handle(RECONCILE_PROTOCOL, (stream) =>
      this.#serve(RECONCILE_PROTOCOL, stream, async (enter) => {
        const { topic, sent, received } = await answerReconciliation(this.#reconciliationHost, stream, enter)
        this.#schedule.answered(stream.peer, topic, sent + received > 0)
      }),
    )
    transport.handle(FETCH_PROTOCOL, (stream) =>
      this.#serve(FETCH_PROTOCOL, stream, (enter) => answerFetch(this.#reconciliationHost, stream, enter)),
    )
  }

  onEvent(event: TransportEvent): void {
    if (event.type === 'disconnected') this.#schedule.lost(event.peer)
    if (event.type !== 'subscribed' || this.#host.topicKeys(event.topic) === undefined) return
    this.#schedule.heard(event.peer, event.topic)
    this.#fetcher.heard(event.topic)
  }

  /** This client is on a topic from now on: those who hear it already are asked. */
  follow(topic: string): void {
    for (const peer of this.#host.transport.peers(topic)) this.#schedule.heard(peer, topic)
  }

  /** Something is known to be missing, or to be missed by others: reconciles with relays, and with some who hear the topic. */
  ask(topic: string): void {
    const peers = this.#host.transport.peers(topic)
    const relays = peers.filter((peer) => this.#host.isRelay?.(peer, topic) === true)
    this.#schedule.ask(topic, relays)
    this.#schedule.ask(
      topic,
      peers.filter((peer) => !relays.includes(peer)),
    )
  }

  /**
   * Reconciles with a peer now, whether or not it is known to hear the topic.
   * @throws CoterieError `SYNC_*`, `FRAME_*`, `TRANSPORT_*`
   */
  async meet(peer: string, name: string): Promise<ReconciliationResult | undefined> {
    const topic = this.#host.topicKeys(name)
    if (topic === undefined) return undefined
    const conversation = async (): Promise<ReconciliationResult> =>
      reconcile(this.#reconciliationHost, await this.#host.transport.open(peer, RECONCILE_PROTOCOL), topic)
    return this.#host.whileSyncing(conversation())
  }

  /** Fetches a large frame, which is taken in like any other when it has come. @param from - who is asked first */
  want(pointer: FramePointer, from?: string): void {
    this.#fetcher.want(pointer, from)
  }

  /** To be called when the transport has stopped. Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    await Promise.all([this.#schedule.stop(), this.#fetcher.stop()])
  }

  async #ask(peer: string, topic: string): Promise<ReconciliationResult | undefined> {
    if (!this.#host.transport.peers(topic).includes(peer)) return undefined
    return this.#intake.isBusy(topic) ? { topic, sent: 0, received: 0, hasMore: true } : this.meet(peer, topic)
  }

  async #fetch(peer: string, pointer: FramePointer): Promise<Frame | undefined> {
    const topic = this.#host.topicKeys(pointer.topic)
    if (topic === undefined) return undefined
    const stream = await this.#host.transport.open(peer, FETCH_PROTOCOL)
    return fetchFrame(this.#reconciliationHost, stream, topic, pointer)
  }

  async #serve(
    protocol: string,
    stream: MessageStream,
    converse: (enter: (topic: string) => void) => Promise<void>,
  ): Promise<void> {
    const { peer } = stream
    const entered: (() => void)[] = []
    try {
      await this.#answering.run(stream, async (noteProof) => {
        await this.#host.ready()
        const enter = (topic: string): void => {
          const key = `${protocol} ${peer} ${topic}`
          if (this.#conversations.has(key)) fail('SYNC_BUSY', 'a conversation about this topic is under way')
          this.#conversations.add(key)
          entered.push(() => this.#conversations.delete(key))
          if (protocol === RECONCILE_PROTOCOL && this.#host.takes(topic)) entered.push(this.#intake.begin(topic))
          noteProof()
        }
        await this.#host.whileSyncing(converse(enter))
      })
    } catch (error) {
      if (CoterieError.is(error) && error.origin === 'peer') this.#host.warn(error)
      throw error
    } finally {
      for (const leave of entered) leave()
    }
  }

  get #reconciliationHost(): ReconciliationHost {
    const { wire, transport, archive } = this.#host
    return {
      wire,
      archive,
      peer: transport.peer,
      topicKeys: (name) => this.#host.topicKeys(name),
      isRelay: (peer, topic) => this.#host.isRelay?.(peer, topic) === true,
      takes: (topic) => this.#host.takes(topic),
      isTaking: (topic) => this.#intake.isWorthWaiting(topic),
      take: (topic, frames, from) => {
        this.#intake.note(topic, frames.length)
        return this.#host.take(topic, frames, from)
      },
    }
  }
}

/** Conversations that others began, at once. */
const ANSWERED = { maxConversations: 48, maxConversationsOfPeer: 4 }
