// A stream whose every step has a time limit: nobody makes this client wait for ever.

import { CoterieError, fail } from '../errors.ts'
import type { MessageStream } from '../transport/transport.ts'

/** What may pass between two messages, and how long a whole conversation may last, in milliseconds. */
export interface TimeLimits {
  readonly stepMs: number
  readonly totalMs: number
}

/** Half a minute a step, ten minutes in all: what is not done by then goes on in another conversation. */
const TIME_LIMITS: TimeLimits = { stepMs: 30_000, totalMs: 600_000 }

export class TimedStream {
  readonly peer: string
  readonly #stream: MessageStream
  readonly #limits: TimeLimits
  readonly #endMs: number

  constructor(stream: MessageStream, limits: TimeLimits = TIME_LIMITS) {
    this.peer = stream.peer
    this.#stream = stream
    this.#limits = limits
    this.#endMs = performance.now() + limits.totalMs
  }

  /** @throws CoterieError `SYNC_SILENT` (peer), `TRANSPORT_STREAM_FAILED` (environment) */
  send(message: Uint8Array): Promise<void> {
    return this.#within(this.#stream.send(message))
  }

  /** The next message. @throws CoterieError `SYNC_SILENT`, `SYNC_MALFORMED`: there is none (peer), `TRANSPORT_STREAM_FAILED` */
  async receive(): Promise<Uint8Array> {
    const message = await this.receiveOrEnd()
    return message ?? fail('SYNC_MALFORMED', 'the other side ended a conversation early')
  }

  /** The next message; undefined once the other side has closed. @throws CoterieError `SYNC_SILENT`, `TRANSPORT_STREAM_FAILED` */
  receiveOrEnd(): Promise<Uint8Array | undefined> {
    return this.#within(this.#stream.receive())
  }

  #within<T>(step: Promise<T>): Promise<T> {
    const limitMs = Math.min(this.#limits.stepMs, this.#endMs - performance.now())
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new CoterieError('SYNC_SILENT', `${this.peer} took too long`)),
        Math.max(0, limitMs),
      )
      step.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }
}
