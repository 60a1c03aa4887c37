// What is known of the frames of a topic without reading them: which there are, in which order they came, and which of them
// have to go.

import { toHex } from '../bytes.ts'
import { compareItems, lowerBound, type SyncItem } from '../sync/items.ts'

/** A frame that is kept. Its `timestamp` is its coarse time in minutes. */
export interface IndexedFrame extends SyncItem {
  /** Where it stands in the order of arrival. */
  readonly place: number
  readonly length: number
  readonly arrivedAtMs: number
}

/** How much of a topic is kept. */
export interface Retention {
  /** For how long, from arrival on. */
  readonly keepMs: number
  /** Up to how many bytes of frames in a topic. */
  readonly maxBytes: number
  /** Up to how many frames in a topic. */
  readonly maxFrames: number
}

/** The coarse times that a reconciliation is about, in minutes: `from` inclusive, `until` exclusive. */
export interface TimeWindow {
  readonly from: number
  readonly until: number
}

export class FrameIndex {
  /** By id in hexadecimal, in the order of arrival. */
  readonly #frames = new Map<string, IndexedFrame>()
  #sorted: IndexedFrame[] = []
  #bytes = 0
  #nextPlace = 0
  #evictedUpTo: number

  /** @param evictedUpTo - the latest coarse time of what was evicted for want of room, in minutes; -1 for none */
  constructor(evictedUpTo: number) {
    this.#evictedUpTo = evictedUpTo
  }

  get size(): number {
    return this.#frames.size
  }

  /** Of the frames, together. */
  get bytes(): number {
    return this.#bytes
  }

  get evictedUpTo(): number {
    return this.#evictedUpTo
  }

  /** A place behind all others. */
  takePlace(): number {
    return this.#nextPlace++
  }

  get(id: string): IndexedFrame | undefined {
    return this.#frames.get(id)
  }

  /** Those that are not known yet, in the order of arrival. */
  add(frames: readonly IndexedFrame[]): void {
    for (const frame of frames) {
      this.#frames.set(toHex(frame.id), frame)
      this.#bytes += frame.length
      this.#nextPlace = Math.max(this.#nextPlace, frame.place + 1)
    }
    if (frames.length < SORT_FROM)
      for (const frame of frames) this.#sorted.splice(lowerBound(this.#sorted, frame), 0, frame)
    else this.#sorted = [...this.#sorted, ...frames].sort(compareItems)
  }

  remove(frames: readonly IndexedFrame[]): void {
    if (frames.length === 0) return
    for (const frame of frames) if (this.#frames.delete(toHex(frame.id))) this.#bytes -= frame.length
    const [only] = frames
    if (frames.length === 1 && only !== undefined) {
      const at = lowerBound(this.#sorted, only)
      if (this.#sorted[at] === only) this.#sorted.splice(at, 1)
      return
    }
    const gone = new Set(frames)
    this.#sorted = this.#sorted.filter((frame) => !gone.has(frame))
  }

  /**
   * Takes out what is too old or too much, oldest arrivals first. What went for want of room would be fetched again from others
   * that keep more: from now on nothing is reconciled that is as old.
   */
  evict(retention: Retention, nowMs: number): readonly IndexedFrame[] {
    const evicted: IndexedFrame[] = []
    let [count, bytes] = [this.#frames.size, this.#bytes]
    for (const frame of this.#frames.values()) {
      const isOld = frame.arrivedAtMs < nowMs - retention.keepMs
      const isTooMuch = count > retention.maxFrames || bytes > retention.maxBytes
      if (!isOld && !isTooMuch) break
      count--
      bytes -= frame.length
      evicted.push(frame)
      // A sender whose clock is fast does not make others miss what is yet to come.
      if (!isOld) this.#evictedUpTo = Math.max(this.#evictedUpTo, Math.min(frame.timestamp, minutesOf(nowMs)))
    }
    this.remove(evicted)
    return evicted
  }

  /** Which coarse times are offered to others, and accepted from them. */
  window(retention: Retention, nowMs: number): TimeWindow {
    const oldest = minutesOf(nowMs - retention.keepMs)
    return { from: Math.max(0, oldest, this.#evictedUpTo + 1), until: minutesOf(nowMs) + MAX_AHEAD_MINUTES }
  }

  /** What lies in a window, by `compareItems`; as it is now, whatever comes later. */
  within({ from, until }: TimeWindow): readonly IndexedFrame[] {
    const bound = (timestamp: number): number => lowerBound(this.#sorted, { timestamp, id: new Uint8Array(0) })
    return this.#sorted.slice(bound(from), bound(until))
  }
}

function minutesOf(timeMs: number): number {
  return Math.floor(timeMs / 60_000)
}

/** How far a sender's clock may be ahead: what claims to be later waits until it is not. */
const MAX_AHEAD_MINUTES = 1_440

/** From how many on sorting is cheaper than entering one by one. */
const SORT_FROM = 64
