// The key packages on this device's contact card, which are used more than once (RFC 9420 §16.8): renewed in good time, however
// long the client is open, and kept until they expire, since somebody may still have an older card.

import { toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { keyPackageRecord, restoreKeyPackage } from '../group/key-package-record.ts'
import {
  createKeyPackage,
  type LeafOptions,
  lifetimeOfDays,
  type OwnKeyPackage,
  wipeKeyPackage,
} from '../group/key-packages.ts'
import type { Store } from '../storage/store.ts'
import { Sequence } from '../transport/sequence.ts'
import { DAY_MS, hasExpired, notAfterMs, notBeforeMs } from './key-package-lifetime.ts'

/** What key packages of this device are made with. */
export interface KeyPackageHost {
  readonly suite: CipherSuite
  readonly store: Store
  /** In milliseconds since the Unix epoch. */
  readonly clock: () => number
  readonly leaf: LeafOptions
}

export class CardKeyPackages {
  readonly #host: KeyPackageHost
  /** Of two who find that it is time for a new one, one makes it. */
  readonly #turns = new Sequence()
  #kept: readonly OwnKeyPackage[]

  private constructor(host: KeyPackageHost, kept: readonly OwnKeyPackage[]) {
    this.#host = host
    this.#kept = kept
  }

  /** Brings back what is on disk, and makes what is missing. */
  static async open(host: KeyPackageHost): Promise<CardKeyPackages> {
    const kept: OwnKeyPackage[] = []
    for await (const [, record] of host.store.entries(BUCKET)) kept.push(restoreKeyPackage(host.suite, record))
    const packages = new CardKeyPackages(host, kept)
    await packages.current()
    return packages
  }

  /** All with which somebody may still add this device: that on the card, and those that were on it before. */
  get all(): readonly OwnKeyPackage[] {
    const nowMs = this.#host.clock()
    return this.#kept.filter((own) => !hasExpired(own, nowMs))
  }

  /**
   * The one to show now: more than half of its lifetime is left, and it is on disk. Those that expired go.
   * @throws CoterieError `STORE_*`
   */
  current(): Promise<OwnKeyPackage> {
    return this.#turns.run(() => this.#current())
  }

  async #current(): Promise<OwnKeyPackage> {
    const { suite, store, clock, leaf } = this.#host
    const nowMs = clock()
    const expired = this.#kept.filter((own) => hasExpired(own, nowMs))
    const usable = this.#kept.filter((own) => !expired.includes(own))
    const found = usable.find((own) => isYoung(own, nowMs))
    if (found !== undefined && expired.length === 0) return found
    const current =
      found ?? (await createKeyPackage(suite, { ...leaf, lifetime: lifetimeOfDays(nowMs, LIFETIME_DAYS) }))
    await store.write((batch) => {
      for (const { reference } of expired) batch.delete(BUCKET, toHex(reference))
      if (found === undefined) batch.put(BUCKET, toHex(current.reference), keyPackageRecord(current))
    })
    this.#kept = found === undefined ? [current, ...usable] : usable
    for (const own of expired) wipeKeyPackage(own)
    return current
  }
}

/** Not one that has yet to begin either: the clock may have been wrong when it was made. */
function isYoung({ keyPackage }: OwnKeyPackage, nowMs: number): boolean {
  return notBeforeMs(keyPackage) <= nowMs && notAfterMs(keyPackage) - nowMs > (LIFETIME_DAYS / 2) * DAY_MS
}

/** The bucket of these key packages, by reference. */
const BUCKET = 'key-packages'
const LIFETIME_DAYS = 90
