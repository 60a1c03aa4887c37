// What became of a message that this device has sent.

import { toHex } from '../bytes.ts'
import { fail } from '../errors.ts'
import type { Delivery } from '../session/effects.ts'
import { ABORT_SIGNAL, checkOptions } from './check-options.ts'
import type { GroupDriver } from './group-driver.ts'
import { whileOpen } from './streams.ts'

/** A message that is on disk, and that goes out by itself from now on. */
export class Sent {
  /** 64 hexadecimal digits: the message's id, the same on every device. */
  readonly id: string
  /** Where to resume the group's messages from. */
  readonly cursor: number
  readonly #messageId: Uint8Array
  readonly #driver: GroupDriver

  /** Made by the group. */
  constructor(driver: GroupDriver, message: { readonly id: Uint8Array; readonly place: number }) {
    this.#driver = driver
    this.#messageId = message.id
    this.id = toHex(message.id)
    this.cursor = message.place
  }

  /** How far the message has come by now. */
  get delivery(): Delivery {
    const { session } = this.#driver
    return session.deliveryOf(this.#messageId) ?? fail('INTERNAL_INVARIANT', 'a message that was sent is not known')
  }

  /** `queued`, `published`, `delivered`; the message is at all members where `settled` has resolved. */
  get state(): Delivery['state'] {
    return this.delivery.state
  }

  /**
   * Resolves when every other member has the message. Rejects with `GROUP_REMOVED` if this device is removed before, and
   * with `CLIENT_CLOSED` at closing: the message goes on when the client is opened again.
   */
  get settled(): Promise<Delivery> {
    return this.#settle()
  }

  /** How far the message has come, then each change, until every other member has it. */
  deliveries(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Delivery, void, undefined> {
    checkOptions('deliveries', options, { signal: ABORT_SIGNAL })
    return whileOpen(this.#driver.changed, options.signal, this.#changes(options.signal))
  }

  async *#changes(signal: AbortSignal | undefined): AsyncGenerator<Delivery, void, undefined> {
    const { changed, session } = this.#driver
    let told: Delivery | undefined
    while (!changed.closed) {
      const seen = changed.version
      const now = this.delivery
      if (told === undefined || !isSame(told, now)) yield now
      told = now
      if (isSettled(now) || !session.isMember) return
      await changed.after(seen, signal)
    }
  }

  async #settle(): Promise<Delivery> {
    const { changed, session } = this.#driver
    for await (const delivery of this.deliveries()) if (isSettled(delivery)) return delivery
    if (changed.closed)
      fail('CLIENT_CLOSED', 'this client has been closed; the message goes on when it is opened again')
    if (!session.isMember) fail('GROUP_REMOVED', 'this device was removed before everybody had the message')
    return fail('INTERNAL_INVARIANT', 'the deliveries of a message ended early')
  }
}

function isSettled({ missing }: Delivery): boolean {
  return missing.length === 0
}

function isSame(a: Delivery, b: Delivery): boolean {
  return a.state === b.state && a.by === b.by && a.of === b.of
}
