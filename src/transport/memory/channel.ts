// One direction of a stream between two peers of a memory network: a queue that holds a window's worth of messages and
// makes the sender wait for the rest.

import { CoterieError } from '../../errors.ts'
import { Sequence } from '../sequence.ts'

/** How many bytes may wait for the receiver before the sender has to. */
const WINDOW_BYTES = 262_144

export class Channel {
  readonly #sending = new Sequence()
  readonly #receiving = new Sequence()
  readonly #queue: Uint8Array[] = []
  #queuedBytes = 0
  #ended = false
  #failure: CoterieError | undefined
  #wakeSender: () => void = () => undefined
  #wakeReceiver: () => void = () => undefined

  send(message: Uint8Array): Promise<void> {
    const own = new Uint8Array(message)
    return this.#sending.run(async () => {
      while (this.#queuedBytes >= WINDOW_BYTES && this.#failure === undefined) {
        await new Promise<void>((resolve) => {
          this.#wakeSender = resolve
        })
      }
      if (this.#failure !== undefined) throw this.#failure
      if (this.#ended) throw new CoterieError('TRANSPORT_STREAM_FAILED', 'this side of the stream was closed')
      this.#queue.push(own)
      this.#queuedBytes += own.length
      this.#wakeReceiver()
    })
  }

  /** Undefined where nothing more comes. */
  receive(): Promise<Uint8Array | undefined> {
    return this.#receiving.run(async () => {
      while (this.#queue.length === 0 && !this.#ended && this.#failure === undefined) {
        await new Promise<void>((resolve) => {
          this.#wakeReceiver = resolve
        })
      }
      if (this.#failure !== undefined) throw this.#failure
      const message = this.#queue.shift()
      this.#queuedBytes -= message?.length ?? 0
      this.#wakeSender()
      return message
    })
  }

  /** Ends after what was sent before. */
  end(): Promise<void> {
    return this.#sending.run(async () => {
      this.#ended = true
      this.#wakeReceiver()
    })
  }

  get isOver(): boolean {
    return this.#failure !== undefined || (this.#ended && this.#queue.length === 0)
  }

  /** Throws away what waits. Where everything had arrived, nothing changes. */
  break(failure: CoterieError): void {
    if (this.isOver) return
    this.#failure = failure
    this.#queue.length = 0
    this.#queuedBytes = 0
    this.#wakeSender()
    this.#wakeReceiver()
  }
}
