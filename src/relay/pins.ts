// Which topics a relay carries, and until when. On disk: the topic's public key and a time, not who asked.

import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { Store } from '../storage/store.ts'

export class Pins {
  readonly #store: Store
  /** By topic: until when, in milliseconds since the Unix epoch. */
  readonly #until = new Map<string, number>()

  private constructor(store: Store) {
    this.#store = store
  }

  static async open(store: Store): Promise<Pins> {
    const pins = new Pins(store)
    for await (const [topic, value] of store.entries(PINS)) pins.#until.set(topic, decode(readTime, value))
    return pins
  }

  get topics(): readonly string[] {
    return [...this.#until.keys()]
  }

  get size(): number {
    return this.#until.size
  }

  has(topic: string): boolean {
    return this.#until.has(topic)
  }

  /** On disk when this resolves. A pin never gets shorter: it may be another member's. @returns until when */
  async add(topic: string, untilMs: number): Promise<number> {
    const before = this.#until.get(topic) ?? 0
    if (before >= untilMs) return before
    const value = encode((writer) => writer.uint64(BigInt(untilMs)), undefined)
    await this.#store.write((batch) => batch.put(PINS, topic, value))
    this.#until.set(topic, untilMs)
    return untilMs
  }

  /** Those that ran out. */
  expired(nowMs: number): readonly string[] {
    return [...this.#until].filter(([, untilMs]) => untilMs < nowMs).map(([topic]) => topic)
  }

  /** Removes one that ran out. @returns whether it did: somebody may have asked for it again in the meantime */
  async removeExpired(topic: string, nowMs: number): Promise<boolean> {
    if ((this.#until.get(topic) ?? 0) >= nowMs) return false
    this.#until.delete(topic)
    await this.#store.write((batch) => batch.delete(PINS, topic))
    return true
  }
}

const readTime = (reader: { uint64(): bigint }): number => Number(reader.uint64())
const PINS = 'pins'
