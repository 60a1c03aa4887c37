// Stores that cannot be opened: each says why, and is left as it is.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { utf8 } from '../../src/bytes.ts'
import { openStore, type StoreOptions } from '../../src/storage/level/open-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { openDatabase, recordsIn } from './records.ts'

let folder: string
let storage: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coterie-damage-'))
  storage = join(folder, 'store')
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('a store', () => {
  test('does not open with another passphrase, nor with a key, nor with nothing', async () => {
    await fill({ storage, passphrase: 'open sesame' })
    const before = await recordsIn(storage)
    await refused({ storage, passphrase: 'open barley' }, 'STORE_PASSPHRASE')
    await refused({ storage, key: new Uint8Array(32).fill(9) }, 'STORE_PASSPHRASE')
    await refused({ storage }, 'STORE_PASSPHRASE')
    await refused({ storage, passphrase: '' }, 'ARGUMENT_INVALID')
    await refused({ storage, passphrase: 'open sesame', key: new Uint8Array(32) }, 'ARGUMENT_INVALID')
    expect(await recordsIn(storage)).toEqual(before)
    // The same letters, written in two ways.
    await rm(storage, { recursive: true })
    await fill({ storage, passphrase: 'caf\u00e9' })
    await isWhole({ storage, passphrase: 'cafe\u0301' })
  })

  test('whose key file is gone or damaged does not open, and gets no new one', async () => {
    await fill({ storage })
    const keyFile = `${storage}.key`
    const key = await readFile(keyFile)
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
    await truncate(keyFile, 31)
    await refused({ storage }, 'STORE_CORRUPT')
    await rm(keyFile)
    await refused({ storage }, 'STORE_PASSPHRASE')
    expect(await readdir(folder)).toEqual(['store'])
    await writeFile(keyFile, key)
    await isWhole({ storage })
  })

  test('of a newer version does not open, and stays as it is', async () => {
    await fill({ storage, key: KEY })
    const database = openDatabase(storage)
    const header = await database.get(HEADER)
    if (header === undefined) throw new Error('there is no header')
    const newer = Uint8Array.from([0x7f, 0xff, ...header.slice(2)])
    await database.put(HEADER, newer)
    await database.close()
    const before = await recordsIn(storage)
    await refused({ storage, key: KEY }, 'STORE_VERSION')
    expect(await recordsIn(storage)).toEqual(before)
  })

  test.each([
    ['an empty header', () => new Uint8Array(0)],
    ['half a header', (header: Uint8Array) => header.slice(0, 20)],
    ['version 0', (header: Uint8Array) => Uint8Array.from([0, 0, ...header.slice(2)])],
  ])('with %s is corrupt', async (_, damage) => {
    await fill({ storage, key: KEY })
    const database = openDatabase(storage)
    await database.put(HEADER, damage((await database.get(HEADER)) ?? new Uint8Array(0)))
    await database.close()
    await refused({ storage, key: KEY }, 'STORE_CORRUPT')
  })

  test('with a changed or exchanged record says so when it is read', async () => {
    await fill({ storage, key: KEY })
    const database = openDatabase(storage)
    const records = await database.iterator({ gt: HEADER }).all()
    // Each gets the value of the one before it.
    await database.batch(
      records.map(([key], i) => ({ type: 'put' as const, key, value: records.at(i - 1)?.[1] ?? new Uint8Array(0) })),
    )
    await database.close()
    const store = await openStore({ storage, key: KEY }, random, [])
    await expect(store.get('a', 'one')).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    await store.close()
  })

  test('with a truncated file says so, or is what it was; it is never taken for a new one', async () => {
    await fill({ storage, key: KEY })
    // A second opening makes LevelDB move what was in its log to a table.
    await isWhole({ storage, key: KEY })
    const names = (await readdir(storage)).filter((name) => !/^(LOCK|LOG|LOG\.old|COTERIE)$/.test(name))
    expect(names.some((name) => name.endsWith('.ldb'))).toBe(true)
    let failed = 0
    for (const name of names) {
      const { size } = await stat(join(storage, name))
      for (const length of new Set([0, 1, Math.floor(size / 2), Math.max(0, size - 1)])) {
        if (length >= size) continue
        const copy = join(folder, 'copy')
        await cp(storage, copy, { recursive: true })
        await truncate(join(copy, name), length)
        const error = await isWhole({ storage: copy, key: KEY }).catch((cause: unknown) => cause)
        if (error !== undefined) {
          expect(error, `${name} cut to ${length} bytes`).toMatchObject({
            code: expect.stringMatching(/^STORE_(CORRUPT|FAILED)$/),
          })
          failed++
        }
        await rm(copy, { recursive: true })
      }
    }
    expect(failed).toBeGreaterThan(3)
  })

  test('whose database is gone is not made anew', async () => {
    await fill({ storage, key: KEY })
    for (const name of await readdir(storage)) if (name !== 'COTERIE') await rm(join(storage, name))
    await refused({ storage, key: KEY }, 'STORE_CORRUPT')
  })

  test('is opened by one process at a time', async () => {
    const program = fileURLToPath(new URL('holding-program.ts', import.meta.url))
    const holder = spawn(process.execPath, [program, storage], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    await refused({ storage }, 'STORE_LOCKED')
    holder.stdin.end()
    await once(holder, 'exit')
    const store = await openStore({ storage }, random, [])
    await refused({ storage }, 'STORE_LOCKED')
    await store.close()
  })
})

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
const KEY = new Uint8Array(32).fill(1)
const HEADER = Uint8Array.of(0)

async function fill(options: StoreOptions): Promise<void> {
  const store = await openStore(options, random, [])
  await store.write((batch) => {
    batch.put('a', 'one', utf8('first'))
    batch.put('a', 'two', utf8('second'))
    for (let place = 0; place < 20; place++) batch.putAt('log', place, random(1_000))
  })
  await store.close()
}

/** Opens a store and finds everything in it. */
async function isWhole(options: StoreOptions): Promise<void> {
  const store = await openStore(options, random, [])
  try {
    await readAll(store)
  } finally {
    await store.close()
  }
}

async function readAll(store: Store): Promise<void> {
  expect(await store.get('a', 'one')).toEqual(utf8('first'))
  expect(await store.get('a', 'two')).toEqual(utf8('second'))
  let places = 0
  for await (const [, value] of store.range('log')) places += value.length
  expect(places).toBe(20_000)
}

async function refused(options: StoreOptions, code: string): Promise<void> {
  await expect(openStore(options, random, [])).rejects.toMatchObject({ code })
}
