// A relay in this process, on an in-process network and a store in memory, with a clock and limits of the test's: for what
// needs neither sockets nor disks.

import { RelayConversation } from '../../src/client/relay-conversation.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { type RelayLimits, relayLimits } from '../../src/relay/limits.ts'
import { Relay } from '../../src/relay/relay.ts'
import type { Store } from '../../src/storage/store.ts'
import { until } from '../../src/testing/until.ts'
import { RECONCILE_PROTOCOL, reconcile } from '../../src/topics/reconciliation.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../../src/transport/memory/network.ts'
import type { Transport } from '../../src/transport/transport.ts'
import type { Frame } from '../../src/wire/frame.ts'
import type { TopicKeys } from '../../src/wire/topic.ts'
import { type Holder, holder, memoryStore, NOW, wire } from '../client/sync/holder.ts'

export const RELAY = 'relay'

export class RelayHere {
  readonly network: MemoryNetwork = createMemoryNetwork()
  readonly limits: RelayLimits
  readonly errors: unknown[] = []
  nowMs: number = NOW
  #store: Store | undefined
  #relay: Relay | undefined
  readonly #transports: Transport[] = []

  constructor(limits: Partial<RelayLimits> = {}) {
    this.limits = { ...relayLimits(), ...limits }
  }

  get relay(): Relay {
    if (this.#relay === undefined) throw new Error('the relay is not there')
    return this.#relay
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error('the relay is not there')
    return this.#store
  }

  /** Starts the relay, with what was there before. */
  async open(): Promise<this> {
    const store = this.#store ?? (await memoryStore())
    this.#store = store
    this.#relay = await Relay.open({
      wire,
      suite: (id) => nodeProvider.suite(id),
      // It outlives the relay, as a disk does.
      store: outliving(store),
      transport: this.network.transport(RELAY),
      clock: () => this.nowMs,
      limits: this.limits,
      sweepMs: 1_000_000,
      onError: (error) => this.errors.push(error),
    })
    return this
  }

  async restart(): Promise<void> {
    await this.relay.close()
    await this.open()
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.stop()))
    await this.relay.close()
  }

  /** A peer that is connected to the relay. */
  async peer(name: string): Promise<Transport> {
    const transport = this.network.transport(name)
    this.#transports.push(transport)
    await transport.start()
    await transport.connect(String(this.relay.addresses[0]))
    return transport
  }

  /** What a peer asks of the relay. */
  ask<T>(transport: Transport, talk: (conversation: RelayConversation) => Promise<T>): Promise<T> {
    return RelayConversation.with({ wire, transport }, RELAY, talk)
  }

  pin(transport: Transport, topic: TopicKeys, seconds = 3_600, isMailbox = false): Promise<number> {
    return this.ask(transport, (conversation) => conversation.pin(topic, seconds, isMailbox))
  }

  /** Gives the relay frames, and takes those of its own. @returns who it is that has them now */
  async exchange(transport: Transport, on: TopicKeys, frames: readonly Frame[] = [], takes = true): Promise<Holder> {
    const one = await holder(transport.peer, frames, { topic: on, clock: () => this.nowMs, takes })
    const host = { ...one, isRelay: (peer: string) => peer === RELAY }
    const before = this.judged
    const { sent } = await reconcile(host, await transport.open(RELAY, RECONCILE_PROTOCOL), on)
    await until('the relay has dealt with what it was given', () => this.judged >= before + sent)
    return one
  }

  /** How many frames the relay has dealt with since it was started. */
  get judged(): number {
    const { counters } = this.relay
    const what = ['frames_kept', 'frames_refused_limit', 'frames_refused_time', 'frames_refused_invalid'] as const
    return what.reduce((sum, counted) => sum + counters.of(counted), 0)
  }
}

function outliving(store: Store): Store {
  return {
    get: (bucket, name) => store.get(bucket, name),
    getAt: (bucket, place) => store.getAt(bucket, place),
    entries: (bucket) => store.entries(bucket),
    range: (bucket, range) => store.range(bucket, range),
    write: (changes) => store.write(changes),
    close: async () => undefined,
  }
}
