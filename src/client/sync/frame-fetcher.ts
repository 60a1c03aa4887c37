// The large frames that are wanted: asked for from one peer after another, few at a time, with growing pauses, until somebody
// has given them or nobody could for a long time. Reconciliation brings them too.

import { toHex } from '../../bytes.ts'
import { type FramePointer, isSensible } from '../../topics/frame-fetch.ts'
import type { Frame } from '../../wire/frame.ts'

/** What a fetcher works with. */
export interface FetcherHost {
  has(pointer: FramePointer): Promise<boolean>
  /** Connected peers that hear a topic. */
  peers(topic: string): readonly string[]
  isConnected(peer: string): boolean
  /** One frame from one peer; undefined where that does not have it. */
  fetch(peer: string, pointer: FramePointer): Promise<Frame | undefined>
  take(topic: string, frames: readonly Frame[], from: string): Promise<void>
  onFailure(error: unknown): void
}

export class FrameFetcher {
  readonly #host: FetcherHost
  readonly #wanted = new Map<string, Wanted>()
  readonly #due: Wanted[] = []
  readonly #running = new Set<Promise<void>>()
  #isStopped = false

  constructor(host: FetcherHost) {
    this.#host = host
  }

  /**
   * Wants a frame, once; it goes where frames go when it is there. Where too many are wanted, one is given up of the topic that
   * wants the most: the one that has been tried most often.
   * @param from - who is asked first
   */
  want(pointer: FramePointer, from?: string): void {
    const key = toHex(pointer.id)
    if (this.#isStopped || this.#wanted.has(key) || !isSensible(pointer)) return
    if (this.#wanted.size >= MAX_WANTED) this.#giveUpOne()
    const wanted: Wanted = { key, pointer, from, tries: 0, timer: undefined, isWaiting: true }
    this.#wanted.set(key, wanted)
    this.#plan(wanted, 0)
  }

  /** A peer hears a topic from now on: it may have what is wanted. */
  heard(topic: string): void {
    for (const wanted of this.#wanted.values()) {
      if (wanted.isWaiting && wanted.pointer.topic === topic) this.#plan(wanted, 0)
    }
  }

  /** Resolves when nothing runs any more. What runs ends by itself or with its stream. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const { timer } of this.#wanted.values()) clearTimeout(timer)
    this.#wanted.clear()
    await Promise.all(this.#running)
  }

  #giveUpOne(): void {
    const ofTopic = new Map<string, Wanted[]>()
    for (const wanted of this.#wanted.values()) {
      const { topic } = wanted.pointer
      ofTopic.set(topic, [...(ofTopic.get(topic) ?? []), wanted])
    }
    const [first, ...others] = [...ofTopic.values()].reduce(
      (most, next) => (next.length > most.length ? next : most),
      [],
    )
    if (first === undefined) return
    const given = others.reduce((one, next) => (next.tries > one.tries ? next : one), first)
    clearTimeout(given.timer)
    this.#wanted.delete(given.key)
  }

  #plan(wanted: Wanted, delayMs: number): void {
    clearTimeout(wanted.timer)
    wanted.isWaiting = true
    wanted.timer = setTimeout(() => {
      wanted.isWaiting = false
      this.#due.push(wanted)
      this.#startDue()
    }, delayMs)
    if (typeof wanted.timer === 'object') wanted.timer.unref()
  }

  #startDue(): void {
    while (this.#running.size < MAX_RUNNING) {
      const wanted = this.#due.shift()
      if (wanted === undefined) return
      if (this.#wanted.get(wanted.key) !== wanted) continue
      const run: Promise<void> = this.#run(wanted).finally(() => {
        this.#running.delete(run)
        this.#startDue()
      })
      this.#running.add(run)
    }
  }

  async #run(wanted: Wanted): Promise<void> {
    const isDone = await this.#tryAll(wanted).catch((error: unknown) => {
      this.#host.onFailure(error)
      return false
    })
    wanted.tries++
    if (this.#isStopped || this.#wanted.get(wanted.key) !== wanted) return
    if (isDone || wanted.tries === MAX_TRIES) this.#wanted.delete(wanted.key)
    else this.#plan(wanted, Math.min(LAST_MS, RETRY_MS * 2 ** wanted.tries))
  }

  /** Whether it is here now. */
  async #tryAll({ pointer, from }: Wanted): Promise<boolean> {
    if (await this.#host.has(pointer)) return true
    // Whoever leaves something in an inbox does not hear its topic.
    const first = from !== undefined && this.#host.isConnected(from) ? [from] : []
    for (const peer of new Set([...first, ...this.#host.peers(pointer.topic)])) {
      if (this.#isStopped) return false
      try {
        const frame = await this.#host.fetch(peer, pointer)
        if (frame === undefined) continue
        await this.#host.take(pointer.topic, [frame], peer)
        return true
      } catch (error) {
        this.#host.onFailure(error)
      }
    }
    return false
  }
}

interface Wanted {
  readonly key: string
  readonly pointer: FramePointer
  readonly from: string | undefined
  tries: number
  timer: ReturnType<typeof setTimeout> | undefined
  /** Whether it waits for its timer. */
  isWaiting: boolean
}

/** At once; each may hold a whole frame in memory. */
const MAX_RUNNING = 2
const MAX_WANTED = 256
/** With pauses that double from a second to ten minutes: about an hour and a half. */
const MAX_TRIES = 18
/** The first pause, which doubles with each try, and the longest. */
const RETRY_MS = 1_000
const LAST_MS = 600_000
