// A network that loses, doubles, delays and reorders what it carries, and that falls apart and heals: gossip on topics, and
// reconciliation between two devices, as the real client has both.

import type { Disk } from './disk.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** How well the network carries. */
export interface LinkQuality {
  /** The probability that gossip does not reach a receiver. */
  readonly loss: number
  /** The probability that it reaches a receiver twice. */
  readonly duplication: number
  /** The shortest and the longest usual delay. */
  readonly delayMs: readonly [number, number]
  /** The probability that a delay is ten times as long: what was sent later then comes earlier. */
  readonly straggling: number
  /** The probability that a reconciliation breaks off half way. */
  readonly cutOff: number
  /** How often a device compares what it has with what another has, on average. */
  readonly reconcileEveryMs: number
}

export const PERFECT_LINK: LinkQuality = {
  loss: 0,
  duplication: 0,
  delayMs: [5, 40],
  straggling: 0,
  cutOff: 0,
  reconcileEveryMs: 5_000,
}

/** A device as the network sees it. */
export interface Station {
  readonly index: number
  readonly online: boolean
  readonly disk: Disk
  /** The names of the topics that it listens to. */
  readonly subscriptions: ReadonlySet<string>
  /** The names of the topics whose frames it has and gives to others. */
  readonly holdings: ReadonlySet<string>
  hear(topic: string, frames: readonly Uint8Array[]): Promise<void>
}

/** What was carried. */
export interface Traffic {
  published: number
  publishedBytes: number
  carried: number
  lost: number
  duplicated: number
  reconciled: number
}

export class SimulatedNetwork {
  readonly #clock: VirtualClock
  readonly #random: SeededRandom
  readonly #stations: Station[] = []
  /** The component of each station; two levels and more, since a partition may fall apart itself. */
  #components: readonly number[] = []
  #link: LinkQuality
  /** Topics of which two stations had the same frames, with their number: frames go from all at once. */
  readonly #inSync = new Map<string, number>()
  readonly traffic: Traffic = {
    published: 0,
    publishedBytes: 0,
    carried: 0,
    lost: 0,
    duplicated: 0,
    reconciled: 0,
  }

  constructor(clock: VirtualClock, random: SeededRandom, link: LinkQuality) {
    this.#clock = clock
    this.#random = random
    this.#link = link
  }

