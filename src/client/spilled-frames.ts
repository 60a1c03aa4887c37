// Frames that the session could not open and does not keep: they are in the archive, and so nobody gives them again. They are
// tried again when the group's epoch has changed, the oldest first, where there are keys that may open them.

import type { CipherSuite } from '../crypto/labels.ts'
import type { DroppedFrame } from '../session/effects.ts'
import type { FrameArchive } from '../topics/frame-archive.ts'
import { type Frame, parseFrame } from '../wire/frame.ts'

export interface SpilledFramesHost {
  readonly wire: CipherSuite
  readonly archive: Pick<FrameArchive, 'get'>
  /** Whether there are keys for frames on a topic. */
  mayOpen(topic: string): boolean
  /** Gives frames to the session once more. */
  retry(frames: readonly Frame[]): Promise<void>
  fail(error: unknown): void
}

export class SpilledFrames {
  readonly #host: SpilledFramesHost
  /** By frame id in hexadecimal: its topic, and its place in the order in which frames were dropped first. */
  readonly #dropped = new Map<string, Dropped>()
  /** Those that are tried now: what is dropped again keeps its place. */
  #tried: ReadonlyMap<string, Dropped> = new Map()
  #nextPlace = 0
  #epoch: bigint | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #isRunning = false
  #wasFruitless = false
  #isStopped = false

  constructor(host: SpilledFramesHost) {
    this.#host = host
  }

  /** Hears what the session has dropped, and in which epoch it is now. */
  note(dropped: readonly DroppedFrame[], epoch: bigint): void {
    for (const { topic, id } of dropped) {
      this.#dropped.set(id, this.#tried.get(id) ?? { topic, place: this.#nextPlace++ })
      const [oldest] = this.#dropped.keys()
      if (this.#dropped.size > MAX_DROPPED && oldest !== undefined) this.#dropped.delete(oldest)
    }
    if (this.#epoch === epoch) return
    this.#epoch = epoch
    this.#plan()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #plan(): void {
    if (this.#isStopped || this.#isRunning || this.#timer !== undefined || this.#dropped.size === 0) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#isRunning = true
        const epoch = this.#epoch
        this.#retry()
          .catch((error: unknown) => this.#host.fail(error))
          .finally(() => {
            this.#isRunning = false
            if (!this.#wasFruitless || this.#epoch !== epoch) this.#plan()
          })
      },
      this.#wasFruitless ? PAUSE_MS : 0,
    )
    // What may be of use keeps no program from ending.
    if (typeof this.#timer === 'object') this.#timer.unref()
  }

  async #retry(): Promise<void> {
    const before = this.#dropped.size
    const frames: Frame[] = []
    const worthwhile = [...this.#dropped].filter(([, { topic }]) => this.#host.mayOpen(topic))
    this.#tried = new Map(worthwhile.sort(([, a], [, b]) => a.place - b.place).slice(0, AT_ONCE))
    for (const [id, { topic }] of this.#tried) {
      this.#dropped.delete(id)
      const bytes = await this.#host.archive.get(topic, id)
      if (bytes !== undefined) frames.push(parseFrame(this.#host.wire, topic, bytes))
    }
    if (frames.length > 0) await this.#host.retry(frames)
    this.#wasFruitless = this.#dropped.size >= before
  }
}

interface Dropped {
  readonly topic: string
  readonly place: number
}

const AT_ONCE = 256
const MAX_DROPPED = 16_384
/** After a try that brought nothing. */
const PAUSE_MS = 1_000
