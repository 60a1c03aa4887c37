// What the client's own relays hand out for it (spec/relay.md, "Key packages"): fresh packages are there before the old ones
// expire. A relay says only how many it has; which those may be follows from what was left there.

import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError } from '../errors.ts'
import type { OwnKeyPackage } from '../group/key-packages.ts'
import { encodeKeyPackage } from '../messages/key-package.ts'
import type { Store } from '../storage/store.ts'
import { stockKeys } from '../wire/relay-messages.ts'
import { DAY_MS, notAfterMs } from './key-package-lifetime.ts'
import type { OwnIdentity } from './own-identity.ts'
import { ONE_TIME_DAYS, type OwnStock } from './own-stock.ts'
import type { RelayConversation } from './relay-conversation.ts'

export interface RelayStockHost {
  readonly wire: CipherSuite
  readonly store: Store
  readonly clock: () => number
  readonly own: OwnIdentity
  readonly stock: OwnStock
  warn(error: unknown): void
}

type Deposit = Parameters<RelayConversation['deposit']>[1]

export class RelayStock {
  readonly #host: RelayStockHost

  constructor(host: RelayStockHost) {
    this.#host = host
  }

  /**
   * Leaves what a relay lacks. What it refuses is left again some other time.
   * @param address - the relay's, which the conversation is with
   * @throws CoterieError `RELAY_MALFORMED`, `SYNC_*`, `TRANSPORT_*`, `STORE_*`
   */
  async supply(address: string, conversation: Pick<RelayConversation, 'deposit'>): Promise<void> {
    const { wire, store, clock, own, stock } = this.#host
    await stock.expire()
    const { publicKey } = (await stockKeys(wire, own.inbox.address)).keyPair
    const leave = (packages: Omit<Deposit, 'stock'>): Promise<number | undefined> =>
      this.#unlessRefused(conversation.deposit(own.device, { stock: publicKey, ...packages }))
    const lastResort = encoded(await own.keyPackages.current())
    // That one package is refused is no reason to leave none of the others.
    const there = (await leave({ oneTime: [], lastResort })) ?? (await leave({ oneTime: [], lastResort: undefined }))
    if (there === undefined) return
    const nowMs = clock()
    const lots = assumedLeft(await this.#lots(address), there, nowMs)
    const fresh = countOf(lots.filter((lot) => lot.notAfterMs - nowMs > STALE_MS))
    if (fresh > FULL_STOCK / 2) return
    const made = await stock.make(Math.min(FULL_STOCK - fresh, MOST_AT_RELAY - there))
    const [first] = made
    if (first === undefined) return
    if ((await leave({ oneTime: made.map(encoded), lastResort: undefined })) === undefined) {
      await stock.discard(made)
      return
    }
    const added = { count: made.length, notAfterMs: notAfterMs(first.keyPackage) }
    await store.write((batch) => batch.put(BUCKET, address, encodeLots([...lots, added])))
  }

  /** @returns undefined where the relay refuses */
  async #unlessRefused(answer: Promise<number>): Promise<number | undefined> {
    try {
      return await answer
    } catch (error) {
      if (!CoterieError.is(error, 'RELAY_REFUSED') && !CoterieError.is(error, 'RELAY_BUSY')) throw error
      this.#host.warn(error)
      return undefined
    }
  }

  async #lots(address: string): Promise<readonly Lot[]> {
    const value = await this.#host.store.get(BUCKET, address)
    return value === undefined ? [] : decodeLots(value)
  }
}

/** Key packages that were left at a relay together. */
interface Lot {
  readonly count: number
  readonly notAfterMs: number
}

/**
 * Of what was left at a relay, what is there at worst: those that somebody was given were the ones that are valid longest. What
 * the relay has beyond that came there without this device knowing: nothing is known of how long it is valid.
 */
function assumedLeft(lots: readonly Lot[], there: number, nowMs: number): readonly Lot[] {
  const valid = lots.filter((lot) => lot.notAfterMs >= nowMs).sort((a, b) => a.notAfterMs - b.notAfterMs)
  const assumed: Lot[] = []
  let room = there
  for (const { count, notAfterMs: until } of valid) {
    if (room > 0) assumed.push({ count: Math.min(count, room), notAfterMs: until })
    room -= count
  }
  return assumed
}

function countOf(lots: readonly Lot[]): number {
  return lots.reduce((sum, { count }) => sum + count, 0)
}

function encoded({ keyPackage }: OwnKeyPackage): Uint8Array {
  return encode(encodeKeyPackage, keyPackage)
}

function encodeLots(lots: readonly Lot[]): Uint8Array {
  return encode((writer) => {
    writer.vector(lots, (inner, { count, notAfterMs: until }) => {
      inner.uint16(count)
      inner.uint64(BigInt(until))
    })
  }, undefined)
}

function decodeLots(value: Uint8Array): readonly Lot[] {
  return decode(
    (reader) => reader.vector((inner) => ({ count: inner.uint16(), notAfterMs: Number(inner.uint64()) })),
    value,
  )
}

/** The bucket of what was left at relays, by address. */
const BUCKET = 'relay-stock'
/** How many key packages each relay is to have that are fresh, and how many in all: some are on their way out. */
const FULL_STOCK = 20
const MOST_AT_RELAY = 60
/** Who is added by one with less time than that may be off until it is over. */
const STALE_MS = (ONE_TIME_DAYS * DAY_MS) / 4
