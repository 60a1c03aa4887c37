// The frames of each topic, kept so that peers who missed them can have them.

import { toHex } from '../bytes.ts'
import type { Batch, Store } from '../storage/store.ts'

/** Frames on disk, by topic and id. */
export class FrameArchive {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Adds a frame to a batch. */
  add(batch: Batch, topic: string, id: Uint8Array, frame: Uint8Array): void {
    batch.put(bucketOf(topic), toHex(id), frame)
  }

  async has(topic: string, id: string): Promise<boolean> {
    return (await this.#store.get(bucketOf(topic), id)) !== undefined
  }

  get(topic: string, id: string): Promise<Uint8Array | undefined> {
    return this.#store.get(bucketOf(topic), id)
  }

  async ids(topic: string): Promise<string[]> {
    const ids: string[] = []
    for await (const [id] of this.#store.entries(bucketOf(topic))) ids.push(id)
    return ids
  }
}

function bucketOf(topic: string): string {
  return `frames/${topic}`
}
