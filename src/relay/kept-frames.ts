// The frames that a relay keeps: like a client's archive, and bounded over all topics together.

import { toHex } from '../bytes.ts'
import type { Store } from '../storage/store.ts'
import { FrameArchive } from '../topics/frame-archive.ts'
import { Sequence } from '../transport/sequence.ts'
import type { Frame } from '../wire/frame.ts'
import type { RelayLimits } from './limits.ts'

export class KeptFrames {
  readonly archive: FrameArchive
  readonly #limits: RelayLimits
  readonly #clock: () => number
  readonly #writes = new Sequence()
  /** By topic. */
  readonly #sizes = new Map<string, Size>()
  #waiting: Frame[] = []
  #nextWrite: Promise<void> | undefined

  constructor(store: Store, clock: () => number, limits: RelayLimits) {
    const { keepMs, maxTopicBytes, maxTopicFrames } = limits
    this.archive = new FrameArchive(store, clock, { keepMs, maxBytes: maxTopicBytes, maxFrames: maxTopicFrames })
    this.#limits = limits
    this.#clock = clock
  }

  /** Counts what is on disk of a topic. */
  async load(topic: string): Promise<void> {
    this.#sizes.set(topic, { bytes: await this.archive.bytes(topic), frames: await this.archive.count(topic) })
  }

  /** Of all frames. */
  get size(): Size {
    let [bytes, frames] = [0, 0]
    for (const size of this.#sizes.values()) {
      bytes += size.bytes
      frames += size.frames
    }
    return { bytes, frames }
  }

  /** Whether a frame claims to be of a time that is kept: others would never be given to anybody. */
  isTimely({ coarseMinutes }: Frame): boolean {
    const timeMs = coarseMinutes * 60_000
    return timeMs + COARSE_MS > this.#clock() - this.#limits.keepMs && timeMs < this.#clock() + MAX_AHEAD_MS
  }

  /** Keeps frames: on disk when this resolves, together with others that came meanwhile. */
  keep(frames: readonly Frame[]): Promise<void> {
    this.#waiting.push(...frames)
    this.#nextWrite ??= this.#writes.run(() => {
      const waiting = this.#waiting
      this.#waiting = []
      this.#nextWrite = undefined
      return this.#write(waiting)
    })
    return this.#nextWrite
  }

  /** Removes what is too old. */
  expire(topic: string): Promise<void> {
    return this.#writes.run(async () => {
      await this.archive.expire(topic)
      await this.load(topic)
    })
  }

  /** Removes everything of a topic. */
  clear(topic: string): Promise<void> {
    return this.#writes.run(async () => {
      await this.archive.clear(topic)
      this.#sizes.delete(topic)
    })
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#writes.run(async () => undefined)
  }

  async #write(frames: readonly Frame[]): Promise<void> {
    await this.archive.write(frames)
    for (const topic of new Set(frames.map(({ topicKey }) => toHex(topicKey)))) await this.load(topic)
    while (this.#shareOf(this.size) > 1) await this.#shrinkLargest()
  }

  /** Whoever fills a topic has it cleared for those who do not. */
  async #shrinkLargest(): Promise<void> {
    const [topic, size] = [...this.#sizes].reduce((most, next) =>
      this.#shareOf(next[1]) > this.#shareOf(most[1]) ? next : most,
    )
    const excess = Math.max((this.#shareOf(this.size) - 1) / this.#shareOf(size), LEAST_SHRINK)
    const left = Math.max(0, 1 - excess)
    await this.archive.shrink(topic, { bytes: Math.floor(size.bytes * left), frames: Math.floor(size.frames * left) })
    await this.load(topic)
  }

  /** How much of what may be kept in all. */
  #shareOf({ bytes, frames }: Size): number {
    return Math.max(bytes / this.#limits.maxBytes, frames / this.#limits.maxFrames)
  }
}

/** How much is kept. */
export interface Size {
  readonly bytes: number
  readonly frames: number
}

/** A tenth at once, so that a relay that is full does not do this with every frame. */
const LEAST_SHRINK = 0.1
/** How coarse the times of frames are. */
const COARSE_MS = 600_000
/** How far a sender's clock may be ahead. */
const MAX_AHEAD_MS = 86_400_000
