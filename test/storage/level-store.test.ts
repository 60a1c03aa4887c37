// The encrypted store: what is written is read, in order and all or nothing; and nothing of it can be read without its key.

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/bytes.ts'
import type { Migration } from '../../src/storage/level/level-store.ts'
import { openStore } from '../../src/storage/level/open-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { FillingLevel } from './filling-level.ts'
import { recordsIn } from './records.ts'

let folder: string
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
const key = new Uint8Array(32).fill(1)
const open = (migrations: readonly Migration[] = []): Promise<Store> =>
  openStore({ storage: folder, key }, random, migrations)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coterie-store-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('buckets', () => {
  test('named ones give their records by name, and all of them', async () => {
    const store = await open()
    await store.write((batch) => {
      batch.put('a', 'one', utf8('1'))
      batch.put('a', 'two', utf8('2'))
      batch.put('b', 'one', utf8('other'))
      batch.putAt('a', 7, utf8('placed'))
    })
    expect(await store.get('a', 'one')).toEqual(utf8('1'))
    expect(await store.get('a', 'three')).toBeUndefined()
    const entries = new Map<string, string>()
    for await (const [name, value] of store.entries('a')) entries.set(name, new TextDecoder().decode(value))
    expect(entries).toEqual(
      new Map([
        ['one', '1'],
        ['two', '2'],
      ]),
    )
    await store.write((batch) => batch.delete('a', 'one'))
    expect(await store.get('a', 'one')).toBeUndefined()
    expect(await store.get('b', 'one')).toEqual(utf8('other'))
    await store.close()
  })

  test('ordered ones give their records by place, forwards and backwards', async () => {
    const store = await open()
    const places = [0, 1, 255, 256, 65_536, 2 ** 32, Number.MAX_SAFE_INTEGER]
    await store.write((batch) => {
      for (const place of [...places].reverse()) batch.putAt('log', place, utf8(String(place)))
    })
    const read = async (range?: Parameters<Store['range']>[1]): Promise<number[]> => {
      const found: number[] = []
      for await (const [place, value] of store.range('log', range)) {
        expect(new TextDecoder().decode(value)).toBe(String(place))
        found.push(place)
      }
      return found
    }
    expect(await read()).toEqual(places)
    expect(await read({ from: 1, to: 256 })).toEqual([1, 255, 256])
    expect(await read({ to: 65_536, limit: 2, reverse: true })).toEqual([65_536, 256])
    expect(await read({ from: 5, to: 4 })).toEqual([])
    expect(await read({ limit: 0 })).toEqual([])
    expect(await store.getAt('log', 255)).toEqual(utf8('255'))
    await store.write((batch) => batch.deleteAt('log', 255))
    expect(await store.getAt('log', 255)).toBeUndefined()
    await expect(store.write((batch) => batch.putAt('log', -1, utf8('')))).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    })
    await store.close()
  })

  test('are cleared with what the batch has put there before, and keep what it puts there after', async () => {
    const store = await open()
    await store.write((batch) => batch.put('a', 'old', utf8('1')))
    await store.write((batch) => {
      batch.put('a', 'before', utf8('2'))
      batch.put('b', 'other', utf8('3'))
      batch.clear('a')
      batch.put('a', 'after', utf8('4'))
    })
    const names: string[] = []
    for await (const [name] of store.entries('a')) names.push(name)
    expect(names).toEqual(['after'])
    expect(await store.get('b', 'other')).toEqual(utf8('3'))
    await store.close()
  })
})

describe('a batch', () => {
  test('that fails leaves nothing behind', async () => {
    const store = await open()
    const failing = store.write((batch) => {
      batch.put('a', 'one', utf8('1'))
      throw new Error('in the middle')
    })
    await expect(failing).rejects.toThrow('in the middle')
    expect(await store.get('a', 'one')).toBeUndefined()
    await store.close()
  })

  test('that the database does not take is the last one until the store is opened anew', async () => {
    const disk = new FillingLevel()
    const store = await openStore({ storage: disk, key }, random, [])
    const put = (name: string): Promise<void> => store.write((batch) => batch.put('a', name, utf8(name)))
    await put('one')
    disk.isFull = true
    await expect(put('two')).rejects.toMatchObject({ code: 'STORE_FAILED' })
    disk.isFull = false
    await expect(put('three')).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('anew') })
    expect(await store.get('a', 'one')).toEqual(utf8('one'))
    await store.close()
    const again = await openStore({ storage: disk, key }, random, [])
    await again.write((batch) => batch.put('a', 'four', utf8('four')))
    expect(await Promise.all(['one', 'two', 'three', 'four'].map((name) => again.get('a', name)))).toEqual([
      utf8('one'),
      undefined,
      undefined,
      utf8('four'),
    ])
    await again.close()
  })

  test('cannot be written once the store is closed', async () => {
    const store = await open()
    await store.write((batch) => batch.putAt('log', 0, utf8('1')))
    const reading = store.range('log')
    await store.close()
    await expect(store.write((batch) => batch.put('a', 'one', utf8('1')))).rejects.toMatchObject({
      code: 'STORE_CLOSED',
    })
    await expect(store.get('a', 'one')).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await expect(reading[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
  })
})

test('neither names nor values are in the database, nor do equal values look alike', async () => {
  const store = await open()
  await store.write((batch) => {
    batch.put('groups', 'Book club', utf8('a secret meeting'))
    batch.put('groups', 'Film club', utf8('a secret meeting'))
  })
  await store.close()
  const records = await recordsIn(folder)
  const all = records.join(' ')
  for (const text of ['groups', 'Book club', 'Film club', 'a secret meeting'])
    expect(all).not.toContain(toHex(utf8(text)))
  expect(new Set(records.map((record) => record.split(' ')[1])).size).toBe(records.length)
})

describe('migrations', () => {
  test('run once each, in their order, from the layout that the store has', async () => {
    const first = await open()
    await first.write((batch) => batch.put('a', 'trace', utf8('1')))
    await first.close()
    const ran: string[] = []
    const appending =
      (letter: string): Migration =>
      async (store) => {
        ran.push(letter)
        const trace = new TextDecoder().decode(await store.get('a', 'trace'))
        return (batch) => batch.put('a', 'trace', utf8(trace + letter))
      }
    const second = await open([appending('2')])
    expect(await second.get('a', 'trace')).toEqual(utf8('12'))
    await second.close()
    const third = await open([appending('2'), appending('3'), appending('4')])
    expect(await third.get('a', 'trace')).toEqual(utf8('1234'))
    await third.close()
    expect(ran).toEqual(['2', '3', '4'])
    await expect(open([appending('2')])).rejects.toMatchObject({ code: 'STORE_VERSION' })
  })

  test('that fail leave the store as it was', async () => {
    const store = await open()
    await store.write((batch) => batch.put('a', 'one', utf8('1')))
    await store.close()
    const before = await recordsIn(folder)
    const failing: Migration = async () => (batch) => {
      batch.put('a', 'one', utf8('2'))
      throw new Error('in the middle')
    }
    await expect(open([failing])).rejects.toThrow('in the middle')
    expect(await recordsIn(folder)).toEqual(before)
    const again = await open()
    expect(await again.get('a', 'one')).toEqual(utf8('1'))
    await again.close()
  })

  test('do not run in a new store', async () => {
    const never: Migration = () => Promise.reject(new Error('there is nothing to migrate'))
    await (await open([never])).close()
    await (await open([never])).close()
  })
})
