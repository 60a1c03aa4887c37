// Renews this device's key packages, and throws away those that have expired, for as long as the client is open: nobody may ask
// for them for months. The one timer of it.

import type { OwnIdentity } from './own-identity.ts'
import type { OwnStock } from './own-stock.ts'

export interface KeyRenewalHost {
  readonly own: Pick<OwnIdentity, 'keyPackages'>
  readonly stock: Pick<OwnStock, 'expire'>
  warn(error: unknown): void
}

export class KeyRenewal {
  readonly #host: KeyRenewalHost
  #timer: ReturnType<typeof setInterval> | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(host: KeyRenewalHost) {
    this.#host = host
  }

  start(): void {
    // By the client's clock, looked at often: it may be another than the timer's, and no timer waits for months.
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.#look())
    }, LOOK_MS)
    // No reason for a program not to end.
    if (typeof this.#timer === 'object') this.#timer.unref()
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  async #look(): Promise<void> {
    try {
      await this.#host.own.keyPackages.current()
      await this.#host.stock.expire()
    } catch (error) {
      this.#host.warn(error)
    }
  }
}

const LOOK_MS = 3_600_000
