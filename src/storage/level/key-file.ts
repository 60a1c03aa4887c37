// The key of a store for which neither passphrase nor key was given: a file beside the folder, for its owner's eyes only.

import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { toHex } from '../../bytes.ts'
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
 * @param randomBytes - undefined where there has to be one
 * @throws CoterieError `STORE_PASSPHRASE` (caller), `STORE_CORRUPT`, `STORE_FAILED` (environment)
 */
export async function keyBeside(
  folder: string,
  randomBytes: ((length: number) => Uint8Array) | undefined,
): Promise<Uint8Array> {
  const path = `${folder.replace(/[/\\]+$/, '')}.key`
  const existing = await readKey(path)
  if (existing !== undefined) return existing
  if (randomBytes === undefined) {
    return fail('STORE_PASSPHRASE', 'this store needs its passphrase or its key: there is no key file beside it')
  }
  const key = randomBytes(DATABASE_KEY_BYTES)
  const unfinished = `${path}.${toHex(randomBytes(8))}`
  try {
    const file = await open(unfinished, 'wx', 0o600)
    await file.writeFile(key)
    await file.sync()
    await file.close()
    await chmod(unfinished, 0o600)
    // A crash leaves a whole key or none; and a key that another process has written meanwhile stays.
    await link(unfinished, path)
    const directory = await open(dirname(path), 'r')
    await directory.sync()
    await directory.close()
    return key
  } catch (cause) {
    // Another process may have been first; the database's own lock decides between the two.
    return (await readKey(path)) ?? fail('STORE_FAILED', 'the key file of the store cannot be written', { cause })
  } finally {
    await rm(unfinished, { force: true })
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
