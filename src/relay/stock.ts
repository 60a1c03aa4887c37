// Key packages that devices have left with a relay for whoever wants to add them (RFC 9420 §10, §16.8): checked before they
// are kept, each handed out once, and the last-resort one when there is no other.

import { equalBytes, toHex } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import { validateKeyPackage } from '../group/key-packages.ts'
import { decodeKeyPackage, type KeyPackage } from '../messages/key-package.ts'
import type { Store } from '../storage/store.ts'
import { Sequence } from '../transport/sequence.ts'
import type { DepositRequest } from '../wire/relay-messages.ts'
import { TOPIC_KEY_BYTES } from '../wire/topic.ts'
import type { RelayLimits } from './limits.ts'

export interface StockHost {
  readonly store: Store
  readonly clock: () => number
  readonly limits: RelayLimits
  /** Undefined for suites that are not known: packages of those cannot be checked. */
  suite(id: number): CipherSuite | undefined
}

/** A key package that is handed out. */
export interface Taken {
  readonly keyPackage: Uint8Array
  readonly isLastResort: boolean
}

export class Stock {
  readonly #host: StockHost
  readonly #turns = new Sequence()
  /** By the device's key in hexadecimal. */
  readonly #devices = new Map<string, Shelf>()

  private constructor(host: StockHost) {
    this.#host = host
  }

  static async open(host: StockHost): Promise<Stock> {
    const stock = new Stock(host)
    for await (const [device, record] of host.store.entries(DEVICES)) {
      const shelf = decode(readShelf, record)
      for await (const [place, value] of host.store.range(oneTimeOf(device))) {
        const { notAfterMs: until, bytes } = decode(readChecked, value)
        shelf.oneTime.push({ place, length: bytes.length, notAfterMs: until })
      }
      stock.#devices.set(device, shelf)
    }
    return stock
  }

  get devices(): number {
    return this.#devices.size
  }

  /** Key packages that can be handed out once. */
  get oneTime(): number {
    return [...this.#devices.values()].reduce((sum, { oneTime }) => sum + oneTime.length, 0)
  }

  /** Bytes of all key packages. */
  get bytes(): number {
    return [...this.#devices.values()].reduce((sum, shelf) => sum + bytesOf(shelf), 0)
  }

  /** Who may take key packages of a device: the public key of its stock. */
  keyOf(device: Uint8Array): Uint8Array | undefined {
    return this.#devices.get(toHex(device))?.stock
  }

  /**
   * Keeps key packages, all or none of them: on disk when this resolves.
   * @returns how many of the device there are now that can be handed out once
   * @throws CoterieError `RELAY_REFUSED` (peer), `RELAY_BUSY` (environment)
   */
  async deposit(request: DepositRequest): Promise<number> {
    const check = (bytes: Uint8Array): Promise<Checked> => this.#check(bytes, request.device)
    const oneTime = await Promise.all(request.oneTime.map(check))
    const lastResort = request.lastResort && (await check(request.lastResort))
    return this.#turns.run(() => this.#put(request, oneTime, lastResort))
  }

  /**
   * Gives a key package away.
   * @param mayTakeOneTime - whether one that is handed out once may be taken
   */
  take(device: Uint8Array, mayTakeOneTime: boolean): Promise<Taken | undefined> {
    return this.#turns.run(() => this.#take(toHex(device), mayTakeOneTime))
  }

  /** Drops what cannot be used any more. */
  expire(): Promise<void> {
    return this.#turns.run(async () => {
      for (const [device, shelf] of [...this.#devices]) await this.#expire(device, shelf)
    })
  }

  async #check(bytes: Uint8Array, device: Uint8Array): Promise<Checked> {
    const { limits, clock, suite: suiteOf } = this.#host
    if (bytes.length > limits.maxKeyPackageBytes) fail('RELAY_REFUSED', `a key package of ${bytes.length} bytes`)
    try {
      const keyPackage = decode(decodeKeyPackage, bytes)
      const suite = suiteOf(keyPackage.cipherSuite)
      if (suite === undefined) return fail('RELAY_REFUSED', 'a key package of a suite that is not known here')
      if (!equalBytes(keyPackage.leafNode.signatureKey, device)) {
        fail('RELAY_REFUSED', 'a key package of another device')
      }
      await validateKeyPackage(suite, keyPackage, { nowMs: clock() })
      return { bytes, notAfterMs: notAfterMs(keyPackage) }
    } catch (cause) {
      if (!CoterieError.is(cause) || cause.code === 'RELAY_REFUSED') throw cause
      return fail('RELAY_REFUSED', 'a key package that is not valid', { cause })
    }
  }

  async #put(request: DepositRequest, fresh: readonly Checked[], lastResort: Checked | undefined): Promise<number> {
    const { store, limits } = this.#host
    const device = toHex(request.device)
    const old = this.#devices.get(device)
    // What nobody is given any more takes no room, and is no reason not to bring others.
    if (old !== undefined) await this.#expire(device, old)
    const before = this.#devices.get(device)
    if (before === undefined && fresh.length === 0 && lastResort === undefined) return 0
    const known = before?.oneTime ?? []
    const first = before?.nextPlace ?? 0
    const added = fresh.map((checked, i) => ({ ...checked, place: first + i, length: checked.bytes.length }))
    const shelf: Shelf = {
      stock: request.stock,
      lastResort: lastResort ?? before?.lastResort,
      nextPlace: first + added.length,
      oneTime: [
        ...known,
        ...added.map(({ place, length, notAfterMs: until }) => ({ place, length, notAfterMs: until })),
      ],
    }
    if (shelf.oneTime.length > limits.maxOneTime) fail('RELAY_BUSY', 'too many key packages of one device')
    const grown = bytesOf(shelf) - (before === undefined ? 0 : bytesOf(before))
    if (grown > 0 && this.bytes + grown > limits.maxStockBytes) fail('RELAY_BUSY', 'there is no room for key packages')
    await store.write((batch) => {
      batch.put(DEVICES, device, encodeShelf(shelf))
      for (const { place, ...checked } of added) batch.putAt(oneTimeOf(device), place, encodeChecked(checked))
    })
    this.#devices.set(device, shelf)
    return shelf.oneTime.length
  }

