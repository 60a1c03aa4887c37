// A database in memory with something in the way of its writes, for tests of what becomes of a client then.

import { MemoryLevel } from 'memory-level'
import type { ByteLevel } from '../../src/storage/level/level-store.ts'

export abstract class GuardedLevel implements ByteLevel {
  readonly #level = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })

  open(): Promise<void> {
    return this.#level.open()
  }

  close(): Promise<void> {
    return this.#level.close()
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#level.get(key)
  }

  async put(key: Uint8Array, value: Uint8Array): Promise<void> {
    await this.beforeWrite()
    await this.#level.put(key, value)
  }

  async batch(operations: Parameters<ByteLevel['batch']>[0]): Promise<void> {
    await this.beforeWrite()
    await this.#level.batch(operations)
  }

  iterator(range: Parameters<ByteLevel['iterator']>[0]): AsyncIterable<[Uint8Array, Uint8Array]> {
    return this.#level.iterator(range)
  }

  keys(range: Parameters<ByteLevel['keys']>[0]): AsyncIterable<Uint8Array> {
    return this.#level.keys(range)
  }

  /** Nothing is written where this throws, or does not end. */
  protected abstract beforeWrite(): Promise<void>
}
