// Lines from a stream, one at a time.

import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** Where a chat reads and writes. */
export interface Terminal {
  readonly input: Readable
  readonly output: Writable
  /** Fires when the process is asked to end. */
  readonly stop: AbortSignal
}

/** The lines of a stream, without their ends, until it ends or `stop` fires. */
export async function* lines(input: Readable, stop: AbortSignal): AsyncGenerator<string, void, undefined> {
  const reader = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  stop.addEventListener('abort', () => reader.close())
  yield* reader
}
