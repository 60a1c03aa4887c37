// Who has how much of what is kept of a topic, and whose has to go where that is too much: the latest of whoever has most. So
// one who fills it makes room for others, and drives out nobody who has less.

import { Ranking } from './ranking.ts'

/** What is shared out. */
export interface Kept {
  /** In the order of arrival. */
  readonly place: number
  readonly length: number
  readonly arrivedAtMs: number
  /** The peer by which it came, where that is known. */
  readonly from?: string
}

export class Shares<T extends Kept> {
  /** Those who have something: by peer, and by minute what came by one that is not known any more. */
  readonly #holders = new Map<string | number, Holder<T>>()
  readonly #most = {
    frames: new Ranking(this.#holders, (one) => ({ amount: one.frames, since: lastOf(one)?.place ?? -1 })),
    bytes: new Ranking(this.#holders, (one) => ({ amount: one.bytes, since: lastOf(one)?.place ?? -1 })),
  }

  /** To be called in the order of arrival. */
  add(frame: T): void {
    const name = holderOf(frame)
    const holder = this.#holders.get(name) ?? { frames: 0, bytes: 0, arrived: [], gone: new Set<T>() }
    this.#holders.set(name, holder)
    holder.frames++
    holder.bytes += frame.length
    holder.arrived.push(frame)
    this.#note(holder)
  }

  /** Takes out what was added. */
  remove(frame: T): void {
    const name = holderOf(frame)
    const holder = this.#holders.get(name)
    if (holder === undefined) return
    holder.frames--
    holder.bytes -= frame.length
    holder.gone.add(frame)
    clearGone(holder)
    if (holder.frames === 0) this.#holders.delete(name)
    this.#note(holder)
  }

  /** What has to go first where there is too much. Of those who have equally much, whoever came to it last. */
  lastOfMost(what: 'frames' | 'bytes'): T | undefined {
    const holder = this.#most[what].first()
    return holder && lastOf(holder)
  }

  #note(holder: Holder<T>): void {
    this.#most.frames.note(holder)
    this.#most.bytes.note(holder)
  }
}

interface Holder<T> {
  frames: number
  bytes: number
  /** The last one is there. */
  arrived: T[]
  /** Those of `arrived` that are not there any more. */
  readonly gone: Set<T>
}

/** A relay that was restarted does not know by whom things came. What a flood has left came together, more or less. */
function holderOf({ from, arrivedAtMs }: Kept): string | number {
  return from ?? Math.floor(arrivedAtMs / MINUTE_MS)
}

function lastOf<T>({ arrived }: Holder<T>): T | undefined {
  return arrived.at(-1)
}

/** From the end at once, from elsewhere when there are enough of them. */
function clearGone<T>(holder: Holder<T>): void {
  const { gone } = holder
  for (let last = lastOf(holder); last !== undefined && gone.delete(last); last = lastOf(holder)) holder.arrived.pop()
  if (gone.size <= MOST_GONE + holder.arrived.length / 2) return
  holder.arrived = holder.arrived.filter((frame) => !gone.has(frame))
  gone.clear()
}

const MINUTE_MS = 60_000
const MOST_GONE = 32
