// What survives a power failure: a simulated device's records, messages and frames. A batch is written as a whole or not at
// all.

import { toHex } from '../../bytes.ts'
import type { RecordChange } from '../../session/effects.ts'
import type { TopicKeys } from '../../wire/topic.ts'

/** A frame on disk. */
export interface ArchivedFrame {
  readonly topic: string
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly id: string
  readonly bytes: Uint8Array
}

/** What is written at once. */
export interface DiskBatch {
  readonly changes: readonly RecordChange[]
  readonly frames: readonly ArchivedFrame[]
  /** Topics on which something was left for others. */
  readonly topics: readonly TopicKeys[]
}

/** How much there is of something. */
export interface Weight {
  readonly records: number
  readonly bytes: number
}

export class Disk {
  #records = new Map<string, Uint8Array>()
  /** Of the records, by what stands before the slash in their names. */
  readonly #weights = new Map<string, Weight>()
  readonly #log = new Map<number, Uint8Array>()
  /** By topic, in the order of arrival. */
  readonly #frames = new Map<string, Map<string, Uint8Array>>()
  readonly #topics = new Map<string, TopicKeys>()

  /** The records of the group's session; empty where there is none. Values are the reader's own. */
  get records(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#records].map(([name, value]) => [name, value.slice()] as const))
  }

  get hasSession(): boolean {
    return this.#records.size > 0
  }

  /** The messages of the group, by place. */
  get log(): ReadonlyMap<number, Uint8Array> {
    return this.#log
  }

  get topics(): readonly TopicKeys[] {
    return [...this.#topics.values()]
  }

  /** Frames of a topic, by id in hexadecimal, in the order of arrival. */
  frames(topic: string): ReadonlyMap<string, Uint8Array> {
    return this.#frames.get(topic) ?? NO_FRAMES
  }

  /** Of all topics. */
  get frameCount(): number {
    return [...this.#frames.values()].reduce((sum, { size }) => sum + size, 0)
  }

  has(topic: string, id: string): boolean {
    return this.frames(topic).has(id)
  }

  /** @param kind - what stands before the slash in their names */
  weightOf(kind: string): Weight {
    return this.#weights.get(kind) ?? NO_WEIGHT
  }

  /** Frames that are older go, as an archive lets them go after its retention. */
  forgetFramesBefore(timeMs: number): void {
    for (const frames of this.#frames.values()) {
      for (const [id, bytes] of frames) if (coarseTimeOf(bytes) < timeMs) frames.delete(id)
    }
  }

  /** Ends what was there: a session that begins anew writes all of its records. */
  dropSession(): void {
    this.#records = new Map()
    this.#weights.clear()
  }

  write({ changes, frames, topics }: DiskBatch): void {
    for (const change of changes) {
      if (change.op === 'put') this.#put(change.name, change.value.slice())
      else if (change.op === 'delete') this.#put(change.name, undefined)
      else this.#log.set(change.place, change.value.slice())
    }
    for (const { topic, id, bytes } of frames) {
      const known = this.#frames.get(topic) ?? new Map<string, Uint8Array>()
      this.#frames.set(topic, known.has(id) ? known : known.set(id, bytes))
    }
    for (const topic of topics) this.#topics.set(topic.name, topic)
  }

  #put(name: string, value: Uint8Array | undefined): void {
    const [kind = ''] = name.split('/')
    const before = this.#records.get(name)
    const { records, bytes } = this.weightOf(kind)
    this.#weights.set(kind, {
      records: records + (value === undefined ? 0 : 1) - (before === undefined ? 0 : 1),
      bytes: bytes + (value?.length ?? 0) - (before?.length ?? 0),
    })
    if (value === undefined) this.#records.delete(name)
    else this.#records.set(name, value)
  }
}

/** A frame as it goes to disk. */
export function archived(digest: (bytes: Uint8Array) => Uint8Array, topic: string, bytes: Uint8Array): ArchivedFrame {
  return { topic, id: toHex(digest(bytes)), bytes }
}

/** In milliseconds since the Unix epoch, as a frame's sender has it: frames bear it behind their version (spec/frame.md). */
function coarseTimeOf(frame: Uint8Array): number {
  const header = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  return frame.length < COARSE_TIME_END ? 0 : header.getUint32(1) * 60_000
}

/** The version and the time. */
const COARSE_TIME_END = 5
const NO_WEIGHT: Weight = { records: 0, bytes: 0 }
const NO_FRAMES: ReadonlyMap<string, Uint8Array> = new Map()
