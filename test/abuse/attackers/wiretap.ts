// Somebody who is connected and listens: gossip tells everybody the names of the topics, and what passes on them.

import { until } from '../../../src/testing/until.ts'
import { libp2pTransport } from '../../../src/transport/libp2p/libp2p-transport.ts'
import type { Transport } from '../../../src/transport/transport.ts'

export class Wiretap {
  readonly #transport: Transport
  /** By topic. */
  readonly #heard = new Map<string, Uint8Array[]>()

  private constructor(transport: Transport) {
    this.#transport = transport
  }

  static async start(address: string): Promise<Wiretap> {
    const transport = libp2pTransport({ mdns: false, listen: [] })
    const wiretap = new Wiretap(transport)
    await transport.start()
    transport.onEvent((event) => {
      if (event.type === 'subscribed') wiretap.#listen(event.topic)
    })
    await transport.connect(address)
    return wiretap
  }

  /** Once there is one beside the inbox. */
  async topics(): Promise<readonly string[]> {
    await until('topics are known', () => this.#heard.size > 1, 30_000)
    return [...this.#heard.keys()]
  }

  heardOn(topic: string): readonly Uint8Array[] {
    return this.#heard.get(topic) ?? []
  }

  #listen(topic: string): void {
    if (this.#heard.has(topic)) return
    const heard: Uint8Array[] = []
    this.#heard.set(topic, heard)
    this.#transport.subscribe(topic, (bytes) => {
      if (heard.length < ENOUGH) heard.push(bytes)
      return 'ignore'
    })
  }
}

const ENOUGH = 1_000
