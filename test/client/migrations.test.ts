// A store that an older version of the library has written opens, and its owner goes on.

import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/bytes.ts'
import { all, castForEach, heard } from './cast.ts'

/** A store as an older version has left it, and what was true of its owner then. */
interface OldStore {
  /** The key of the store. */
  readonly key: string
  readonly identity: string
  readonly group: string
  readonly name: string
  readonly epoch: number
  readonly members: readonly string[]
  /** 16 bytes exported from the epoch with the label `fixture`. */
  readonly exported: string
  /** `id sender: text`. */
  readonly messages: readonly string[]
  /** `key value` of each record of the database. */
  readonly records: readonly string[]
}

const cast = castForEach()
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coterie-migrations-'))
})

afterEach(async () => {
  await cast.leave()
  await rm(folder, { recursive: true })
})

test.each(['version-1'])('%s', async (version) => {
  const old = JSON.parse(
    readFileSync(new URL(`../storage/fixtures/${version}.json`, import.meta.url), 'utf8'),
  ) as OldStore
  const storage = join(folder, 'store')
  await unpack(old, storage)
  const key = bytesOf(old.key)
  // Soon after what is in the store.
  const clock = (): number => 1_790_000_100_000 + Math.round(performance.now())
  for (const round of ['migrated', 'opened again']) {
    const owner = await cast.enter('alice', { storage, key, clock })
    expect(owner.identity, round).toBe(old.identity)
    const group = owner.groups.get(old.group)
    expect(group.name).toBe(old.name)
    expect(group.members.map(({ identity }) => identity)).toEqual(old.members)
    const kept = (await all(group.messages({ live: false }))).map(
      ({ id, sender, text }) => `${id} ${sender.name}: ${text}`,
    )
    expect(kept.slice(0, old.messages.length)).toEqual(old.messages)
    if (round === 'migrated') expect(toHex(group.export('fixture', 16).bytes)).toBe(old.exported)
    await owner.close()
  }
  // The key package of then still lets its owner in.
  const owner = await cast.enter('alice', { storage, key, clock })
  const carol = await cast.enter('carol', { clock })
  await carol.connect(String(owner.addresses[0]))
  const next = await carol.groups.create({ name: 'Next' })
  await next.add(await owner.card())
  await expect.poll(() => owner.groups.list().length, { timeout: 10_000 }).toBe(2)
  await owner.groups.get(next.id).send('Here I am')
  expect((await heard(next, 'Here I am')).sender.identity).toBe(old.identity)
  const still = owner.groups.get(old.group)
  await still.send('Still here')
  expect((await all(still.messages({ live: false }))).at(-1)?.text).toBe('Still here')
})

async function unpack({ records }: OldStore, storage: string): Promise<void> {
  const database = new ClassicLevel<Uint8Array, Uint8Array>(storage, { keyEncoding: 'view', valueEncoding: 'view' })
  await database.batch(
    records.map((record) => {
      const [key = '', value = ''] = record.split(' ')
      return { type: 'put' as const, key: bytesOf(key), value: bytesOf(value) }
    }),
  )
  await database.close()
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  if (bytes === undefined) throw new Error('this is not hexadecimal')
  return bytes
}
