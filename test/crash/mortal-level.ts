// A database that a power failure hits at a write of one's choice: that write and all that follow never end.

import type { ByteLevel } from '../../src/storage/level/level-store.ts'
import { GuardedLevel } from '../support/guarded-level.ts'
import { pause } from './crew.ts'

export class MortalLevel extends GuardedLevel {
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

  override async *iterator(range: Parameters<ByteLevel['iterator']>[0]): AsyncGenerator<[Uint8Array, Uint8Array]> {
    if (this.#isSlow) await pause(SLOW_MS)
    yield* super.iterator(range)
  }

  protected override async beforeWrite(): Promise<void> {
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
