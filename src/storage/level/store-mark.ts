// The mark in the folder of a store that it was made once: a database without one is new, a damaged one must not be taken for it.

import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '../../errors.ts'

export async function isMarked(folder: string): Promise<boolean> {
  try {
    await stat(join(folder, MARK))
    return true
  } catch (cause) {
    if (typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT') return false
    return fail('STORE_FAILED', 'the folder of the store cannot be read', { cause })
  }
}

/** @throws CoterieError `STORE_FAILED` (environment) */
export async function mark(folder: string): Promise<void> {
  try {
    const file = await open(join(folder, MARK), 'w', 0o600)
    await file.close()
  } catch (cause) {
    fail('STORE_FAILED', 'the folder of the store cannot be written', { cause })
  }
}

/** LevelDB leaves files alone whose names it does not know. */
const MARK = 'COTERIE'
