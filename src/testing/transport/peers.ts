// The peers that a conformance case of a transport runs with, and what it does with them.

import { equalBytes } from '../../bytes.ts'
import type { MessageStream, PeerId, Topic, Transport, Unsubscribe, Verdict } from '../../transport/transport.ts'
import { until } from '../until.ts'

/** Some transports that can reach each other, none of them started. */
export interface TransportSetup {
  readonly transports: readonly Transport[]
  /** Called when the case is over and its transports are stopped. */
  dispose?(): Promise<void>
}

/** Makes this many transports that can reach each other, not yet connected. */
export type MakeTransports = (count: number) => Promise<TransportSetup>

/** One case, run with that many started transports. */
export interface TransportCase {
  readonly name: string
  readonly peers: number
  run(peers: Peers): Promise<void>
}

/** Started transports by number. */
export class Peers {
  readonly #transports: readonly Transport[]

  constructor(transports: readonly Transport[]) {
    this.#transports = transports
  }

  get all(): readonly Transport[] {
    return this.#transports
  }

  at(index: number): Transport {
    const transport = this.#transports[index]
    if (transport === undefined) throw new Error(`this case needs more than ${this.#transports.length} transports`)
    return transport
  }

  /** Connects the two of each pair, the first to the second. */
  async connect(...pairs: readonly (readonly [from: number, to: number])[]): Promise<void> {
    for (const [from, to] of pairs) {
      const [one, other] = [this.at(from), this.at(to)]
      await one.connect(addressOf(other))
      await until('two peers know of their connection', () => areConnected(one, other))
    }
  }
}

export function addressOf(transport: Transport): string {
  const [address] = transport.addresses()
  if (address === undefined) throw new Error('a started transport has no address')
  return address
}

export function areConnected(one: Transport, other: Transport): boolean {
  return one.connectedPeers().includes(other.peer) && other.connectedPeers().includes(one.peer)
}

/** What came on a topic. */
export interface Heard {
  readonly frames: { readonly frame: Uint8Array; readonly from: PeerId }[]
  has(frame: Uint8Array): boolean
  readonly unsubscribe: Unsubscribe
}

/** Subscribes, and keeps what comes. */
export function hear(
  transport: Transport,
  topic: Topic,
  judge: (frame: Uint8Array) => Verdict | Promise<Verdict> = () => 'accept',
): Heard {
  const frames: { frame: Uint8Array; from: PeerId }[] = []
  const unsubscribe = transport.subscribe(topic, (frame, from) => {
    frames.push({ frame, from })
    return judge(frame)
  })
  const has = (sought: Uint8Array): boolean => frames.some(({ frame }) => equalBytes(frame, sought))
  return { frames, has, unsubscribe }
}

/** Waits until a frame that one publishes now would go to the other. */
export function untilHeardBy(publisher: Transport, topic: Topic, hearer: Transport): Promise<void> {
  return until('a peer is known to hear a topic', () => publisher.peers(topic).includes(hearer.peer))
}

/** Publishes a new frame again and again until one arrives, over however many peers: then the way is open. */
export async function openWay(
  publisher: Transport,
  topic: Topic,
  heard: Heard,
  makeFrame: () => Uint8Array,
): Promise<void> {
  await until('a frame arrives by way of another peer', async () => {
    await publisher.publish(topic, makeFrame())
    return heard.frames.length > 0
  })
}

/** Sends back what it receives. */
export async function echo(stream: MessageStream): Promise<void> {
  for (let message = await stream.receive(); message !== undefined; message = await stream.receive()) {
    await stream.send(message)
  }
}

/** A frame that there has not been yet. */
export function newFrame(bytes = 64, fill = 0): Uint8Array {
  const frame = new Uint8Array(bytes).fill(fill)
  new DataView(frame.buffer).setUint32(0, ++made)
  return frame
}

/** The name of a topic that there has not been yet. */
export function newTopic(): Topic {
  return (++made).toString(16).padStart(64, '0')
}

let made = 0
