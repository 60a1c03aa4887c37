// How many conversations that others began a peer answers at once, with everybody and with each. Where there is no room, those
// make room who keep it without showing that they need it. Of one peer, what is too much waits: whoever asks has done its part of
// a conversation before this side has, and cannot know how many are under way here.

import { CoterieError, fail } from '../errors.ts'
import type { MessageStream } from '../transport/transport.ts'

export interface ConversationLimits {
  /** At once. */
  readonly maxConversations: number
  readonly maxConversationsOfPeer: number
}

export class Conversations {
  readonly #limits: ConversationLimits
  /** The longest under way first. */
  readonly #running = new Set<Running>()
  /** By peer; the longest waiting first. */
  readonly #waiting = new Map<string, (() => void)[]>()

  constructor(limits: ConversationLimits) {
    this.#limits = limits
  }

  /**
   * Answers a stream.
   * @param conversation - is given what it has to call when the other side has proved that it holds a key
   * @throws CoterieError `SYNC_LIMIT`: too many of one peer wait, `SYNC_SILENT`: one that has proved nothing makes room (peer),
   *   `SYNC_BUSY`: too many in all (environment), and what it throws
   */
  async run<T>(stream: MessageStream, conversation: (noteProof: () => void) => Promise<T>): Promise<T> {
    const { maxConversations, maxConversationsOfPeer } = this.#limits
    while (this.#of(stream.peer) >= maxConversationsOfPeer) await this.#turnOf(stream.peer)
    const ofPeer = this.#of(stream.peer)
    if (this.#running.size >= maxConversations && !this.#makeRoom(ofPeer)) {
      fail('SYNC_BUSY', 'too many conversations are under way')
    }
    const running: Running = { stream, startedMs: performance.now(), hasProved: false, over: undefined }
    this.#running.add(running)
    const over = conversation(() => {
      running.hasProved = true
    })
    running.over = over
    try {
      return await over
    } catch (error) {
      // It was still here where nobody made it end.
      if (!running.hasProved && !this.#running.has(running)) {
        fail('SYNC_SILENT', 'a conversation in which nothing was proved', { cause: error })
      }
      throw error
    } finally {
      this.#running.delete(running)
      this.#next(stream.peer)
    }
  }

  #turnOf(peer: string): Promise<void> {
    const waiting = this.#waiting.get(peer) ?? []
    if (waiting.length >= MAX_WAITING_OF_PEER) fail('SYNC_LIMIT', 'too many conversations of one peer wait')
    this.#waiting.set(peer, waiting)
    return new Promise((resolve) => waiting.push(resolve))
  }

  #next(peer: string): void {
    const waiting = this.#waiting.get(peer)
    waiting?.shift()?.()
    if (waiting?.length === 0) this.#waiting.delete(peer)
  }

  /** Resolves when none is under way any more. */
  async ended(): Promise<void> {
    await Promise.allSettled([...this.#running].map(({ over }) => over))
  }

  #of(peer: string): number {
    let count = 0
    for (const { stream } of this.#running) if (stream.peer === peer) count++
    return count
  }

  /** Ends one who has proved nothing for a while, or else one of the peer that has the most. @returns whether there was one */
  #makeRoom(ofPeer: number): boolean {
    const latestMs = performance.now() - PROVING_MS
    const given =
      [...this.#running].find(({ hasProved, startedMs }) => !hasProved && startedMs < latestMs) ??
      this.#oneOfMost(ofPeer)
    if (given === undefined) return false
    this.#running.delete(given)
    given.stream.abort(new CoterieError('SYNC_BUSY', 'others wait'))
    return true
  }

  /** The longest under way of the peer that has the most; undefined where it has hardly more than who wants one. */
  #oneOfMost(ofPeer: number): Running | undefined {
    const counts = new Map<string, number>()
    for (const { stream } of this.#running) counts.set(stream.peer, (counts.get(stream.peer) ?? 0) + 1)
    const most = Math.max(...counts.values())
    if (most <= ofPeer + 1) return undefined
    return [...this.#running].find(({ stream }) => counts.get(stream.peer) === most)
  }
}

interface Running {
  readonly stream: MessageStream
  readonly startedMs: number
  hasProved: boolean
  over: Promise<unknown> | undefined
}

/** As many as a peer that asks for little at a time can have begun while this side was busy. */
const MAX_WAITING_OF_PEER = 32
/** Honest peers prove themselves within one round trip, also on a bad line. */
const PROVING_MS = 3_000
