// How many conversations a relay has at once, with everybody and with each peer.

import { fail } from '../errors.ts'
import type { RelayLimits } from './limits.ts'

export class Conversations {
  readonly #limits: Pick<RelayLimits, 'maxConversations' | 'maxConversationsOfPeer'>
  /** By peer. */
  readonly #running = new Map<string, number>()
  readonly #all = new Set<Promise<unknown>>()

  constructor(limits: Pick<RelayLimits, 'maxConversations' | 'maxConversationsOfPeer'>) {
    this.#limits = limits
  }

  /** Runs a conversation. @throws CoterieError `SYNC_BUSY` where there are too many, and what it throws */
  async run<T>(peer: string, conversation: () => Promise<T>): Promise<T> {
    const ofPeer = this.#running.get(peer) ?? 0
    if (this.#all.size >= this.#limits.maxConversations || ofPeer >= this.#limits.maxConversationsOfPeer) {
      fail('SYNC_BUSY', 'too many conversations are under way')
    }
    this.#running.set(peer, ofPeer + 1)
    const running = conversation()
    this.#all.add(running)
    try {
      return await running
    } finally {
      this.#all.delete(running)
      const left = (this.#running.get(peer) ?? 1) - 1
      if (left > 0) this.#running.set(peer, left)
      else this.#running.delete(peer)
    }
  }

  /** Resolves when none is under way any more. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#all)
  }
}
