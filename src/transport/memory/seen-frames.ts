// Which frames a peer has had lately: it neither looks at one twice nor passes one on twice.

import { sha256 } from '@noble/hashes/sha2.js'
import { concat, toHex, utf8 } from '../../bytes.ts'
import type { Topic } from '../transport.ts'

const REMEMBERED = 4_096

export class SeenFrames {
  readonly #ids = new Set<string>()

  /** Whether it was new. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    const [oldest] = this.#ids
    if (this.#ids.size > REMEMBERED && oldest !== undefined) this.#ids.delete(oldest)
    return true
  }
}

/** The same bytes on another topic are another frame. */
export function seenId(topic: Topic, frame: Uint8Array): string {
  return toHex(sha256(concat(utf8(topic), Uint8Array.of(0), frame)))
}
