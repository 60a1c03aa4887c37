// Peers that stay connected: whoever was connected on purpose is dialled again when the connection is lost, sooner at first
// and then ever more patiently.

import type { PeerId } from '../transport.ts'

export interface RedialDelays {
  readonly first: number
  readonly longest: number
}

interface Kept {
  readonly address: string
  peer: PeerId | undefined
  delayMs: number
  timer: ReturnType<typeof setTimeout> | undefined
  isDialling: boolean
}

export interface Dialler {
  /** Rejects where nobody answers. */
  dial(address: string): Promise<PeerId>
  isConnected(peer: PeerId): boolean
}

export class KeptPeers {
  readonly #dialler: Dialler
  readonly #delays: RedialDelays
  readonly #kept = new Map<string, Kept>()
  #isStopped = false

  constructor(dialler: Dialler, delays: RedialDelays) {
    this.#dialler = dialler
    this.#delays = delays
  }

  /** Dials an address now, and again until somebody answers. */
  seek(address: string): void {
    if (!this.#isStopped) void this.#dial(this.#keep(address, undefined))
  }

  /** An address that has just been dialled. */
  keep(address: string, peer: PeerId): void {
    if (this.#isStopped) return
    const kept = this.#keep(address, peer)
    kept.delayMs = this.#delays.first
    this.#followUp(kept)
  }

  /** To be called when the last connection to a peer is gone. */
  lost(peer: PeerId): void {
    for (const kept of this.#kept.values()) if (kept.peer === peer) this.#schedule(kept)
  }

  stop(): void {
    this.#isStopped = true
    for (const { timer } of this.#kept.values()) clearTimeout(timer)
    this.#kept.clear()
  }

  #keep(address: string, peer: PeerId | undefined): Kept {
    const kept = this.#kept.get(address) ?? {
      address,
      peer,
      delayMs: this.#delays.first,
      timer: undefined,
      isDialling: false,
    }
    kept.peer = peer ?? kept.peer
    this.#kept.set(address, kept)
    if (this.#kept.size > MOST_KEPT) this.#forgetOne()
    return kept
  }

  async #dial(kept: Kept): Promise<void> {
    if (kept.isDialling || this.#kept.get(kept.address) !== kept) return
    kept.isDialling = true
    try {
      kept.peer = await this.#dialler.dial(kept.address)
      kept.delayMs = this.#delays.first
    } catch {
      kept.delayMs = Math.min(kept.delayMs * 2, this.#delays.longest)
    }
    kept.isDialling = false
    this.#followUp(kept)
  }

  /** Connected, there is nothing to do before it is lost. */
  #followUp(kept: Kept): void {
    if (kept.peer === undefined || !this.#dialler.isConnected(kept.peer)) this.#schedule(kept)
  }

  #schedule(kept: Kept): void {
    if (this.#kept.get(kept.address) !== kept) return
    clearTimeout(kept.timer)
    kept.timer = setTimeout(() => void this.#dial(kept), kept.delayMs)
  }

  /** Whoever has been gone for longest is the least likely to come back. */
  #forgetOne(): void {
    const [first, ...others] = this.#kept.values()
    if (first === undefined) return
    const forgotten = others.reduce((gone, kept) => (kept.delayMs > gone.delayMs ? kept : gone), first)
    clearTimeout(forgotten.timer)
    this.#kept.delete(forgotten.address)
  }
}

const MOST_KEPT = 256
