// The two ends of a stream between two peers of a memory network.

import { CoterieError } from '../../errors.ts'
import { checkMessageSize } from '../limits.ts'
import type { MessageStream, PeerId } from '../transport.ts'
import { Channel } from './channel.ts'

export interface StreamPair {
  readonly opener: MessageStream
  readonly answerer: MessageStream
  /** Whether nothing can happen on it any more. */
  isOver(): boolean
  /** What happens to both ends when the connection is lost. */
  cut(message: string): void
}

export function createStreamPair(opener: PeerId, answerer: PeerId): StreamPair {
  const there = new Channel()
  const back = new Channel()
  const failBoth = (failure: CoterieError): void => {
    there.break(failure)
    back.break(failure)
  }
  const end = (peer: PeerId, outgoing: Channel, incoming: Channel): MessageStream => ({
    peer,
    send: async (message) => {
      checkMessageSize(message)
      await outgoing.send(message)
    },
    receive: () => incoming.receive(),
    close: () => outgoing.end(),
    abort: (cause) => failBoth(new CoterieError('TRANSPORT_STREAM_FAILED', 'the stream was aborted', { cause })),
  })
  return {
    opener: end(answerer, there, back),
    answerer: end(opener, back, there),
    isOver: () => there.isOver && back.isOver,
    cut: (message) => failBoth(new CoterieError('TRANSPORT_STREAM_FAILED', message)),
  }
}
