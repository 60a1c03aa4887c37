// A store in any database of the abstract-level family: LevelDB in Node.js, IndexedDB in browsers, memory in tests.

import { decode } from '../../codec/reader.ts'
import { encode } from '../../codec/writer.ts'
import { CoterieError, fail } from '../../errors.ts'
import type { BatchPart, PlaceRange, Store } from '../store.ts'
import { placeOf, RecordSeal } from './record-seal.ts'
import { createHeader, headerOfVersion, openHeader, type Unlock } from './store-header.ts'
import { checkContent, type StorePurpose } from './store-purpose.ts'

/** What is needed of a database of the abstract-level family whose keys and values are bytes (encoding `view`). */
export interface ByteLevel {
  open(): Promise<void>
  close(): Promise<void>
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  put(key: Uint8Array, value: Uint8Array, options: WriteOptions): Promise<void>
  batch(operations: Operation[], options: WriteOptions): Promise<void>
  iterator(range: KeyRange): AsyncIterable<[Uint8Array, Uint8Array]>
  keys(range: KeyRange): AsyncIterable<Uint8Array>
}

type Operation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

interface WriteOptions {
  readonly sync?: boolean
}

interface KeyRange {
  readonly gte: Uint8Array
  readonly lt?: Uint8Array
  readonly lte?: Uint8Array
  readonly limit?: number
  readonly reverse?: boolean
}

/**
 * Brings a store of one layout to the next.
 * @returns the changes that do it: written together with the new number of the layout, or not at all
 */
export type Migration = (store: Store) => Promise<BatchPart>

/** How a database is opened. */
export interface LevelStoreOptions {
  readonly unlock: Unlock
  readonly randomBytes: (length: number) => Uint8Array
  /** The first brings layout 1 to layout 2, and so on. The layout behind the last is the one that is used. */
  readonly migrations?: readonly Migration[]
  /** Whether a store is known to be there, so that an empty database is not a new one but a damaged one. */
  readonly mustExist?: boolean
  /** What the store has to be for, to be told by what is in it. Default: whatever it is for. */
  readonly purpose?: StorePurpose | undefined
}

/**
 * Opens a store over a database, making it where the database is empty. Where it cannot be opened nothing is changed.
 * @throws CoterieError `STORE_PASSPHRASE`, `STORE_FOREIGN`, `ARGUMENT_INVALID` (caller), `STORE_LOCKED`, `STORE_VERSION`,
 * `STORE_CORRUPT`, `STORE_FAILED` (environment)
 */
export async function openLevelStore(database: ByteLevel, options: LevelStoreOptions): Promise<Store> {
  const { unlock, randomBytes, migrations = [], mustExist = false, purpose } = options
  const layout = 1 + migrations.length
  try {
    await database.open()
  } catch (cause) {
    failToOpen(cause, mustExist)
  }
  const storeOf = (databaseKey: Uint8Array): LevelStore =>
    new LevelStore(database, new RecordSeal(databaseKey, randomBytes))
  try {
    const existing = await guarded(() => database.get(HEADER_KEY))
    if (existing === undefined) {
      if (mustExist) fail('STORE_CORRUPT', 'the database of the store is empty: a file of it was damaged')
      const { header, databaseKey } = await createHeader(layout, unlock, randomBytes)
      await guarded(() => database.put(HEADER_KEY, header, SYNC))
      return storeOf(databaseKey)
    }
    const { version, databaseKey } = await openHeader(existing, layout, unlock).catch(async (error: unknown) => {
      // Stores for something else have layouts of their own: the number alone does not tell that this one is newer.
      if (purpose !== undefined && CoterieError.is(error, 'STORE_VERSION')) {
        const other = await openHeader(existing, Number.POSITIVE_INFINITY, unlock).catch(() => undefined)
        if (other !== undefined) await checkContent(storeOf(other.databaseKey), purpose)
      }
      throw error
    })
    const store = storeOf(databaseKey)
    if (purpose !== undefined) await checkContent(store, purpose)
    for (const [i, migrate] of migrations.slice(version - 1).entries()) {
      const header = headerOfVersion(existing, version + i + 1)
      await store.writeBeside({ type: 'put', key: HEADER_KEY, value: header }, await migrate(store))
    }
    return store
  } catch (error) {
    await database.close()
    throw error
  }
}

class LevelStore implements Store {
  readonly #database: ByteLevel
  readonly #seal: RecordSeal
  /** What a write has failed with. Whoever wrote has gone on from it in memory: what comes later would not fit to what is on disk. */
  #failure: CoterieError | undefined

  constructor(database: ByteLevel, seal: RecordSeal) {
    this.#database = database
    this.#seal = seal
  }

