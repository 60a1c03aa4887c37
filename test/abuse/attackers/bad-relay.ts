// Relays that accept everything, and then withhold what they were given, give it in another order or again and again, or
// serve what nobody sent. They hear their topics like any relay.

import { concat, toHex } from '../../../src/bytes.ts'
import { answerReconciliation, RECONCILE_PROTOCOL } from '../../../src/topics/reconciliation.ts'
import { TimedStream } from '../../../src/topics/timed-stream.ts'
import { proveAnswering } from '../../../src/topics/topic-proof.ts'
import { libp2pTransport } from '../../../src/transport/libp2p/libp2p-transport.ts'
import type { MessageStream, Transport, Verdict } from '../../../src/transport/transport.ts'
import { readFrame } from '../../../src/wire/frame.ts'
import {
  decodeRelayRequest,
  encodeRelayAnswer,
  RELAY_PROTOCOL,
  type RelayAnswer,
} from '../../../src/wire/relay-messages.ts'
import { type Holder, holder } from '../../client/sync/holder.ts'
import { wire } from '../processes/closed-store.ts'

export type Badness = 'withholds' | 'reorders' | 'replays' | 'serves garbage'

export const BADNESSES: readonly Badness[] = ['withholds', 'reorders', 'replays', 'serves garbage']

export class BadRelay {
  readonly #badness: Badness
  readonly #transport: Transport = libp2pTransport({ mdns: false, listen: ['/ip4/127.0.0.1/tcp/0'] })
  readonly #topics = new Set<string>()
  /** Frames that it heard, in the order in which they came. */
  readonly #heard: { readonly topic: string; readonly bytes: Uint8Array }[] = []
  #holder: Holder | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #misdeeds = 0

  constructor(badness: Badness) {
    this.#badness = badness
  }

  /** @returns its address */
  async start(): Promise<string> {
    await this.#transport.start()
    this.#holder = await holder(this.#transport.peer, [], { clock: Date.now })
    this.#transport.handle(RELAY_PROTOCOL, (stream) => this.#promise(stream))
    this.#transport.handle(RECONCILE_PROTOCOL, (stream) => this.#serve(stream))
    this.#timer = setInterval(() => void this.#shout(), SHOUT_MS)
    const [address] = this.#transport.addresses()
    if (address === undefined) throw new Error('a relay without an address')
    return address
  }

  /** @returns how often it did what it is there for */
  async stop(): Promise<number> {
    clearInterval(this.#timer)
    await this.#transport.stop()
    return this.#misdeeds
  }

  async #promise(stream: MessageStream): Promise<void> {
    await stream.send(new Uint8Array(32))
    for (let message = await stream.receive(); message !== undefined; message = await stream.receive()) {
      const { request } = decodeRelayRequest(message)
      if (request.kind === 'pin') this.#listen(toHex(request.topic))
      const answers: Readonly<Record<typeof request.kind, RelayAnswer>> = {
        pin: { kind: 'pinned', seconds: 3_600 },
        deposit: { kind: 'deposited', oneTime: 50 },
        take: { kind: 'none' },
      }
      await stream.send(encodeRelayAnswer(answers[request.kind]))
    }
  }

  #listen(topic: string): void {
    if (this.#topics.has(topic)) return
    this.#topics.add(topic)
    this.#transport.subscribe(topic, async (bytes): Promise<Verdict> => {
      this.#heard.push({ topic, bytes })
      await this.#here.archive.write([await readFrame(wire, topic, bytes)])
      return 'ignore'
    })
  }

  async #serve(stream: MessageStream): Promise<void> {
    this.#misdeeds++
    const host = { ...this.#here, topicKeys: () => undefined, carries: () => true }
    switch (this.#badness) {
      case 'withholds': {
        const nothing = await holder(this.#transport.peer, [], { clock: Date.now })
        await answerReconciliation({ ...host, archive: nothing.archive, take: async () => undefined }, stream)
        return
      }
      case 'reorders': {
        const { archive } = host
        const reordered = {
          ordered: async (_: string, frames: Parameters<typeof archive.ordered>[1]) =>
            frames.toSorted((one, other) => other.place - one.place),
          within: archive.within.bind(archive),
          window: archive.window.bind(archive),
          get: archive.get.bind(archive),
          expire: archive.expire.bind(archive),
          read: archive.read.bind(archive),
        }
        await answerReconciliation({ ...host, archive: reordered }, stream)
        return
      }
      case 'replays':
        await answerReconciliation(host, { ...bound(stream), send: (message) => sendTwice(stream, message) })
        return
      case 'serves garbage': {
        const timed = new TimedStream(stream)
        await proveAnswering(host, timed, RECONCILE_PROTOCOL)
        await timed.send(await timed.receive())
        for (let i = 0; i < 100; i++) await timed.send(wire.randomBytes(10_000))
      }
    }
  }

  /** What it throws at those who are connected, over gossip. */
  async #shout(): Promise<void> {
    const bad = this.#heard.slice(-SHOUTED)
    for (const { topic, bytes } of this.#badness === 'withholds' ? [] : bad) {
      const frame = this.#badness === 'serves garbage' ? concat(bytes.subarray(0, -8), wire.randomBytes(8)) : bytes
      this.#misdeeds++
      await this.#transport.publish(topic, frame).catch(() => undefined)
    }
  }

  get #here(): Holder {
    if (this.#holder === undefined) throw new Error('the relay has not been started')
    return this.#holder
  }
}

function bound(stream: MessageStream): MessageStream {
  return {
    peer: stream.peer,
    send: (message) => stream.send(message),
    receive: () => stream.receive(),
    close: () => stream.close(),
    abort: (reason) => stream.abort(reason),
  }
}

/** Frames come twice; what else is said, once. */
async function sendTwice(stream: MessageStream, message: Uint8Array): Promise<void> {
  await stream.send(message)
  if (message[0] === FRAMES && message.length > LEAST_FRAMES) await stream.send(message)
}

const SHOUT_MS = 500
const SHOUTED = 20
/** The first byte of a message with frames, spec/reconciliation.md, and less than any frame has. */
const FRAMES = 1
const LEAST_FRAMES = 300
