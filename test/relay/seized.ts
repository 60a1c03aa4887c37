// What lies on a relay's disk, opened with the key that lies beside it.

import { readFile } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { concat } from '../../src/bytes.ts'
import { RecordSeal } from '../../src/storage/level/record-seal.ts'
import { openHeader } from '../../src/storage/level/store-header.ts'

/** Every record of a store, its name before it. */
export async function openedRecords(folder: string): Promise<Uint8Array[]> {
  const key = new Uint8Array(await readFile(`${folder}.key`))
  const database = new ClassicLevel<Uint8Array, Uint8Array>(folder, { keyEncoding: 'view', valueEncoding: 'view' })
  const records: Uint8Array[] = []
  let seal: RecordSeal | undefined
  for await (const [name, value] of database.iterator()) {
    if (seal === undefined) {
      const { databaseKey } = await openHeader(value, 100, { key })
      seal = new RecordSeal(databaseKey, (length) => new Uint8Array(length))
      continue
    }
    records.push(concat(name, seal.open(name, value)))
  }
  await database.close()
  return records
}