  async get(bucket: string, name: string): Promise<Uint8Array | undefined> {
    const key = this.#seal.namedKey(bucket, name)
    const sealed = await guarded(() => this.#database.get(key))
    return sealed && openNamed(this.#seal, key, sealed)[1]
  }

  async getAt(bucket: string, place: number): Promise<Uint8Array | undefined> {
    const key = this.#seal.placedKey(bucket, place)
    const sealed = await guarded(() => this.#database.get(key))
    return sealed && this.#seal.open(key, sealed)
  }

  async *entries(bucket: string): AsyncGenerator<readonly [string, Uint8Array]> {
    for await (const [key, sealed] of guardedAll(() =>
      this.#database.iterator(within(this.#seal.namedPrefix(bucket))),
    )) {
      yield openNamed(this.#seal, key, sealed)
    }
  }

  async *range(bucket: string, range: PlaceRange = {}): AsyncGenerator<readonly [number, Uint8Array]> {
    const { from = 0, to = Number.MAX_SAFE_INTEGER, limit = -1, reverse = false } = range
    if (to < from || limit === 0) return
    const options = { gte: this.#seal.placedKey(bucket, from), lte: this.#seal.placedKey(bucket, to), limit, reverse }
    for await (const [key, sealed] of guardedAll(() => this.#database.iterator(options))) {
      yield [placeOf(key), this.#seal.open(key, sealed)]
    }
  }

  write(changes: BatchPart): Promise<void> {
    return this.#write([], changes)
  }

  /** A write with something that is not a record. */
  writeBeside(operation: Operation, changes: BatchPart): Promise<void> {
    return this.#write([operation], changes)
  }

  async #write(first: readonly Operation[], changes: BatchPart): Promise<void> {
    if (this.#failure !== undefined) {
      fail('STORE_FAILED', 'a write has failed: nothing is written any more until the store is opened anew', {
        cause: this.#failure,
      })
    }
    const operations: (Operation | { readonly type: 'clear'; readonly prefix: Uint8Array })[] = [...first]
    const seal = this.#seal
    changes({
      put: (bucket, name, value) => {
        const key = seal.namedKey(bucket, name)
        operations.push({ type: 'put', key, value: seal.seal(key, encodeNamed(name, value)) })
      },
      delete: (bucket, name) => operations.push({ type: 'del', key: seal.namedKey(bucket, name) }),
      putAt: (bucket, place, value) => {
        const key = seal.placedKey(bucket, place)
        operations.push({ type: 'put', key, value: seal.seal(key, value) })
      },
      deleteAt: (bucket, place) => operations.push({ type: 'del', key: seal.placedKey(bucket, place) }),
      clear: (bucket) => operations.push({ type: 'clear', prefix: seal.bucketPrefix(bucket) }),
    })
    const batch: Operation[] = []
    for (const operation of operations) {
      if (operation.type !== 'clear') batch.push(operation)
      else await this.#clear(batch, operation.prefix)
    }
    try {
      await guarded(() => this.#database.batch(batch, SYNC))
    } catch (error) {
      if (CoterieError.is(error) && error.code !== 'STORE_CLOSED') this.#failure = error
      throw error
    }
  }

  /** Whether there is no record. */
  async isEmpty(): Promise<boolean> {
    for await (const _ of guardedAll(() => this.#database.keys({ gte: RECORDS, limit: 1 }))) return false
    return true
  }

  async close(): Promise<void> {
    await guarded(() => this.#database.close())
  }

  /** Turns the removal of a bucket into removals of its records, those on disk and those earlier in the batch. */
  async #clear(batch: Operation[], prefix: Uint8Array): Promise<void> {
    const written = batch.map(({ key }) => key).filter((key) => prefix.every((byte, i) => key[i] === byte))
    for await (const key of guardedAll(() => this.#database.keys(within(prefix)))) written.push(key)
    for (const key of written) batch.push({ type: 'del', key })
  }
}

/** Everything that begins with a prefix. */
function within(prefix: Uint8Array): { gte: Uint8Array; lt: Uint8Array } {
  const end = prefix.slice()
  // A MAC of nothing but 0xff does not occur; the byte before it is constant and small.
  for (let i = end.length - 1; i >= 0; i--) {
    end[i] = ((end[i] as number) + 1) & 0xff
    if (end[i] !== 0) break
  }
  return { gte: prefix, lt: end }
}

function encodeNamed(name: string, value: Uint8Array): Uint8Array {
  return encode((writer) => {
    writer.opaque(new TextEncoder().encode(name))
    writer.fixed(value)
  }, undefined)
}

function openNamed(seal: RecordSeal, key: Uint8Array, sealed: Uint8Array): readonly [string, Uint8Array] {
  return decode((reader) => [new TextDecoder().decode(reader.opaque()), reader.rest()], seal.open(key, sealed))
}

/** Database errors become the library's. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    return failFor(cause)
  }
}

async function* guardedAll<T>(items: () => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const iterator = await guarded(async () => items()[Symbol.asyncIterator]())
  try {
    for (;;) {
      const { done, value } = await guarded(() => iterator.next())
      if (done === true) return
      yield value
    }
  } finally {
    await iterator.return?.()
  }
}

function failFor(cause: unknown): never {
  if (CoterieError.is(cause)) throw cause
  const code = codeOf(cause)
  if (code === 'LEVEL_CORRUPTION') fail('STORE_CORRUPT', 'a file of the store is damaged', { cause })
  if (CLOSED.has(code)) fail('STORE_CLOSED', 'the store is closed', { cause })
  return fail('STORE_FAILED', 'the database failed', { cause })
}

/** @param mustExist - a store is known to be there */
function failToOpen(cause: unknown, mustExist: boolean): never {
  const reason = codeOf(cause instanceof Error ? cause.cause : undefined)
  if (reason === 'LEVEL_LOCKED') fail('STORE_LOCKED', 'another process has this store open', { cause })
  if (mustExist || reason === 'LEVEL_CORRUPTION')
    fail('STORE_CORRUPT', 'files of the store are damaged or gone', { cause })
  return fail('STORE_FAILED', 'the database of the store cannot be opened', { cause })
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

/** What a database says when it is used after its closing. */
const CLOSED: ReadonlySet<unknown> = new Set(['LEVEL_DATABASE_NOT_OPEN', 'LEVEL_ITERATOR_NOT_OPEN'])
const HEADER_KEY = Uint8Array.of(0)
/** Everything but the header is behind this. */
const RECORDS = Uint8Array.of(1)
/** On disk, not only with the operating system, when a write resolves. */
const SYNC = { sync: true }
