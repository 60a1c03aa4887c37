// Work that many peers make, done for one after the other in turn: whoever makes much of it waits behind itself, not others
// behind it.

import type { PeerId } from './transport.ts'

/** How much is done and taken in. */
export interface FairQueueLimits {
  /** Pieces of work at once. */
  readonly atOnce: number
  /** Of these, of one peer. */
  readonly ofPeer: number
  /** From how many pieces on, under way or waiting, a peer is to make no more. */
  readonly full: number
  /** Down to how many it has to get before it may go on. */
  readonly ready: number
}

export class FairQueue {
  readonly #limits: FairQueueLimits
  readonly #onPressure: (peer: PeerId, isFull: boolean) => void
  /** Whoever has work here. Whose turn it is comes first. */
  readonly #peers = new Map<PeerId, PeerWork>()
  #running = 0

  /** @param onPressure - hears who is to make no more work, and who may again */
  constructor(limits: FairQueueLimits, onPressure: (peer: PeerId, isFull: boolean) => void) {
    this.#limits = limits
    this.#onPressure = onPressure
  }

  /** How much is under way or waits. */
  get size(): number {
    return [...this.#peers.values()].reduce((sum, work) => sum + sizeOf(work), 0)
  }

  /** Does something in its turn. Settles as the work does. */
  run<T>(peer: PeerId, operation: () => Promise<T>): Promise<T> {
    const work = this.#peers.get(peer) ?? { waiting: [], next: 0, running: 0, isFull: false }
    this.#peers.set(peer, work)
    const done = new Promise<T>((resolve, reject) => {
      work.waiting.push(() => operation().then(resolve, reject))
    })
    if (!work.isFull && sizeOf(work) >= this.#limits.full) {
      work.isFull = true
      this.#onPressure(peer, true)
    }
    this.#start()
    return done
  }

  #start(): void {
    while (this.#running < this.#limits.atOnce) {
      const next = this.#nextPeer()
      if (next === undefined) return
      const [peer, work] = next
      const operation = work.waiting[work.next++]
      // The others first, the next time.
      this.#peers.delete(peer)
      this.#peers.set(peer, work)
      if (work.next === work.waiting.length || work.next === FORGET_AT) {
        work.waiting = work.waiting.slice(work.next)
        work.next = 0
      }
      work.running++
      this.#running++
      void operation?.().finally(() => this.#end(peer, work))
    }
  }

  #nextPeer(): readonly [PeerId, PeerWork] | undefined {
    for (const entry of this.#peers) {
      const [, work] = entry
      if (work.next < work.waiting.length && work.running < this.#limits.ofPeer) return entry
    }
    return undefined
  }

  #end(peer: PeerId, work: PeerWork): void {
    work.running--
    this.#running--
    if (work.isFull && sizeOf(work) <= this.#limits.ready) {
      work.isFull = false
      this.#onPressure(peer, false)
    }
    if (sizeOf(work) === 0) this.#peers.delete(peer)
    this.#start()
  }
}

interface PeerWork {
  waiting: (() => Promise<unknown>)[]
  /** Of those that wait, the first that has not been started. */
  next: number
  running: number
  isFull: boolean
}

function sizeOf({ waiting, next, running }: PeerWork): number {
  return waiting.length - next + running
}

/** What has been started is forgotten so many at a time. */
const FORGET_AT = 256