  async #take(device: string, mayTakeOneTime: boolean): Promise<Taken | undefined> {
    const { store } = this.#host
    const shelf = this.#devices.get(device)
    if (shelf === undefined) return undefined
    await this.#expire(device, shelf)
    const best = mayTakeOneTime ? validLongest(shelf.oneTime) : undefined
    const value = best && (await store.getAt(oneTimeOf(device), best.place))
    if (best === undefined || value === undefined) {
      return shelf.lastResort && { keyPackage: shelf.lastResort.bytes, isLastResort: true }
    }
    // Gone from the disk before anybody has it: it is never handed out twice.
    await store.write((batch) => batch.deleteAt(oneTimeOf(device), best.place))
    shelf.oneTime = shelf.oneTime.filter((entry) => entry !== best)
    return { keyPackage: decode(readChecked, value).bytes, isLastResort: false }
  }

  async #expire(device: string, shelf: Shelf): Promise<void> {
    const nowMs = this.#host.clock()
    const old = shelf.oneTime.filter(({ notAfterMs: until }) => until < nowMs)
    const isLastOld = shelf.lastResort !== undefined && shelf.lastResort.notAfterMs < nowMs
    if (old.length === 0 && !isLastOld) return
    const oneTime = shelf.oneTime.filter((entry) => !old.includes(entry))
    const lastResort = isLastOld ? undefined : shelf.lastResort
    const isEmpty = oneTime.length === 0 && lastResort === undefined
    await this.#host.store.write((batch) => {
      for (const { place } of old) batch.deleteAt(oneTimeOf(device), place)
      if (isEmpty) batch.delete(DEVICES, device)
      else batch.put(DEVICES, device, encodeShelf({ ...shelf, lastResort }))
    })
    shelf.oneTime = oneTime
    shelf.lastResort = lastResort
    if (isEmpty) this.#devices.delete(device)
  }
}

/** A key package that has been checked. */
interface Checked {
  readonly bytes: Uint8Array
  readonly notAfterMs: number
}

interface OneTime {
  readonly place: number
  readonly length: number
  readonly notAfterMs: number
}

/** What there is of a device. */
interface Shelf {
  readonly stock: Uint8Array
  lastResort: Checked | undefined
  /** No place is used twice. */
  readonly nextPlace: number
  /** By place. */
  oneTime: OneTime[]
}

/** Who is added may be off: of an older one the private key may be gone before the Welcome is read. */
function validLongest(all: readonly OneTime[]): OneTime | undefined {
  return all.reduce<OneTime | undefined>(
    (best, entry) => (best === undefined || entry.notAfterMs > best.notAfterMs ? entry : best),
    undefined,
  )
}

function bytesOf({ lastResort, oneTime }: Shelf): number {
  return (lastResort?.bytes.length ?? 0) + oneTime.reduce((sum, { length }) => sum + length, 0)
}

/** RFC 9420 §7.2: seconds since the Unix epoch. */
function notAfterMs({ leafNode: { origin } }: KeyPackage): number {
  return 'lifetime' in origin ? Number(origin.lifetime.notAfter) * 1_000 : 0
}

function encodeShelf({ stock, lastResort, nextPlace }: Shelf): Uint8Array {
  return encode((writer) => {
    writer.fixed(stock)
    writer.uint32(nextPlace)
    writer.optional(lastResort, writeChecked)
  }, undefined)
}

function encodeChecked(checked: Checked): Uint8Array {
  return encode(writeChecked, checked)
}

const writeChecked: Encoder<Checked> = (writer, { bytes, notAfterMs: until }) => {
  writer.uint64(BigInt(until))
  writer.opaque(bytes)
}

const readChecked: Decoder<Checked> = (reader) => ({ notAfterMs: Number(reader.uint64()), bytes: reader.opaque() })

const readShelf: Decoder<Shelf> = (reader) => ({
  stock: reader.fixed(TOPIC_KEY_BYTES),
  nextPlace: reader.uint32(),
  lastResort: reader.optional(readChecked),
  oneTime: [],
})

function oneTimeOf(device: string): string {
  return `one-time/${device}`
}

/** The bucket of devices. */
const DEVICES = 'devices'
