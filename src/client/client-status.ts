// How a client is doing: whom it is connected to, and whether it is catching up.

import { ABORT_SIGNAL, checkOptions } from './check-options.ts'
import { Signal } from './signal.ts'
import { whileOpen } from './streams.ts'

/** How a client is doing. */
export interface ClientStatus {
  readonly state: 'open' | 'closed'
  /** How many peers it is connected to. */
  readonly peers: number
  /** Whether it is giving and taking frames that one side has missed. */
  readonly syncing: boolean
}

/** The status of a client, and its changes. */
export class StatusWatch {
  readonly #connectedPeers: () => number
  readonly #changed = new Signal()
  #syncing = 0

  constructor(connectedPeers: () => number) {
    this.#connectedPeers = connectedPeers
  }

  get now(): ClientStatus {
    if (this.#changed.closed) return { state: 'closed', peers: 0, syncing: false }
    return { state: 'open', peers: this.#connectedPeers(), syncing: this.#syncing > 0 }
  }

  /** To be called where peers may have come or gone. */
  noteChange(): void {
    this.#changed.notify()
  }

  /** Counts as catching up as long as the work lasts. */
  async whileSyncing<T>(work: Promise<T>): Promise<T> {
    this.#syncing++
    this.#changed.notify()
    try {
      return await work
    } finally {
      this.#syncing--
      this.#changed.notify()
    }
  }

  /** The status now, then each that is another. The last one is `closed`. @throws CoterieError `ARGUMENT_INVALID` */
  follow(options: { readonly signal?: AbortSignal }): AsyncGenerator<ClientStatus, void, undefined> {
    checkOptions('statusChanges', options, { signal: ABORT_SIGNAL })
    return whileOpen(this.#changed, options.signal, this.#changes(options.signal))
  }

  close(): void {
    this.#changed.close()
  }

  async *#changes(abort: AbortSignal | undefined): AsyncGenerator<ClientStatus, void, undefined> {
    for (let last: ClientStatus | undefined; last?.state !== 'closed'; ) {
      const seen = this.#changed.version
      const { now } = this
      if (last === undefined || !isSame(last, now)) yield now
      last = now
      await this.#changed.after(seen, abort)
    }
  }
}

function isSame(a: ClientStatus, b: ClientStatus): boolean {
  return a.state === b.state && a.peers === b.peers && a.syncing === b.syncing
}
