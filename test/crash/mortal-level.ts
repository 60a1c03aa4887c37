// A database that a power failure hits at a write of one's choice: that write and all that follow never end.

import { MemoryLevel } from 'memory-level'
import type { ByteLevel } from '../../src/storage/level/level-store.ts'
import { pause } from './crew.ts'

export class MortalLevel implements ByteLevel {
  readonly #level = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
  #left = Number.POSITIVE_INFINITY
  #onDeath: () => void = () => undefined
  #isDead = false
  #isSlow = false

  /** Dies instead of carrying out the write after so many. */
  dieAfter(writes: number, onDeath: () => void): void {
    this.#left = writes
    this.#onDeath = onDeath
  }

  /** As it is found after a death: what was written is there, and takes its time to be read. */
  revive(): void {
    this.#isSlow = true
    this.#left = Number.POSITIVE_INFINITY
    this.#isDead = false
  }

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
    await this.#mayDie()
    await this.#level.put(key, value)
  }

  async batch(operations: Parameters<ByteLevel['batch']>[0]): Promise<void> {
    await this.#mayDie()
    await this.#level.batch(operations)
  }

  async *iterator(range: Parameters<ByteLevel['iterator']>[0]): AsyncGenerator<[Uint8Array, Uint8Array]> {
    if (this.#isSlow) await pause(SLOW_MS)
    yield* this.#level.iterator(range)
  }

  keys(range: Parameters<ByteLevel['keys']>[0]): AsyncIterable<Uint8Array> {
    return this.#level.keys(range)
  }

  async #mayDie(): Promise<void> {
    if (this.#left > 0) {
      this.#left--
      return
    }
    if (!this.#isDead) {
      this.#isDead = true
      this.#onDeath()
    }
    await new Promise<never>(() => undefined)
  }
}

/** Long enough for peers to find the device before it has read everything. */
const SLOW_MS = 30