  /** Lets frames that are older than this go from all archives, by the time that they bear: nobody gives them back to others. */
  keepFor(retentionMs: number): void {
    this.#clock.at(this.#clock.nowMs + retentionMs / EXPIRIES, () => {
      for (const { disk } of this.#stations) disk.forgetFramesBefore(this.#clock.nowMs - retentionMs)
      this.#inSync.clear()
      this.keepFor(retentionMs)
    })
  }

  attach(station: Station): void {
    this.#stations.push(station)
    this.#scheduleReconciliation(station)
  }

  set link(link: LinkQuality) {
    this.#link = link
  }

  /** Whoever is in the same component can talk. Stations that are not named are in component 0. */
  partition(components: readonly number[]): void {
    const before = this.#components
    this.#components = components
    for (const a of this.#stations) {
      for (const b of this.#stations) {
        const met = a.index < b.index && this.connected(a, b) && !sameComponent(before, a, b)
        if (met) this.#reconcileSoon(a, b)
      }
    }
  }

  heal(): void {
    this.partition([])
  }

  connected(a: Station, b: Station): boolean {
    return a !== b && a.online && b.online && sameComponent(this.#components, a, b)
  }

  /** Those who would hear something on a topic. */
  listeners(from: Station, topic: string): Station[] {
    return this.#stations.filter((to) => this.connected(from, to) && to.subscriptions.has(topic))
  }

  /**
   * Sends to all who listen, or to some of them.
   * @returns how many listen
   */
  publish(from: Station, topic: string, bytes: Uint8Array, only?: (to: Station) => boolean): number {
    this.traffic.published++
    this.traffic.publishedBytes += bytes.length
    const listeners = this.listeners(from, topic).filter((to) => only?.(to) ?? true)
    for (const to of listeners) {
      const copies = this.#random.chance(this.#link.duplication) ? 2 : 1
      this.traffic.duplicated += copies - 1
      for (let copy = 0; copy < copies; copy++) {
        if (this.#random.chance(this.#link.loss)) this.traffic.lost++
        else this.#carry(from, to, topic, [bytes])
      }
    }
    return listeners.length
  }

  /** A station is there again: it compares with all whom it can reach. */
  appeared(station: Station): void {
    for (const other of this.#stations) if (this.connected(station, other)) this.#reconcileSoon(station, other)
  }

  /** A station wants to compare what it has on some topics with some who hear them, now. */
  sync(station: Station, topics: readonly string[]): void {
    for (const topic of topics) {
      const [first, second] = this.#random.shuffled(this.listeners(station, topic))
      for (const other of [first, second]) if (other !== undefined) this.#reconcileSoon(station, other, [topic])
    }
  }

  /** Gets a frame by its id from whoever has it and can be reached. */
  fetch(station: Station, topic: string, id: string): void {
    for (const other of this.#random.shuffled(this.#stations)) {
      const bytes = other.disk.frames(topic).get(id)
      if (bytes === undefined || !this.connected(station, other)) continue
      this.#carry(other, station, topic, [bytes])
      return
    }
  }

  #scheduleReconciliation(station: Station): void {
    this.#clock.at(this.#clock.nowMs + this.#random.waitMs(this.#link.reconcileEveryMs), () => {
      const others = this.#stations.filter((other) => this.connected(station, other))
      const other = this.#random.pick(others)
      if (other !== undefined) this.#reconcile(station, other)
      this.#scheduleReconciliation(station)
    })
  }

  #reconcileSoon(a: Station, b: Station, topics?: readonly string[]): void {
    this.#clock.at(this.#clock.nowMs + this.#delayMs(), () => {
      if (this.connected(a, b)) this.#reconcile(a, b, topics)
    })
  }

  /** Each gets what the other has and it lacks, on topics that both know; it may break off at any point. */
  #reconcile(a: Station, b: Station, topics?: readonly string[]): void {
    const theirs = b.holdings
    for (const topic of topics?.filter((one) => a.holdings.has(one)) ?? a.holdings) {
      const pair = a.index < b.index ? `${a.index} ${b.index} ${topic}` : `${b.index} ${a.index} ${topic}`
      const sizes = [a, b].map(({ disk }) => disk.frames(topic).size)
      const both = Math.max(...sizes)
      if (!theirs.has(topic) || (this.#inSync.get(pair) === both && sizes[0] === sizes[1])) continue
      if (this.#transfer(a, b, topic) + this.#transfer(b, a, topic) === 0) this.#inSync.set(pair, both)
    }
  }

  /** @returns how many were missing */
  #transfer(from: Station, to: Station, topic: string): number {
    const known = to.disk.frames(topic)
    const missing = [...from.disk.frames(topic)].filter(([id]) => !known.has(id)).map(([, bytes]) => bytes)
    const count = this.#random.chance(this.#link.cutOff) ? this.#random.below(missing.length) : missing.length
    this.traffic.reconciled += count
    for (let at = 0; at < count; ) {
      const size = Math.min(count - at, this.#random.between(1, MAX_BATCH))
      this.#carry(from, to, topic, missing.slice(at, at + size))
      at += size
    }
    return missing.length
  }

  #carry(from: Station, to: Station, topic: string, frames: readonly Uint8Array[]): void {
    this.#clock.at(this.#clock.nowMs + this.#delayMs(), async () => {
      // Whoever has gone meanwhile hears nothing.
      if (!this.connected(from, to)) return
      this.traffic.carried += frames.length
      await to.hear(topic, frames)
    })
  }

  #delayMs(): number {
    const [from, to] = this.#link.delayMs
    const delayMs = this.#random.between(from, to)
    return this.#random.chance(this.#link.straggling) ? delayMs * 10 : delayMs
  }
}

function sameComponent(components: readonly number[], a: Station, b: Station): boolean {
  return (components[a.index] ?? 0) === (components[b.index] ?? 0)
}

/** How often frames are looked through for old ones, in the time for which they are kept. */
const EXPIRIES = 28

/** Frames that are taken in at once in a reconciliation. */
const MAX_BATCH = 8
