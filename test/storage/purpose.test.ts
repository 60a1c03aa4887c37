// A store is for one thing: opened for another, it says so and is left as it is.

import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryLevel } from 'memory-level'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { utf8 } from '../../src/bytes.ts'
import type { Migration } from '../../src/storage/level/level-store.ts'
import { openStore } from '../../src/storage/level/open-store.ts'
import { recordsIn } from './records.ts'

const KEEPER = { name: 'keeper', sign: ['keeper', 'seed'] } as const
const READER = { name: 'reader', sign: ['reader', 'secrets'] } as const
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
/** A reader's layout is 2, a keeper's is 1. */
const migrations: readonly Migration[] = [async () => (batch) => batch.put('migrated', 'yes', utf8('1'))]

let folder: string
let storage: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coterie-purpose-'))
  storage = join(folder, 'store')
})

afterEach(() => rm(folder, { recursive: true }))

async function openFor(purpose: typeof KEEPER | typeof READER, at: string = storage): Promise<void> {
  const store = await openStore({ storage: at }, random, purpose === READER ? migrations : [], purpose)
  const [bucket, name] = purpose.sign
  await store.write((batch) => batch.put(bucket, name, utf8('mine')))
  await store.close()
}

/** As versions have left it whose marks did not say what a store is for. */
async function asBefore(): Promise<void> {
  await writeFile(join(storage, 'COTERIE'), '')
}

describe.each([
  [KEEPER, READER],
  [READER, KEEPER],
])('a store of a $name', (mine, other) => {
  test('opens again, and not for something else', async () => {
    await openFor(mine)
    await openFor(mine)
    const before = await recordsIn(storage)
    await expect(openFor(other)).rejects.toMatchObject({
      code: 'STORE_FOREIGN',
      message: `this store is a ${mine.name}'s, and cannot be a ${other.name}'s as well`,
    })
    // Also where its key is not at hand, as that of something else is not.
    await rm(`${storage}.key`)
    await expect(openFor(other)).rejects.toMatchObject({ code: 'STORE_FOREIGN' })
    expect(await recordsIn(storage)).toEqual(before)
    expect(await readdir(folder)).toEqual(['store'])
  })

  test('that does not say what it is for is known by what is in it, and says it from then on', async () => {
    await openFor(mine)
    await asBefore()
    const before = await recordsIn(storage)
    await expect(openFor(other)).rejects.toMatchObject({
      code: 'STORE_FOREIGN',
      message: `this store is not a ${other.name}'s`,
    })
    expect(await recordsIn(storage)).toEqual(before)
    expect(await readFile(join(storage, 'COTERIE'), 'utf8')).toBe('')
    await openFor(mine)
    expect(await readFile(join(storage, 'COTERIE'), 'utf8')).toBe(mine.name)
  })
})

test('a store whose making was interrupted before anything was in it becomes what it is opened for', async () => {
  await (await openStore({ storage }, random, [])).close()
  await rm(join(storage, 'COTERIE'))
  await openFor(READER)
  await openFor(READER)
})

test('whoever does not say what for opens any store, and changes no mark', async () => {
  await openFor(KEEPER)
  await (await openStore({ storage }, random, [])).close()
  expect(await readFile(join(storage, 'COTERIE'), 'utf8')).toBe('keeper')
})

test("a database of the app's own is known by what is in it", async () => {
  const database = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
  const options = { storage: database, key: new Uint8Array(32) }
  const store = await openStore(options, random, [], KEEPER)
  await store.write((batch) => batch.put('keeper', 'seed', utf8('mine')))
  await store.close()
  await expect(openStore(options, random, [], READER)).rejects.toMatchObject({ code: 'STORE_FOREIGN' })
  await (await openStore(options, random, [], KEEPER)).close()
})

test('a folder with other things in it is no place for a store; an empty one is', async () => {
  const full = join(folder, 'full')
  await mkdir(full)
  await writeFile(join(full, 'letter.txt'), 'Dear Bob')
  await expect(openFor(READER, full)).rejects.toMatchObject({
    code: 'STORE_FOREIGN',
    message: 'the folder holds no store, and other things, such as letter.txt',
  })
  expect(await readdir(full)).toEqual(['letter.txt'])
  const empty = join(folder, 'empty')
  await mkdir(empty)
  await openFor(READER, empty)
  // Whatever comes to it later.
  await writeFile(join(empty, 'notes.txt'), '')
  await openFor(READER, empty)
  expect((await readdir(folder)).sort()).toEqual(['empty', 'empty.key', 'full'])
})
