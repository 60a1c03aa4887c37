// Answers what clients ask of a relay (spec/relay.md): every request is signed, by a topic's key, a device's, or that of the
// device's stock, over a challenge that this conversation alone has.

import { toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import { TimedStream, type TimeLimits } from '../topics/timed-stream.ts'
import { TokenBuckets } from '../topics/token-buckets.ts'
import type { MessageStream } from '../transport/transport.ts'
import {
  CHALLENGE_BYTES,
  type DepositRequest,
  decodeRelayRequest,
  encodeRelayAnswer,
  type PinRequest,
  type RelayAnswer,
  type RelayRequest,
  relayRequestContent,
  type SignedRelayRequest,
  type TakeRequest,
} from '../wire/relay-messages.ts'
import type { Counters } from './counters.ts'
import type { RelayLimits } from './limits.ts'
import type { Pin } from './pins.ts'
import type { Stock } from './stock.ts'

export interface RequestHost {
  readonly wire: CipherSuite
  /** Own name on the transport. */
  readonly peer: string
  readonly clock: () => number
  readonly limits: RelayLimits
  readonly stock: Stock
  readonly counters: Counters
  isPinned(topic: string): boolean
  /** Whether another topic can be carried. */
  hasRoom(): boolean
  /** Carries a topic. @returns until when, in milliseconds since the Unix epoch */
  pin(topic: string, pin: Pin): Promise<number>
  readonly timeLimits?: TimeLimits
}

export class Requests {
  readonly #host: RequestHost
  readonly #requests: TokenBuckets
  readonly #newTopics: TokenBuckets
  readonly #takes: TokenBuckets
  readonly #oneTimeTakes: TokenBuckets

  constructor(host: RequestHost) {
    this.#host = host
    const { limits, clock } = host
    this.#requests = new TokenBuckets(limits.requests, clock)
    this.#newTopics = new TokenBuckets(limits.newTopics, clock)
    this.#takes = new TokenBuckets(limits.takes, clock)
    this.#oneTimeTakes = new TokenBuckets(limits.oneTimeTakes, clock)
  }

  /**
   * Answers requests until the client has no more.
   * @param noteProof - called when one bears a valid signature
   * @throws CoterieError `RELAY_*`, `SYNC_*` (peer), `TRANSPORT_*`
   */
  async answer(stream: MessageStream, noteProof: () => void = () => undefined): Promise<void> {
    const { wire, timeLimits } = this.#host
    const timed = new TimedStream(stream, timeLimits)
    const challenge = wire.randomBytes(CHALLENGE_BYTES)
    await timed.send(challenge)
    for (let count = 0; count < MAX_REQUESTS; count++) {
      const message = await timed.receiveOrEnd()
      if (message === undefined) return
      await timed.send(encodeRelayAnswer(await this.#answerOne(message, stream.peer, challenge, noteProof)))
    }
  }

  async #answerOne(
    message: Uint8Array,
    client: string,
    challenge: Uint8Array,
    noteProof: () => void,
  ): Promise<RelayAnswer> {
    const { counters, peer } = this.#host
    const signed = decodeRelayRequest(message)
    if (!this.#requests.take(client, weightOf(signed.request))) {
      counters.add('requests_refused_limit')
      return { kind: 'refused', retry: true }
    }
    try {
      await this.#verify(signed, relayRequestContent(signed.request, { challenge, client, relay: peer }))
      noteProof()
    } catch (error) {
      if (!CoterieError.is(error, 'RELAY_REFUSED')) throw error
      counters.add('requests_refused_proof')
      return { kind: 'refused', retry: false }
    }
    try {
      return await this.#carryOut(signed.request, client)
    } catch (error) {
      if (!CoterieError.is(error, 'RELAY_REFUSED') && !CoterieError.is(error, 'RELAY_BUSY')) throw error
      counters.add(error.retryable ? 'requests_refused_limit' : 'requests_refused_content')
      return { kind: 'refused', retry: error.retryable }
    }
  }

  async #verify({ request, signature }: SignedRelayRequest, content: Uint8Array): Promise<void> {
    // Nobody learns by a refusal whether there is such a device.
    const key = this.#signerOf(request)
    try {
      if (key === undefined) fail('RELAY_REFUSED', 'a request about a device that is not known')
      await this.#host.wire.signature.verify(key, content, signature)
    } catch (cause) {
      fail('RELAY_REFUSED', 'a request without a valid signature', { cause })
    }
  }

  #signerOf(request: RelayRequest): Uint8Array | undefined {
    if (request.kind === 'pin') return request.topic
    return request.kind === 'deposit' ? request.device : this.#host.stock.keyOf(request.device)
  }

  #carryOut(request: RelayRequest, client: string): Promise<RelayAnswer> {
    if (request.kind === 'pin') return this.#pin(request, client)
    return request.kind === 'deposit' ? this.#deposit(request) : this.#take(request, client)
  }

  async #pin({ topic, seconds, isMailbox }: PinRequest, client: string): Promise<RelayAnswer> {
    const { limits, clock, counters } = this.#host
    const name = toHex(topic)
    if (!this.#host.isPinned(name)) {
      if (!this.#host.hasRoom()) fail('RELAY_BUSY', 'no more topics can be carried')
      if (!this.#newTopics.take(client)) fail('RELAY_BUSY', 'too many topics of one peer')
    }
    const nowMs = clock()
    const untilMs = await this.#host.pin(name, {
      untilMs: nowMs + Math.min(seconds * 1_000, limits.maxPinMs),
      isMailbox,
    })
    counters.add('pins')
    return { kind: 'pinned', seconds: Math.floor((untilMs - nowMs) / 1_000) }
  }

  async #deposit(request: DepositRequest): Promise<RelayAnswer> {
    const { stock, counters, limits } = this.#host
    if (request.oneTime.length > limits.maxOneTime) fail('RELAY_BUSY', 'too many key packages at once')
    const oneTime = await stock.deposit(request)
    counters.add('key_packages_deposited', request.oneTime.length)
    return { kind: 'deposited', oneTime }
  }

  async #take({ device }: TakeRequest, client: string): Promise<RelayAnswer> {
    const { stock, counters } = this.#host
    if (!this.#takes.take(client)) fail('RELAY_BUSY', 'too many key packages for one peer')
    const taken = await stock.take(device, this.#oneTimeTakes.take(toHex(device)))
    if (taken === undefined) return { kind: 'none' }
    counters.add(taken.isLastResort ? 'last_resorts_taken' : 'key_packages_taken')
    return { kind: 'taken', ...taken }
  }
}

/** What it costs to check: signatures, more or less. */
function weightOf(request: RelayRequest): number {
  return request.kind === 'deposit' ? 1 + 2 * request.oneTime.length : 1
}

/** In one conversation. */
const MAX_REQUESTS = 1_024
