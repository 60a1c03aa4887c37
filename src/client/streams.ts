// What all streams of a client have in common: they end when the client closes, and otherwise only with an error.

import { CoterieError } from '../errors.ts'
import type { Signal } from './signal.ts'

/**
 * Gives what a stream gives until the client is closed.
 * @param changed - closed together with the client
 * @param abort - ends the stream with the signal's reason
 * @throws CoterieError what went wrong
 */
export async function* whileOpen<T>(
  changed: Signal,
  abort: AbortSignal | undefined,
  stream: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    abort?.throwIfAborted()
    for await (const value of stream) {
      yield value
      abort?.throwIfAborted()
    }
  } catch (error) {
    if (changed.closed && CoterieError.is(error, 'STORE_CLOSED')) return
    throw error
  }
}
