// Which groups are in a store, in the order in which this client came to them: numbers that people see stay the same.

import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { BatchPart, Store } from '../storage/store.ts'

/** Puts a group on the list. @param nowMs - milliseconds since the Unix epoch */
export function enterGroup(id: string, nowMs: number): BatchPart {
  const value = encode((writer) => writer.uint64(BigInt(Math.floor(nowMs))), undefined)
  return (batch) => batch.put(GROUPS, id, value)
}

/** The ids of all groups, the oldest first. */
export async function listedGroups(store: Store): Promise<readonly string[]> {
  const listed: { readonly id: string; readonly sinceMs: number }[] = []
  for await (const [id, value] of store.entries(GROUPS)) {
    // Those that were listed before times were kept come first.
    const sinceMs = value.length === 0 ? 0 : decode((reader) => Number(reader.uint64()), value)
    listed.push({ id, sinceMs })
  }
  return listed.sort((a, b) => a.sinceMs - b.sinceMs || (a.id < b.id ? -1 : 1)).map(({ id }) => id)
}

/** The bucket of the list. */
const GROUPS = 'groups'
