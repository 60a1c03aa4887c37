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
  /** What is still in somebody's list and not there any more. */
  readonly #gone = new Set<T>()
  readonly #most = {
    frames: new Ranking(this.#holders, (one) => ({ amount: one.frames, since: lastOf(one)?.place ?? -1 })),
    bytes: new Ranking(this.#holders, (one) => ({ amount: one.bytes, since: lastOf(one)?.place ?? -1 })),
  }

  /** To be called in the order of arrival. */
  add(frame: T): void {
    const name = holderOf(frame)
    const known = this.#holders.get(name)
    // Most have one: a list that begins with it is as long as that, and one that begins empty grows by many.
    const holder = known ?? { frames: 0, bytes: 0, arrived: [frame] }
    if (known === undefined) this.#holders.set(name, holder)
    else known.arrived.push(frame)
    holder.frames++
    holder.bytes += frame.length
    this.#note(holder)
  }

  /** Takes out what was added. */
  remove(frame: T): void {
    const name = holderOf(frame)
    const holder = this.#holders.get(name)
    if (holder === undefined) return
    holder.frames--
    holder.bytes -= frame.length
    this.#gone.add(frame)
    this.#clearGone(holder)
    if (holder.frames === 0) this.#holders.delete(name)
    this.#note(holder)
  }

  /** What has to go first where there is too much. Of those who have equally much, whoever came to it last. */
  lastOfMost(what: 'frames' | 'bytes'): T | undefined {
    const holder = this.#most[what].first()
    return holder && lastOf(holder)
  }

  /** From the end at once, from elsewhere when there are enough of them. */
  #clearGone(holder: Holder<T>): void {
    for (let last = lastOf(holder); last !== undefined && this.#gone.delete(last); last = lastOf(holder)) {
      holder.arrived.pop()
    }
    if (holder.arrived.length <= MOST_GONE + 2 * holder.frames) return
    holder.arrived = holder.arrived.filter((frame) => !this.#gone.delete(frame))
  }

  #note(holder: Holder<T>): void {
    this.#most.frames.note(holder)
    this.#most.bytes.note(holder)
  }
}

/** One of each peer's, then another one of each, and so on, each peer's as they came: nobody waits behind a flood of others. */
export function inTurns<T extends Kept>(frames: readonly T[]): readonly T[] {
  const counts = new Map<string | number, number>()
  const turns = frames
    .toSorted((a, b) => a.place - b.place)
    .map((frame) => {
      const name = holderOf(frame)
      const turn = counts.get(name) ?? 0
      counts.set(name, turn + 1)
      return { frame, turn }
    })
  return turns.sort((a, b) => a.turn - b.turn || a.frame.place - b.frame.place).map(({ frame }) => frame)
}

interface Holder<T> {
  frames: number
  bytes: number
  /** The last one is there; others may have gone. */
  arrived: T[]
}

/** A relay that was restarted does not know by whom things came. What a flood has left came together, more or less. */
function holderOf({ from, arrivedAtMs }: Kept): string | number {
  return from ?? Math.floor(arrivedAtMs / MINUTE_MS)
}

function lastOf<T>({ arrived }: Holder<T>): T | undefined {
  return arrived.at(-1)
}

const MINUTE_MS = 60_000
const MOST_GONE = 32
