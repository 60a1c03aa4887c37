// The event `sent` of `coterie chat --json`: how far messages have come, each step once.

import type { Group } from '../client/group.ts'
import type { Message } from '../client/message.ts'
import { describeDelivery, type JsonObject } from './json-shapes.ts'

type Delivery = NonNullable<Message['delivery']>

export class JsonDeliveries {
  readonly #write: (event: JsonObject) => Promise<void>
  /** What was told last of the messages that were told of last, by id. */
  readonly #told = new Map<string, string>()

  constructor(write: (event: JsonObject) => Promise<void>) {
    this.#write = write
  }

  /** What a command has caused comes as an event as well: whichever is first is told. */
  async tell(group: Group, id: string, delivery: Delivery): Promise<void> {
    const described = describeDelivery(group, delivery)
    const text = JSON.stringify(described)
    if (this.#told.get(id) === text) return
    this.#told.delete(id)
    this.#told.set(id, text)
    const [oldest] = this.#told.keys()
    if (this.#told.size > REMEMBERED && oldest !== undefined) this.#told.delete(oldest)
    await this.#write({ event: 'sent', group: group.id, id, ...described })
  }
}

const REMEMBERED = 256
