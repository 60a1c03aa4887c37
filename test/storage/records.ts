// What lies in a database, sealed or not.

import { ClassicLevel } from 'classic-level'
import { toHex } from '../../src/bytes.ts'

export function openDatabase(folder: string): ClassicLevel<Uint8Array, Uint8Array> {
  return new ClassicLevel(folder, { keyEncoding: 'view', valueEncoding: 'view' })
}

/** All records of a database that nobody has open, in hexadecimal. */
export async function recordsIn(folder: string): Promise<string[]> {
  const database = openDatabase(folder)
  const records: string[] = []
  for await (const [key, value] of database.iterator()) records.push(`${toHex(key)} ${toHex(value)}`)
  await database.close()
  return records
}
