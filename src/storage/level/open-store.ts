// Opening a store by what the app says: a folder, a database of its own, or memory.

import { fail } from '../../errors.ts'
import type { Store } from '../store.ts'
import { type ByteLevel, type Migration, openLevelStore } from './level-store.ts'
import { DATABASE_KEY_BYTES } from './record-seal.ts'
import type { Unlock } from './store-header.ts'

export interface StoreOptions {
  /** A folder (Node.js), a database of the abstract-level family with `view` encodings, or `memory`. */
  readonly storage: string | ByteLevel
  /** Unlocks the store; derived with scrypt. */
  readonly passphrase?: string
  /** Unlocks the store; 32 bytes that the app keeps. */
  readonly key?: Uint8Array
}

/**
 * Opens a store, or makes it. With neither passphrase nor key, a folder's key lies in a file beside it that only its owner
 * may read.
 * @param migrations - from each layout to the next
 * @throws CoterieError what `openLevelStore` throws
 */
export async function openStore(
  { storage, passphrase, key }: StoreOptions,
  randomBytes: (length: number) => Uint8Array,
  migrations: readonly Migration[],
): Promise<Store> {
  if (passphrase !== undefined && key !== undefined) fail('ARGUMENT_INVALID', 'a passphrase or a key, not both')
  const given = passphrase !== undefined ? { passphrase } : key && { key }
  const common = { randomBytes, migrations }
  if (typeof storage !== 'string') {
    if (given === undefined) fail('ARGUMENT_INVALID', 'a database of the app needs a passphrase or a key')
    return openLevelStore(storage, { ...common, unlock: given })
  }
  if (storage === 'memory') {
    const { MemoryLevel } = await import('memory-level')
    const database = new MemoryLevel<Uint8Array, Uint8Array>(ENCODINGS)
    return openLevelStore(database, { ...common, unlock: given ?? { key: randomBytes(DATABASE_KEY_BYTES) } })
  }
  const { ClassicLevel } = await import('classic-level')
  const { keyBeside, makeFolder } = await import('./key-file.ts')
  const { isMarked, mark } = await import('./store-mark.ts')
  await makeFolder(storage)
  const mustExist = await isMarked(storage)
  const unlock: Unlock = given ?? { key: await keyBeside(storage, mustExist ? undefined : randomBytes) }
  const database = new ClassicLevel<Uint8Array, Uint8Array>(storage, { ...ENCODINGS, createIfMissing: !mustExist })
  const store = await openLevelStore(database, { ...common, unlock, mustExist })
  if (!mustExist) await mark(storage)
  return store
}

const ENCODINGS = { keyEncoding: 'view', valueEncoding: 'view' } as const
