// Opening a store by what the app says: a folder, a database of its own, or memory.

import { fail } from '../../errors.ts'
import type { Store } from '../store.ts'
import { type ByteLevel, type Migration, openLevelStore } from './level-store.ts'
import { DATABASE_KEY_BYTES } from './record-seal.ts'
import type { Unlock } from './store-header.ts'
import { checkMark, type StorePurpose } from './store-purpose.ts'

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
 * @param purpose - what it is for: one that is for something else is left as it is
 * @throws CoterieError what `openLevelStore` throws
 */
export async function openStore(
  { storage, passphrase, key }: StoreOptions,
  randomBytes: (length: number) => Uint8Array,
  migrations: readonly Migration[],
  purpose?: StorePurpose,
): Promise<Store> {
  if (passphrase !== undefined && key !== undefined) fail('ARGUMENT_INVALID', 'a passphrase or a key, not both')
  // Before anything is made.
  if (passphrase === '') fail('ARGUMENT_INVALID', 'an empty passphrase protects nothing')
  const given = passphrase !== undefined ? { passphrase } : key && { key }
  const common = { randomBytes, migrations }
  if (typeof storage !== 'string') {
    if (given === undefined) fail('ARGUMENT_INVALID', 'a database of the app needs a passphrase or a key')
    return openLevelStore(storage, { ...common, unlock: given, purpose })
  }
  if (storage === 'memory') {
    const { MemoryLevel } = await import('memory-level')
    const database = new MemoryLevel<Uint8Array, Uint8Array>(ENCODINGS)
    return openLevelStore(database, { ...common, unlock: given ?? { key: randomBytes(DATABASE_KEY_BYTES) } })
  }
  const { ClassicLevel } = await import('classic-level')
  const { keyBeside, makeFolder } = await import('./key-file.ts')
  const { checkIsFree, mark, readMark } = await import('./store-mark.ts')
  await makeFolder(storage)
  const found = await readMark(storage)
  const mustExist = found !== undefined
  if (!mustExist) await checkIsFree(storage)
  else if (purpose !== undefined && found !== '') checkMark(found, purpose)
  const unlock: Unlock = given ?? { key: await keyBeside(storage, mustExist ? undefined : randomBytes) }
  const database = new ClassicLevel<Uint8Array, Uint8Array>(storage, { ...ENCODINGS, createIfMissing: !mustExist })
  const name = purpose?.name ?? found ?? ''
  const toCheck = found === name ? undefined : purpose
  const store = await openLevelStore(database, { ...common, unlock, mustExist, purpose: toCheck })
  if (found === name) return store
  try {
    await mark(storage, name)
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

const ENCODINGS = { keyEncoding: 'view', valueEncoding: 'view' } as const
