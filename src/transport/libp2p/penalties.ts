// How much each peer has to answer for, in gossipsub's points: below 0 a peer leaves the mesh, below -80 it is not heard. Those
// whose streams come to nothing again and again are counted the same way.

export class Penalties {
  readonly #points = new Map<string, { readonly points: number; readonly atMs: number }>()

  /** From 0, for a peer that did nothing wrong lately. */
  of(peer: string): number {
    const entry = this.#points.get(peer)
    if (entry === undefined) return 0
    const points = entry.points * 2 ** ((entry.atMs - performance.now()) / HALF_LIFE_MS)
    if (points < FORGIVEN) this.#points.delete(peer)
    return points < FORGIVEN ? 0 : points
  }

  /** Whether a peer is not to be heard. */
  isOutcast(peer: string): boolean {
    return this.of(peer) > UNHEARD
  }

  add(peer: string, amount: number = PER_FRAME): void {
    const points = Math.min(this.of(peer) + amount, MOST)
    this.#points.delete(peer)
    this.#points.set(peer, { points, atMs: performance.now() })
    const [longestAgo] = this.#points.keys()
    if (this.#points.size > REMEMBERED && longestAgo !== undefined) this.#points.delete(longestAgo)
  }
}

/** Where gossipsub stops hearing a peer by itself, though it may take a second to notice. */
const UNHEARD = 80
/** Five rejected frames, and a peer is not heard for a while. */
const PER_FRAME = 20
/** Four minutes from here until it is heard again. */
const MOST = 320
const HALF_LIFE_MS = 120_000
const FORGIVEN = 1
const REMEMBERED = 4_096
