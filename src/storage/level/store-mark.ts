// The mark in the folder of a store: that it was made once, since a database without one is new and a damaged one must not be
// taken for it; and what it was made for.

import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '../../errors.ts'

/**
 * What the store in a folder was made for: an empty text where an earlier version made it, which did not say; undefined where
 * there is no store, or one whose making was interrupted.
 */
export async function readMark(folder: string): Promise<string | undefined> {
  try {
    return (await readFile(join(folder, MARK), 'utf8')).trim()
  } catch (cause) {
    if (typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT') return undefined
    return fail('STORE_FAILED', 'the folder of the store cannot be read', { cause })
  }
}

/** @param purpose - what the store is for @throws CoterieError `STORE_FAILED` (environment) */
export async function mark(folder: string, purpose: string): Promise<void> {
  try {
    const file = await open(join(folder, MARK), 'w', 0o600)
    await file.writeFile(purpose)
    await file.close()
  } catch (cause) {
    fail('STORE_FAILED', 'the folder of the store cannot be written', { cause })
  }
}

/**
 * For a folder without a mark: there may be a database whose making was interrupted, and nothing of anybody else.
 * @throws CoterieError `STORE_FOREIGN` (caller), `STORE_FAILED` (environment)
 */
export async function checkIsFree(folder: string): Promise<void> {
  let names: readonly string[]
  try {
    names = await readdir(folder)
  } catch (cause) {
    return fail('STORE_FAILED', 'the folder of the store cannot be read', { cause })
  }
  const other = names.find((name) => !OF_A_DATABASE.test(name))
  if (other !== undefined) fail('STORE_FOREIGN', `the folder holds no store, and other things, such as ${other}`)
}

/** LevelDB leaves files alone whose names it does not know. */
const MARK = 'COTERIE'
/** LevelDB's own, and what is in every new file system. */
const OF_A_DATABASE = /^(CURRENT|LOCK|LOG(\.old)?|MANIFEST-\d+|\d+\.(log|ldb|sst|dbtmp)|lost\+found)$/
