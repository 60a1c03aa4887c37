// The frames of each topic, kept so that peers who missed them can have them: on disk in the order in which they came, and by
// id in memory. Old ones go, and so do the oldest where there are too many, or in mailboxes the latest of whoever left most.

import { EMPTY, toHex } from '../bytes.ts'
import type { BatchPart, Store } from '../storage/store.ts'
import type { Frame } from '../wire/frame.ts'
import { type ArrivalChanges, clearArrivals, loadArrivals, readArrival, writeArrivals } from './arrival-records.ts'
import { FrameIndex, type IndexedFrame, type Retention, type TimeWindow } from './frame-index.ts'

/** What the archive needs of a frame. */
export interface ArchivableFrame extends Pick<Frame, 'topicKey' | 'id' | 'coarseMinutes' | 'bytes'> {
  /** The peer by which it came. Never written; in memory where it is in a mailbox. */
  readonly from?: string
}

/** Topics that are not kept like others. */
export interface UnlikeTopics {
  /** A topic whose frames are for this client alone: of these it keeps which they were, and not them. */
  readonly remembered?: string
  /** Whether many leave things in a topic for one owner, who alone takes them: room is shared among those by whom they come. */
  isMailbox?(topic: string): boolean
}

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
  readonly #unlike: UnlikeTopics
  readonly #known = new Map<string, Promise<Known>>()

  constructor(store: Store, clock: () => number, retention: Retention = DEFAULT_RETENTION, unlike: UnlikeTopics = {}) {
    this.#store = store
    this.#clock = clock
    this.#retention = retention
    this.#unlike = unlike
  }

  /** Adds frames together with other changes, all or nothing. Frames that are there already are not added again. */
  async write(frames: readonly ArchivableFrame[], changes: BatchPart = () => undefined): Promise<void> {
    const topics = await Promise.all(
      [...byTopic(frames)].map(async ([topic, those]) => ({ topic, those, known: await this.#knownOf(topic) })),
    )
    const arrivals = topics.map(({ topic, those, known }) => this.#enter(topic, known, those))
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

  /** Frames that `within` has given, in the order in which others are to have them. */
  async ordered(topic: string, frames: readonly IndexedFrame[]): Promise<readonly IndexedFrame[]> {
    return (await this.#index(topic)).ordered(frames)
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

  /** Removes what goes first where more of a topic is kept than this. */
  async shrink(topic: string, most: { readonly bytes?: number; readonly frames?: number }): Promise<void> {
    const { keepMs, maxBytes, maxFrames } = this.#retention
    const { bytes = maxBytes, frames = maxFrames } = most
    await this.#evict(topic, { keepMs, maxBytes: Math.min(bytes, maxBytes), maxFrames: Math.min(frames, maxFrames) })
  }

  /** Removes everything of a topic. To be called while nothing of it is being written. */
  async clear(topic: string): Promise<void> {
    this.#known.delete(topic)
    await this.#store.write((batch) => clearArrivals(batch, topic))
  }

  async #evict(topic: string, retention: Retention): Promise<void> {
    const arrival = this.#enter(topic, await this.#knownOf(topic), [], retention)
    if (arrival.evicted.length > 0) await this.#store.write((batch) => writeArrivals(batch, arrival))
  }

  /** Enters frames that are not known, and takes out what has to go, before they are on disk: writes may overlap. */
  #enter(
    topic: string,
    { index, pagedBelow }: Known,
    frames: readonly ArchivableFrame[],
    retention: Retention = this.#retentionOf(topic),
  ): Arrival {
    const isRemembered = topic === this.#unlike.remembered
    const entered = new Map<string, Arrival['added'][number]>()
    for (const { id, bytes, coarseMinutes, from } of frames) {
      const name = toHex(id)
      if (entered.has(name) || index.get(name) !== undefined) continue
      const kept = isRemembered ? EMPTY : bytes
      const entry = {
        ...{ timestamp: coarseMinutes, id, length: kept.length, arrivedAtMs: this.#clock(), place: index.takePlace() },
        ...(index.isMailbox && from !== undefined && { from }),
      }
      entered.set(name, { entry, bytes: kept })
    }
    index.add([...entered.values()].map(({ entry }) => entry))
    const gone = new Set(index.evict(retention, this.#clock(), !isRemembered))
    // What there was no room for is not written in the first place.
    const added = [...entered.values()].filter(({ entry }) => !gone.delete(entry))
    return { topic, index, added, evicted: [...gone], mark: index.mark, pagedBelow }
  }

  #retentionOf(topic: string): Retention {
    return topic === this.#unlike.remembered ? { ...REMEMBERED, keepMs: this.#retention.keepMs } : this.#retention
  }

  async #index(topic: string): Promise<FrameIndex> {
    return (await this.#knownOf(topic)).index
  }

  async #knownOf(topic: string): Promise<Known> {
    let loading = this.#known.get(topic)
    if (loading === undefined) {
      loading = this.#load(topic)
      this.#known.set(topic, loading)
      // What failed is tried again.
      loading.catch(() => this.#known.delete(topic))
    }
    const known = await loading
    if (this.#unlike.isMailbox?.(topic) === true) known.index.becomeMailbox()
    return known
  }

  async #load(topic: string): Promise<Known> {
    const { entries, mark, pagedBelow } = await loadArrivals(this.#store, topic)
    const index = new FrameIndex(mark)
    index.add(entries)
    return { index, pagedBelow }
  }
}

interface Known {
  readonly index: FrameIndex
  readonly pagedBelow: number
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
