// Which topics a relay carries, until when, and which of them are mailboxes. On disk: the topic's public key, a time and that,
// not who asked.

import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { Store } from '../storage/store.ts'
import { Sequence } from '../transport/sequence.ts'

export interface Pin {
  /** In milliseconds since the Unix epoch. */
  readonly untilMs: number
  /** Whether many leave things in the topic for one owner, who alone takes them. */
  readonly isMailbox: boolean
}

export class Pins {
  readonly #store: Store
  /** One change after the other: what is asked for at the same time adds up. */
  readonly #turns = new Sequence()
  /** By topic. */
  readonly #pins = new Map<string, Pin>()

  private constructor(store: Store) {
    this.#store = store
  }

  static async open(store: Store): Promise<Pins> {
    const pins = new Pins(store)
    for await (const [topic, value] of store.entries(PINS)) pins.#pins.set(topic, decode(readPin, value))
    return pins
  }

  get topics(): readonly string[] {
    return [...this.#pins.keys()]
  }

  get size(): number {
    return this.#pins.size
  }

  has(topic: string): boolean {
    return this.#pins.has(topic)
  }

  isMailbox(topic: string): boolean {
    return this.#pins.get(topic)?.isMailbox === true
  }

  /**
   * On disk when this resolves. A pin never gets shorter, since it may be another member's, and a mailbox stays one: whoever has
   * somebody's contact card could pin it as something else. @returns until when
   */
  add(topic: string, pin: Pin): Promise<number> {
    return this.#turns.run(() => this.#add(topic, pin))
  }

  /** Those that ran out. */
  expired(nowMs: number): readonly string[] {
    return [...this.#pins].filter(([, { untilMs }]) => untilMs < nowMs).map(([topic]) => topic)
  }

  /** Removes one that ran out. @returns whether it did: somebody may have asked for it again in the meantime */
  removeExpired(topic: string, nowMs: number): Promise<boolean> {
    return this.#turns.run(async () => {
      if ((this.#pins.get(topic)?.untilMs ?? 0) >= nowMs) return false
      this.#pins.delete(topic)
      await this.#store.write((batch) => batch.delete(PINS, topic))
      return true
    })
  }

  async #add(topic: string, { untilMs, isMailbox }: Pin): Promise<number> {
    const before = this.#pins.get(topic) ?? { untilMs: 0, isMailbox: false }
    const pin = { untilMs: Math.max(before.untilMs, untilMs), isMailbox: before.isMailbox || isMailbox }
    if (pin.untilMs === before.untilMs && pin.isMailbox === before.isMailbox) return before.untilMs
    await this.#store.write((batch) => batch.put(PINS, topic, encode(writePin, pin)))
    this.#pins.set(topic, pin)
    return pin.untilMs
  }
}

const writePin: Encoder<Pin> = (writer, { untilMs, isMailbox }) => {
  writer.uint64(BigInt(untilMs))
  writer.uint8(isMailbox ? 1 : 0)
}

/** Older records have the time alone. */
const readPin: Decoder<Pin> = (reader) => ({
  untilMs: Number(reader.uint64()),
  isMailbox: reader.remaining > 0 && reader.uint8() === 1,
})

const PINS = 'pins'
