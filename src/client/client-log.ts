// What went wrong and ended nothing, and whom the client met: for listeners, and for the app's own log. Without secrets, and
// without what anybody said.

import { CoterieError } from '../errors.ts'
import type { TransportEvent } from '../transport/transport.ts'

/** A problem that ended nothing: what a peer sent could not be used, or a peer could not be reached. */
export type WarningListener = (error: CoterieError) => void

/** Where a client writes what it does: `console`, and most libraries for logs, are such. */
export interface Logger {
  debug(message: string, details?: Readonly<Record<string, unknown>>): void
  info(message: string, details?: Readonly<Record<string, unknown>>): void
  warn(message: string, details?: Readonly<Record<string, unknown>>): void
}

export class ClientLog {
  readonly #logger: Logger | undefined
  readonly #listeners = new Set<WarningListener>()

  constructor(logger: Logger | undefined) {
    this.#logger = logger
  }

  /** @returns what ends it */
  onWarning(listener: WarningListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  warn(error: unknown): void {
    const warning = CoterieError.is(error)
      ? error
      : new CoterieError('INTERNAL_INVARIANT', 'something unexpected failed', { cause: error })
    this.#logger?.warn(warning.message, { code: warning.code })
    for (const listener of this.#listeners) listener(warning)
  }

  opened(identity: string, addresses: readonly string[]): void {
    this.#logger?.info('the client is open', { identity, addresses })
  }

  closed(): void {
    this.#logger?.info('the client is closed')
  }

  /** Topics are not named: they tell who is in a group with whom. */
  met(event: TransportEvent): void {
    if (event.type !== 'subscribed') this.#logger?.debug(`a peer is ${event.type}`, { peer: event.peer })
  }
}
