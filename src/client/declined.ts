// Invitations that were declined: whoever has made one leaves it again now and then, since it hears nothing of the newcomer.

import { encode } from '../codec/writer.ts'
import { stored } from '../session/stored.ts'
import type { BatchPart, Store } from '../storage/store.ts'
import { DAY_MS } from './key-package-lifetime.ts'

export class Declined {
  readonly #store: Store
  /** By the hash of the Welcome in hexadecimal. */
  readonly #known = new Set<string>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Brings back what is on disk, and forgets what nobody can be let in with any more. */
  async restore(nowMs: number): Promise<void> {
    const old: string[] = []
    for await (const [id, value] of this.#store.entries(DECLINED)) {
      const atMs = stored((reader) => Number(reader.uint64()), value)
      if (atMs + KEPT_MS < nowMs) old.push(id)
      else this.#known.add(id)
    }
    if (old.length === 0) return
    await this.#store.write((batch) => {
      for (const id of old) batch.delete(DECLINED, id)
    })
  }

  has(id: string): boolean {
    return this.#known.has(id)
  }

  /** @returns what is to be written together with the answer */
  add(id: string, nowMs: number): BatchPart {
    this.#known.add(id)
    const value = encode((writer) => writer.uint64(BigInt(nowMs)), undefined)
    return (batch) => batch.put(DECLINED, id, value)
  }
}

/** The bucket of the marks. */
const DECLINED = 'declined'
/** No key package is good for longer. */
const KEPT_MS = 90 * DAY_MS
