// What happened in a simulation, as lines that a person can read, and as a digest that tells whether two runs were alike.

import { toHex, utf8 } from '../../bytes.ts'
import type { CipherSuite } from '../../crypto/labels.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** Something that happened in a simulation. */
export interface TraceLine {
  readonly text: string
  /** Whether it is left out where space is short. */
  readonly detail: boolean
}

export class Trace {
  readonly #clock: VirtualClock
  readonly #startMs: number
  readonly #hash: CipherSuite['hash']
  #digest: Uint8Array
  readonly lines: TraceLine[] = []

  constructor(clock: VirtualClock, hash: CipherSuite['hash']) {
    this.#clock = clock
    this.#startMs = clock.nowMs
    this.#hash = hash
    this.#digest = new Uint8Array(hash.length)
  }

  /** 32 bytes in hexadecimal: the same for runs in which the same happened, down to the bytes that were sent. */
  get digest(): string {
    return toHex(this.#digest)
  }

  /** @param who - a device, or nobody */
  note(who: string, what: string): void {
    this.#add(who, what, false)
  }

  detail(who: string, what: string): void {
    this.#add(who, what, true)
  }

  /** Notes bytes in the digest alone. */
  absorb(id: Uint8Array): void {
    this.#absorb(id)
  }

  #add(who: string, what: string, detail: boolean): void {
    const seconds = ((this.#clock.nowMs - this.#startMs) / 1000).toFixed(3)
    const text = `${seconds.padStart(9)} ${who.padEnd(4)} ${what}`
    this.lines.push({ text, detail })
    this.#absorb(utf8(text))
  }

  #absorb(bytes: Uint8Array): void {
    const both = new Uint8Array(this.#digest.length + bytes.length)
    both.set(this.#digest)
    both.set(bytes, this.#digest.length)
    this.#digest = this.#hash.digest(both)
  }
}

/** Enough of a name to tell things apart. */
export function short(hex: string): string {
  return hex.slice(0, 6)
}
