// What becomes of a stream that the other side has opened.

import type { MessageStream } from './transport.ts'

/** Lets `serve` answer a stream, and ends the stream as `serve` ended. Never rejects. */
export async function answer(stream: MessageStream, serve: (stream: MessageStream) => Promise<void>): Promise<void> {
  try {
    await serve(stream)
    await stream.close()
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
  }
}
