// The key of a store for which neither passphrase nor key was given: a file beside the folder, for its owner's eyes only.

import { chmod, mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fail } from '../../errors.ts'
import { DATABASE_KEY_BYTES } from './record-seal.ts'

/** Makes the folder of a database, and those above it. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    fail('STORE_FAILED', 'the folder of the store cannot be made', { cause })
  }
}

/**
 * The key in the file beside a folder; made where there is none.
 * @throws CoterieError `STORE_CORRUPT`, `STORE_FAILED` (environment)
 */
export async function keyBeside(folder: string, randomBytes: (length: number) => Uint8Array): Promise<Uint8Array> {
  const path = `${folder.replace(/[/\\]+$/, '')}.key`
  const existing = await readKey(path)
  if (existing !== undefined) return existing
  const key = randomBytes(DATABASE_KEY_BYTES)
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(key)
    await file.sync()
    await file.close()
    await chmod(path, 0o600)
    const directory = await open(dirname(path), 'r')
    await directory.sync()
    await directory.close()
    return key
  } catch (cause) {
    // Another process may have been first; the database's own lock decides between the two.
    return (await readKey(path)) ?? fail('STORE_FAILED', 'the key file of the store cannot be written', { cause })
  }
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (cause) {
    if (typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT') return undefined
    return fail('STORE_FAILED', 'the key file of the store cannot be read', { cause })
  }
  if (bytes.length !== DATABASE_KEY_BYTES) fail('STORE_CORRUPT', 'the key file of the store is damaged')
  return new Uint8Array(bytes)
}
