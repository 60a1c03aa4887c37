// The frames that a relay keeps: like a client's archive, and bounded over all topics together.

import { toHex } from '../bytes.ts'
import type { Store } from '../storage/store.ts'
import { type ArchivableFrame, FrameArchive } from '../topics/frame-archive.ts'
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
  #waiting: ArchivableFrame[] = []
  #nextWrite: Promise<void> | undefined

  /** @param isMailbox - whether many leave things in a topic for one owner, who alone takes them */
  constructor(store: Store, clock: () => number, limits: RelayLimits, isMailbox: (topic: string) => boolean) {
    const { keepMs, maxTopicBytes, maxTopicFrames } = limits
    const retention = { keepMs, maxBytes: maxTopicBytes, maxFrames: maxTopicFrames }
    this.archive = new FrameArchive(store, clock, retention, { isMailbox })
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

  /**
   * Keeps frames, as far as there is room: on disk when this resolves, together with others that came meanwhile.
   * @param from - the peer by which they came
   */
  keep(frames: readonly Frame[], from: string): Promise<void> {
    for (const { topicKey, id, coarseMinutes, bytes } of frames) {
      this.#waiting.push({ topicKey, id, coarseMinutes, bytes, from })
    }
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

  async #write(frames: readonly ArchivableFrame[]): Promise<void> {
    await this.archive.write(frames)
    for (const topic of new Set(frames.map(({ topicKey }) => toHex(topicKey)))) await this.load(topic)
    const { maxBytes, maxFrames } = this.#limits
    while (this.size.bytes > maxBytes) await this.#shrinkLargest('bytes', maxBytes)
    while (this.size.frames > maxFrames) await this.#shrinkLargest('frames', maxFrames)
  }

  /** Whoever fills a topic has it cleared for those who do not. @param what - of which there is too much */
  async #shrinkLargest(what: keyof Size, most: number): Promise<void> {
    const [topic, size] = [...this.#sizes].reduce((one, other) => (other[1][what] > one[1][what] ? other : one))
    const excess = Math.max(this.size[what] - most, size[what] * LEAST_SHRINK)
    await this.archive.shrink(topic, { [what]: Math.max(0, Math.floor(size[what] - excess)) })
    await this.load(topic)
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
