// Which votes were heard on which topics, by whomever they were said: whoever comes by soon finds them in archives. Not on disk.

import type { DeviceId } from './epoch-tree.ts'

export class HeardVotes {
  readonly #heardAtMs = new Map<string, number>()

  note(topic: string, device: DeviceId, number: bigint, nowMs: number): void {
    const name = `${topic} ${device} ${number}`
    this.#heardAtMs.delete(name)
    this.#heardAtMs.set(name, nowMs)
    for (const [oldest] of this.#heardAtMs) {
      if (this.#heardAtMs.size <= MOST_HEARD) break
      this.#heardAtMs.delete(oldest)
    }
  }

  /** Whether whoever comes by within the next days finds it in archives. */
  isThere(topic: string, device: DeviceId, number: bigint, nowMs: number): boolean {
    const atMs = this.#heardAtMs.get(`${topic} ${device} ${number}`)
    return atMs !== undefined && atMs + LASTS_MS > nowMs
  }
}

/** Frames are kept for longer than this. */
const LASTS_MS = 5 * 24 * 3_600_000
const MOST_HEARD = 4_096
