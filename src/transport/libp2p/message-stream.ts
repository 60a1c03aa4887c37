// Messages over a libp2p stream: each with its length before it, taken from the other side no faster than they are
// received here.

import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { decode, encode } from 'it-length-prefixed'
import { CoterieError } from '../../errors.ts'
import { checkMessageSize } from '../limits.ts'
import { Sequence } from '../sequence.ts'
import { MAX_STREAM_MESSAGE_BYTES, type MessageStream, type PeerId } from '../transport.ts'

type Chunk = StreamMessageEvent['data']

export class Libp2pMessageStream implements MessageStream {
  readonly peer: PeerId
  readonly #stream: Stream
  readonly #idleMs: number
  readonly #messages: AsyncIterator<{ slice(): Uint8Array }>
  readonly #sending = new Sequence()
  readonly #receiving = new Sequence()
  readonly #chunks: Chunk[] = []
  readonly #waiting = new Set<() => void>()
  #isResuming = false
  #isClosed = false
  #hasRemoteEnded: boolean
  #failure: CoterieError | undefined
  #lastActivityMs = performance.now()
  #idleTimer: ReturnType<typeof setTimeout> | undefined

  constructor(peer: PeerId, stream: Stream, idleMs: number) {
    this.peer = peer
    this.#stream = stream
    this.#idleMs = idleMs
    this.#hasRemoteEnded = stream.status === 'open' && stream.remoteWriteStatus === 'closed'
    this.#messages = decode(this.#incoming(), LIMITS)[Symbol.asyncIterator]()
    // The other side may fill its window while we read nothing; with less room than that the stream would be reset.
    stream.maxReadBufferLength = READ_BUFFER_BYTES
    this.#pause()
    stream.addEventListener('message', (event) => this.#onChunk(event))
    stream.addEventListener('remoteCloseWrite', () => {
      this.#hasRemoteEnded = true
      this.#wake()
    })
    stream.addEventListener('drain', () => this.#wake())
    stream.addEventListener('idle', () => this.#wake())
    stream.addEventListener('close', (event) => this.#onClose(event))
    if (stream.status === 'open') this.#watchIdle()
    else if (!this.#hasRemoteEnded) this.#failure = failed('the stream had ended before it began')
  }

  async send(message: Uint8Array): Promise<void> {
    checkMessageSize(message)
    const bytes = encode.single(new Uint8Array(message))
    await this.#sending.run(() => {
      if (this.#isClosed) throw failed('this side of the stream was closed')
      return this.#guarded(async () => {
        this.#touch()
        this.#stream.send(bytes)
        await this.#flushed()
      })
    })
  }

  receive(): Promise<Uint8Array | undefined> {
    return this.#receiving.run(() =>
      this.#guarded(async () => {
        this.#touch()
        const { done, value } = await this.#messages.next()
        return done === true ? undefined : new Uint8Array(value.slice())
      }),
    )
  }

  close(): Promise<void> {
    return this.#sending.run(async () => {
      this.#isClosed = true
      if (this.#failure === undefined) await this.#guarded(() => this.#stream.close())
    })
  }

  abort(reason: Error): void {
    this.#failure ??= failed('the stream was aborted', reason)
    this.#stream.abort(reason)
    this.#finish()
  }

  /** What goes wrong ends the stream; whatever that was, the caller gets a CoterieError. */
  async #guarded<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure
    try {
      return await operation()
    } catch (cause) {
      this.#failure ??= failed('the stream broke off', cause)
      this.#stream.abort(this.#failure)
      this.#finish()
      throw this.#failure
    }
  }

  async #flushed(): Promise<void> {
    while (this.#stream.writeBufferLength > 0 || this.#stream.writableNeedsDrain) {
      // Where the other side had ended before, a lost connection fails those who send and not those who receive.
      if (this.#stream.writeStatus === 'closed') throw failed('the connection was closed')
      await this.#change()
      if (this.#failure !== undefined) throw this.#failure
      this.#touch()
    }
  }

  async *#incoming(): AsyncGenerator<Chunk> {
    for (;;) {
      const chunk = this.#chunks.shift() ?? this.#pull()
      if (chunk !== undefined) {
        yield chunk
        continue
      }
      if (this.#failure !== undefined) throw this.#failure
      if (this.#hasRemoteEnded) return
      await this.#change()
    }
  }

  /** Lets the other side send again, and returns what had come meanwhile. */
  #pull(): Chunk | undefined {
    if (this.#stream.readStatus !== 'paused') return undefined
    this.#isResuming = true
    try {
      this.#stream.resume()
    } catch {
      // It could not tell the other side, which is gone. What had come, it has given.
    }
    this.#isResuming = false
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) this.#pause()
    return chunk
  }

  #onChunk({ data }: StreamMessageEvent): void {
    this.#chunks.push(data)
    this.#touch()
    // Pausing inside of resume() would be undone at its end, and the other side would send on.
    if (!this.#isResuming) this.#pause()
    this.#wake()
  }

  #pause(): void {
    if (this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  #onClose(event: StreamCloseEvent): void {
    if (event.error !== undefined) this.#failure ??= failed('the stream was reset', event.error)
    else if (!this.#hasRemoteEnded) this.#failure ??= failed('the connection was closed')
    this.#finish()
  }

  #finish(): void {
    clearTimeout(this.#idleTimer)
    this.#wake()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  #touch(): void {
    this.#lastActivityMs = performance.now()
  }

  #watchIdle(): void {
    const restMs = this.#lastActivityMs + this.#idleMs - performance.now()
    if (restMs > 0) this.#idleTimer = setTimeout(() => this.#watchIdle(), restMs)
    else this.abort(new Error(`nothing happened on the stream for ${this.#idleMs} ms`))
  }
}

function failed(message: string, cause?: unknown): CoterieError {
  return new CoterieError('TRANSPORT_STREAM_FAILED', message, { cause })
}

/** A length is at most four bytes of seven bits each. */
const LIMITS = { maxDataLength: MAX_STREAM_MESSAGE_BYTES, maxLengthLength: 4 }

/** More than the largest window that yamux grows to. */
const READ_BUFFER_BYTES = 32 * 1024 * 1024
