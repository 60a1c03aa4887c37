// The frames of each topic, kept so that peers who missed them can have them: on disk in the order in which they came, and by
// id in memory. Old ones go, and so do the oldest where there are too many.

import { EMPTY, toHex } from '../bytes.ts'
import type { BatchPart, Store } from '../storage/store.ts'
import type { Frame } from '../wire/frame.ts'
import { type ArrivalChanges, clearArrivals, loadArrivals, readArrival, writeArrivals } from './arrival-records.ts'
import { FrameIndex, type IndexedFrame, type Retention, type TimeWindow } from './frame-index.ts'

/** What the archive needs of a frame. */
export type ArchivableFrame = Pick<Frame, 'topicKey' | 'id' | 'coarseMinutes' | 'bytes'>

/** What is kept where the app does not say: a week, and in each topic 256 MiB and 262,144 frames. */
export const DEFAULT_RETENTION: Retention = { keepMs: 604_800_000, maxBytes: 268_435_456, maxFrames: 262_144 }

/** What is remembered of a topic of which frames are not given to anybody: as much as relays keep of one, and some more. */
const REMEMBERED: Retention = {
  keepMs: DEFAULT_RETENTION.keepMs,
  maxBytes: Number.POSITIVE_INFINITY,
  maxFrames: 131_072,
}

export class FrameArchive {
  readonly #store: Store
  readonly #clock: () => number
  readonly #retention: Retention
  /** A topic of which frames are remembered, so that they are not taken in twice, and are not kept. */
  readonly #remembered: string | undefined
  readonly #indexes = new Map<string, Promise<FrameIndex>>()

  /** @param remembered - a topic whose frames are for this client alone: of these it keeps which they were, and not them */
  constructor(store: Store, clock: () => number, retention: Retention = DEFAULT_RETENTION, remembered?: string) {
    this.#store = store
    this.#clock = clock
    this.#retention = retention
    this.#remembered = remembered
  }

  /** Adds frames together with other changes, all or nothing. Frames that are there already are not added again. */
  async write(frames: readonly ArchivableFrame[], changes: BatchPart = () => undefined): Promise<void> {
    const topics = await Promise.all(
      [...byTopic(frames)].map(async ([topic, those]) => ({ topic, those, index: await this.#index(topic) })),
    )
    const arrivals = topics.map(({ topic, those, index }) => this.#enter(topic, index, those))
    try {
      await this.#store.write((batch) => {
        for (const arrival of arrivals) writeArrivals(batch, arrival)
        changes(batch)
      })
    } catch (error) {
      for (const { index, added } of arrivals) index.remove(added.map(({ entry }) => entry))
      throw error
    }
  }

  /** @param id - in hexadecimal */
  async has(topic: string, id: string): Promise<boolean> {
    return (await this.#index(topic)).get(id) !== undefined
  }

  /** The bytes of a frame; undefined where it is not here, or not any more. */
  async get(topic: string, id: string): Promise<Uint8Array | undefined> {
    const entry = (await this.#index(topic)).get(id)
    return entry && (await readArrival(this.#store, topic, entry.place))
  }

  /** The bytes of a frame that `within` has given. */
  read(topic: string, { place }: IndexedFrame): Promise<Uint8Array | undefined> {
    return readArrival(this.#store, topic, place)
  }

  /** Which coarse times are reconciled now. */
  async window(topic: string): Promise<TimeWindow> {
    return (await this.#index(topic)).window(this.#retentionOf(topic), this.#clock())
  }

  /** Frames of a window, by time and id. */
  async within(topic: string, window: TimeWindow): Promise<readonly IndexedFrame[]> {
    return (await this.#index(topic)).within(window)
  }

  /** How many frames of a topic are kept. */
  async count(topic: string): Promise<number> {
    return (await this.#index(topic)).size
  }

  /** How many bytes of frames of a topic are kept. */
  async bytes(topic: string): Promise<number> {
    return (await this.#index(topic)).bytes
  }

  /** Removes what is too old. */
  async expire(topic: string): Promise<void> {
    await this.#evict(topic, this.#retentionOf(topic))
  }

  /** Removes the oldest arrivals where more of a topic is kept than this. */
  async shrink(topic: string, { bytes, frames }: { readonly bytes: number; readonly frames: number }): Promise<void> {
    const { keepMs, maxBytes, maxFrames } = this.#retention
    await this.#evict(topic, { keepMs, maxBytes: Math.min(bytes, maxBytes), maxFrames: Math.min(frames, maxFrames) })
  }

  /** Removes everything of a topic. To be called while nothing of it is being written. */
  async clear(topic: string): Promise<void> {
    this.#indexes.delete(topic)
    await this.#store.write((batch) => clearArrivals(batch, topic))
  }

  async #evict(topic: string, retention: Retention): Promise<void> {
    const arrival = this.#enter(topic, await this.#index(topic), [], retention)
    if (arrival.evicted.length > 0) await this.#store.write((batch) => writeArrivals(batch, arrival))
  }

  /** Enters frames that are not known, and takes out what has to go, before they are on disk: writes may overlap. */
  #enter(
    topic: string,
    index: FrameIndex,
    frames: readonly ArchivableFrame[],
    retention: Retention = this.#retentionOf(topic),
  ): Arrival {
    const isRemembered = topic === this.#remembered
    const added = new Map<string, Arrival['added'][number]>()
    for (const { id, bytes, coarseMinutes } of frames) {
      const name = toHex(id)
      if (added.has(name) || index.get(name) !== undefined) continue
      const arrivedAtMs = this.#clock()
      const kept = isRemembered ? EMPTY : bytes
      const entry = { timestamp: coarseMinutes, id, length: kept.length, arrivedAtMs, place: index.takePlace() }
      added.set(name, { entry, bytes: kept })
    }
    index.add([...added.values()].map(({ entry }) => entry))
    const evicted = index.evict(retention, this.#clock(), !isRemembered)
    return { topic, index, added: [...added.values()], evicted, evictedUpTo: index.evictedUpTo }
  }

  #retentionOf(topic: string): Retention {
    return topic === this.#remembered ? { ...REMEMBERED, keepMs: this.#retention.keepMs } : this.#retention
  }

  #index(topic: string): Promise<FrameIndex> {
    let index = this.#indexes.get(topic)
    if (index === undefined) {
      index = this.#load(topic)
      this.#indexes.set(topic, index)
      // What failed is tried again.
      index.catch(() => this.#indexes.delete(topic))
    }
    return index
  }

  async #load(topic: string): Promise<FrameIndex> {
    const { entries, evictedUpTo } = await loadArrivals(this.#store, topic)
    const index = new FrameIndex(evictedUpTo)
    index.add(entries)
    return index
  }
}

interface Arrival extends ArrivalChanges {
  readonly index: FrameIndex
}

function byTopic(frames: readonly ArchivableFrame[]): ReadonlyMap<string, readonly ArchivableFrame[]> {
  const topics = new Map<string, ArchivableFrame[]>()
  for (const frame of frames) {
    const topic = toHex(frame.topicKey)
    const those = topics.get(topic)
    if (those === undefined) topics.set(topic, [frame])
    else those.push(frame)
  }
  return topics
}
