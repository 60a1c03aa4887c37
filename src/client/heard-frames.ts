// Frames that came by the topics of a group and have been judged, until the session takes them in: those of one peer together,
// since each time costs about as much as many frames do, and of one peer after the other.

import type { Frame } from '../wire/frame.ts'

export class HeardFrames {
  readonly #receive: (topic: string, frames: readonly Frame[], from: string) => Promise<void>
  /** By topic and peer. Whose turn it is comes first. */
  readonly #waiting = new Map<string, Heard[]>()
  #size = 0
  #isRunning = false

  /** @param receive - takes frames in; one call after the other */
  constructor(receive: (topic: string, frames: readonly Frame[], from: string) => Promise<void>) {
    this.#receive = receive
  }

  /** How many have not been taken in. */
  get size(): number {
    return this.#size
  }

  /** Settles as what takes the frame in. */
  take(topic: string, frame: Frame, from: string): Promise<void> {
    this.#size++
    const taken = new Promise<void>((resolve, reject) => {
      const key = `${topic} ${from}`
      const heard = { topic, frame, from, resolve, reject }
      const waiting = this.#waiting.get(key)
      if (waiting === undefined) this.#waiting.set(key, [heard])
      else waiting.push(heard)
    }).finally(() => {
      this.#size--
    })
    if (!this.#isRunning) void this.#run()
    return taken
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      const [key, waiting] = next
      const batch = waiting.splice(0, MAX_BATCH)
      this.#waiting.delete(key)
      // The others first, the next time.
      if (waiting.length > 0) this.#waiting.set(key, waiting)
      await this.#takeIn(batch)
    }
    this.#isRunning = false
  }

  async #takeIn(batch: readonly Heard[]): Promise<void> {
    const [first] = batch
    if (first === undefined) return
    try {
      const frames = batch.map(({ frame }) => frame)
      await this.#receive(first.topic, frames, first.from)
      for (const { resolve } of batch) resolve()
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

interface Heard {
  readonly topic: string
  readonly frame: Frame
  readonly from: string
  resolve(): void
  reject(error: unknown): void
}

const MAX_BATCH = 32
