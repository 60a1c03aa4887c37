// Relays that do not do what they promise: they accept everything, and then withhold it, or serve what nobody sent.

import { concat, toHex } from '../../src/bytes.ts'
import { decode } from '../../src/codec/reader.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { answerReconciliation, RECONCILE_PROTOCOL } from '../../src/topics/reconciliation.ts'
import { TimedStream } from '../../src/topics/timed-stream.ts'
import { proveAnswering } from '../../src/topics/topic-proof.ts'
import type { MemoryNetwork } from '../../src/transport/memory/network.ts'
import type { MessageStream, Transport } from '../../src/transport/transport.ts'
import { parseFrame, sealFrame } from '../../src/wire/frame.ts'
import {
  decodeRelayRequest,
  encodeRelayAnswer,
  RELAY_PROTOCOL,
  type RelayAnswer,
} from '../../src/wire/relay-messages.ts'
import { topicFromSeed } from '../../src/wire/topic.ts'
import { holder, wire } from '../client/sync/holder.ts'

export type Badness = 'withholds' | 'forges' | 'babbles' | 'never answers'

export class BadRelay {
  readonly transport: Transport
  /** How often somebody has reconciled with it. */
  met = 0
  /** How many seconds it grants, and how often it was asked for some. */
  seconds = 3_600
  pins = 0
  /** Topics of which somebody has told it what there is. */
  readonly learned = new Set<string>()
  /** A key package that it gives to whoever asks for another. */
  keyPackage: Uint8Array | undefined
  readonly #badness: Badness

  constructor(network: MemoryNetwork, name: string, badness: Badness) {
    this.transport = network.transport(name)
    this.#badness = badness
  }

  async start(): Promise<this> {
    await this.transport.start()
    this.transport.handle(RELAY_PROTOCOL, (stream) => this.#answer(stream))
    this.transport.handle(RECONCILE_PROTOCOL, (stream) => this.#reconcile(stream))
    return this
  }

  async #answer(stream: MessageStream): Promise<void> {
    await stream.send(new Uint8Array(32))
    for (let message = await stream.receive(); message !== undefined; message = await stream.receive()) {
      const { request } = decodeRelayRequest(message)
      if (request.kind === 'pin') {
        this.pins++
        this.listen(toHex(request.topic))
      }
      const answers: Readonly<Record<typeof request.kind, RelayAnswer>> = {
        pin: { kind: 'pinned', seconds: this.seconds },
        deposit: { kind: 'deposited', oneTime: 50 },
        take:
          this.keyPackage === undefined
            ? { kind: 'none' }
            : { kind: 'taken', keyPackage: this.keyPackage, isLastResort: false },
      }
      await stream.send(encodeRelayAnswer(answers[request.kind]))
    }
  }

  /** Hears a topic, whether or not anybody has asked for that. */
  listen(topic: string): void {
    if (!this.#topics.has(topic)) this.transport.subscribe(topic, () => 'ignore')
    this.#topics.add(topic)
  }

  readonly #topics = new Set<string>()

  async #reconcile(stream: MessageStream): Promise<void> {
    this.met++
    const own = await holder(this.transport.peer, [], { clock: Date.now })
    const host = { ...own, topicKeys: () => undefined, carries: () => true }
    if (this.#badness === 'never answers') return new Promise(() => undefined)
    if (this.#badness === 'withholds') {
      const { topic } = await answerReconciliation({ ...host, take: async () => undefined }, stream)
      this.learned.add(topic)
      return
    }
    const timed = new TimedStream(stream)
    const { name } = await proveAnswering(host, timed, RECONCILE_PROTOCOL)
    const terms = await timed.receive()
    await timed.send(terms)
    if (this.#badness === 'babbles') {
      for (let i = 0; i < 100; i++) await timed.send(wire.randomBytes(1_000))
      return
    }
    await this.#forge(timed, name)
  }

  /** Says that it has a frame, and gives one that it has made itself. */
  async #forge(stream: TimedStream, name: string): Promise<void> {
    const stranger = await topicFromSeed(wire, wire.randomBytes(32))
    const bytes = await sealFrame(wire, stranger, new Secret(new Uint8Array(32)), new Uint8Array(10), Date.now())
    const { id } = parseFrame(wire, name, bytes)
    await stream.receive()
    // Version, one range up to the end, with one id.
    await stream.send(concat(Uint8Array.of(0x61, 0, 0, 2, 1), id))
    const plan = await stream.receive()
    decode((reader) => reader.rest(), plan)
    const batch = concat(Uint8Array.of(1), lengthPrefixed(bytes))
    await stream.send(batch)
    await stream.send(Uint8Array.of(0))
  }
}

function lengthPrefixed(bytes: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(0x40 | (bytes.length >>> 8), bytes.length & 0xff), bytes)
}
