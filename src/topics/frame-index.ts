// What is known of the frames of a topic without reading them: which there are, in which order they came, and which of them
// have to go.

import { toHex } from '../bytes.ts'
import { compareItems, lowerBound, type SyncItem } from '../sync/items.ts'
import { inTurns, type Kept, Shares } from './shares.ts'

/** A frame that is kept. Its `timestamp` is its coarse time in minutes. `from` is in memory only, and only where it matters. */
export interface IndexedFrame extends SyncItem, Kept {}

/** How much of a topic is kept. */
export interface Retention {
  /** For how long, from arrival on. */
  readonly keepMs: number
  /** Up to how many bytes of frames in a topic. */
  readonly maxBytes: number
  /** Up to how many frames in a topic. */
  readonly maxFrames: number
}

/** What outlives evicted frames. */
export interface Mark {
  /** The latest coarse time of what was evicted for want of room, in minutes; -1 for none. */
  readonly evictedUpTo: number
  /** Nothing is at an earlier place, and none is used again. */
  readonly firstPlace: number
}

export const NOTHING_EVICTED: Mark = { evictedUpTo: -1, firstPlace: 0 }

/** The coarse times that a reconciliation is about, in minutes: `from` inclusive, `until` exclusive. */
export interface TimeWindow {
  readonly from: number
  readonly until: number
}

export class FrameIndex {
  /** By id in hexadecimal, in the order of arrival. */
  readonly #frames = new Map<string, IndexedFrame>()
  /** By `compareItems`; but for what has come and gone since it was put in order. */
  #sorted: IndexedFrame[] = []
  #fresh: IndexedFrame[] = []
  readonly #gone = new Set<IndexedFrame>()
  #bytes = 0
  #nextPlace: number
  #evictedUpTo: number
  /** Of a mailbox. */
  #shares: Shares<IndexedFrame> | undefined

  /** @param mark - of what was there before */
  constructor({ evictedUpTo, firstPlace }: Mark = NOTHING_EVICTED) {
    this.#evictedUpTo = evictedUpTo
    this.#nextPlace = firstPlace
  }

  get size(): number {
    return this.#frames.size
  }

  /** Of the frames, together. */
  get bytes(): number {
    return this.#bytes
  }

  get mark(): Mark {
    const [first] = this.#frames.values()
    return { evictedUpTo: this.#evictedUpTo, firstPlace: first?.place ?? this.#nextPlace }
  }

  get isMailbox(): boolean {
    return this.#shares !== undefined
  }

  /**
   * From now on many leave things here for one owner, who alone takes them: the room is shared among those by whom they come, and
   * since nobody gives back what was given up, all times are reconciled.
   */
  becomeMailbox(): void {
    if (this.#shares !== undefined) return
    this.#shares = new Shares()
    for (const frame of this.#frames.values()) this.#shares.add(frame)
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
      this.#fresh.push(frame)
      this.#shares?.add(frame)
    }
    this.#limitChanges()
  }

  remove(frames: readonly IndexedFrame[]): void {
    for (const frame of frames) {
      if (!this.#frames.delete(toHex(frame.id))) continue
      this.#bytes -= frame.length
      this.#gone.add(frame)
      this.#shares?.remove(frame)
    }
    this.#limitChanges()
  }

  /**
   * Takes out what is too old or too much, oldest arrivals first. What went for want of room would be fetched again from others
   * that keep more: from now on nothing is reconciled that is as old. In a mailbox the latest of whoever has most go instead.
   * @param isGivenUp - false where it may well be fetched again: what is as old and has not come yet is still wanted
   */
  evict(retention: Retention, nowMs: number, isGivenUp = true): readonly IndexedFrame[] {
    const evicted: IndexedFrame[] = []
    let [count, bytes] = [this.#frames.size, this.#bytes]
    for (const frame of this.#frames.values()) {
      const isOld = frame.arrivedAtMs < nowMs - retention.keepMs
      const isTooMuch = !this.isMailbox && (count > retention.maxFrames || bytes > retention.maxBytes)
      if (!isOld && !isTooMuch) break
      count--
      bytes -= frame.length
      evicted.push(frame)
      // A sender whose clock is fast does not make others miss what is yet to come.
      if (!isOld && isGivenUp)
        this.#evictedUpTo = Math.max(this.#evictedUpTo, Math.min(frame.timestamp, minutesOf(nowMs)))
    }
    this.remove(evicted)
    for (let frame = this.#unfair(retention); frame !== undefined; frame = this.#unfair(retention)) {
      this.remove([frame])
      evicted.push(frame)
    }
    return evicted
  }

  /** What goes next from a mailbox that has too much. */
  #unfair({ maxFrames, maxBytes }: Retention): IndexedFrame | undefined {
    if (this.#bytes > maxBytes) return this.#shares?.lastOfMost('bytes')
    return this.#frames.size > maxFrames ? this.#shares?.lastOfMost('frames') : undefined
  }

  /** Which coarse times are offered to others, and accepted from them. */
  window(retention: Retention, nowMs: number): TimeWindow {
    const oldest = minutesOf(nowMs - retention.keepMs)
    const from = this.isMailbox ? oldest : Math.max(oldest, this.#evictedUpTo + 1)
    return { from: Math.max(0, from), until: minutesOf(nowMs) + MAX_AHEAD_MINUTES }
  }

  /** Frames as they are to be given: as they came, but in a mailbox as is fair to all by whom they came. */
  ordered(frames: readonly IndexedFrame[]): readonly IndexedFrame[] {
    return this.isMailbox ? inTurns(frames) : frames.toSorted((a, b) => a.place - b.place)
  }

  /** What lies in a window, by `compareItems`; as it is now, whatever comes later. */
  within({ from, until }: TimeWindow): readonly IndexedFrame[] {
    this.#sort()
    const bound = (timestamp: number): number => lowerBound(this.#sorted, { timestamp, id: new Uint8Array(0) })
    return this.#sorted.slice(bound(from), bound(until))
  }

  /** Frames come one by one, and are looked at in order only now and then: until then it is not kept up. */
  #limitChanges(): void {
    if (this.#fresh.length + this.#gone.size > MOST_CHANGES + this.#sorted.length / 4) this.#sort()
  }

  #sort(): void {
    const isThere = (frame: IndexedFrame): boolean => !this.#gone.has(frame)
    if (this.#gone.size > 0) {
      this.#sorted = this.#sorted.filter(isThere)
      this.#fresh = this.#fresh.filter(isThere)
      this.#gone.clear()
    }
    if (this.#fresh.length === 0) return
    this.#sorted = merged(this.#sorted, this.#fresh.sort(compareItems))
    this.#fresh = []
  }
}

/** Two that are in order, as one. */
function merged(one: readonly IndexedFrame[], other: readonly IndexedFrame[]): IndexedFrame[] {
  const all: IndexedFrame[] = []
  let at = 0
  for (const frame of other) {
    for (let next = one[at]; next !== undefined && compareItems(next, frame) <= 0; next = one[at]) {
      all.push(next)
      at++
    }
    all.push(frame)
  }
  for (; at < one.length; at++) all.push(one[at] as IndexedFrame)
  return all
}

function minutesOf(timeMs: number): number {
  return Math.floor(timeMs / 60_000)
}

/** How far a sender's clock may be ahead: what claims to be later waits until it is not. */
const MAX_AHEAD_MINUTES = 1_440

/** How many changes are not put in order at once, beyond a quarter of what is in order. */
const MOST_CHANGES = 1_024
