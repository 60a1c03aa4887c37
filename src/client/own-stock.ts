// This device's key packages that are handed out once by relays (RFC 9420 §10, §16.8): made here, kept until somebody has used
// them or they have expired.

import { toHex } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import { keyPackageRecord, restoreKeyPackage } from '../group/key-package-record.ts'
import { createKeyPackage, lifetimeOfDays, type OwnKeyPackage, wipeKeyPackage } from '../group/key-packages.ts'
import { WireFormat } from '../messages/code-points.ts'
import { decodeMlsMessage } from '../messages/mls-message.ts'
import type { BatchPart } from '../storage/store.ts'
import type { KeyPackageHost } from './card-key-packages.ts'
import { DAY_MS, hasExpired } from './key-package-lifetime.ts'

export class OwnStock {
  readonly #host: KeyPackageHost
  /** By reference in hexadecimal. */
  readonly #kept = new Map<string, Kept>()

  constructor(host: KeyPackageHost) {
    this.#host = host
  }

  /** Brings back what is on disk, and drops what is of no use any more. */
  async restore(): Promise<void> {
    const { suite, store } = this.#host
    for await (const [reference, value] of store.entries(BUCKET)) {
      const { spentAtMs, record } = decode(
        (reader) => ({ spentAtMs: Number(reader.uint64()), record: reader.rest() }),
        value,
      )
      this.#kept.set(reference, { own: restoreKeyPackage(suite, record), spentAtMs })
    }
    await this.expire()
  }

  /** All with which somebody may still add this device. */
  get keyPackages(): readonly OwnKeyPackage[] {
    const nowMs = this.#host.clock()
    return [...this.#kept.values()].map(({ own }) => own).filter((own) => !hasExpired(own, nowMs))
  }

  /** Makes key packages to be handed out: on disk when this resolves. Fewer where there are too many. */
  async make(count: number): Promise<readonly OwnKeyPackage[]> {
    const { suite, store, clock, leaf } = this.#host
    const lifetime = lifetimeOfDays(clock(), ONE_TIME_DAYS)
    const made: OwnKeyPackage[] = []
    while (made.length < count && this.#kept.size + made.length < MAX_KEPT) {
      made.push(await createKeyPackage(suite, { ...leaf, lifetime }))
    }
    if (made.length === 0) return made
    await store.write((batch) => {
      for (const own of made) batch.put(BUCKET, toHex(own.reference), encodeKept({ own, spentAtMs: 0 }))
    })
    for (const own of made) this.#kept.set(toHex(own.reference), { own, spentAtMs: 0 })
    return made
  }

  /**
   * Notes that a Welcome was joined by. What it was for is kept for a day more: whoever committed on a branch that lost makes
   * another Welcome with the same key package.
   */
  spend(welcome: Uint8Array): BatchPart {
    const message = decodeMlsMessage(welcome)
    const references =
      message.wireFormat === WireFormat.welcome ? message.welcome.secrets.map(({ newMember }) => toHex(newMember)) : []
    return (batch) => {
      for (const reference of references) {
        const kept = this.#kept.get(reference)
        if (kept === undefined || kept.spentAtMs > 0) continue
        const spent = { ...kept, spentAtMs: this.#host.clock() }
        this.#kept.set(reference, spent)
        batch.put(BUCKET, reference, encodeKept(spent))
      }
    }
  }

  /** Drops what has expired, and what was used long enough ago. */
  async expire(): Promise<void> {
    const nowMs = this.#host.clock()
    await this.#drop([...this.#kept.values()].filter((kept) => isOver(kept, nowMs)).map(({ own }) => own))
  }

  /** Forgets some that nobody can have got. */
  discard(made: readonly OwnKeyPackage[]): Promise<void> {
    return this.#drop(made)
  }

  async #drop(gone: readonly OwnKeyPackage[]): Promise<void> {
    if (gone.length === 0) return
    await this.#host.store.write((batch) => {
      for (const { reference } of gone) batch.delete(BUCKET, toHex(reference))
    })
    for (const own of gone) {
      this.#kept.delete(toHex(own.reference))
      wipeKeyPackage(own)
    }
  }
}

interface Kept {
  readonly own: OwnKeyPackage
  /** 0 for one that was not used yet. */
  readonly spentAtMs: number
}

function encodeKept({ own, spentAtMs }: Kept): Uint8Array {
  return encode((writer) => {
    writer.uint64(BigInt(spentAtMs))
    writer.fixed(keyPackageRecord(own))
  }, undefined)
}

function isOver({ own, spentAtMs }: Kept, nowMs: number): boolean {
  return hasExpired(own, nowMs) || (spentAtMs > 0 && spentAtMs + GRACE_MS < nowMs)
}

/** The bucket of these key packages, by reference. */
const BUCKET = 'one-time-key-packages'
export const ONE_TIME_DAYS = 60
const GRACE_MS = DAY_MS
const MAX_KEPT = 500
