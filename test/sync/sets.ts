// Sets of items for tests of reconciliation, and a reconciliation from one end to the other.

import { sha256 } from '@noble/hashes/sha2.js'
import { toHex } from '../../src/bytes.ts'
import { compareItems, type ItemSet, type SyncItem } from '../../src/sync/items.ts'
import { advance, answer, begin } from '../../src/sync/reconcile.ts'

/** The item with this number: always the same one. */
export function item(number: number, timestamp: number = number): SyncItem {
  return { timestamp, id: sha256(Uint8Array.from([24, 16, 8, 0], (shift) => number >>> shift)) }
}

export function setOf(items: Iterable<SyncItem>): ItemSet {
  return { items: [...items].sort(compareItems), hash: (data) => sha256(data) }
}

/** What both sides say, and what the asking side learns. */
export interface Outcome {
  readonly have: ReadonlySet<string>
  readonly need: ReadonlySet<string>
  readonly rounds: number
  readonly bytes: number
}

export function reconcile(asking: ItemSet, answering: ItemSet): Outcome {
  const have = new Set<string>()
  const need = new Set<string>()
  let [rounds, bytes] = [0, 0]
  for (let message: Uint8Array | undefined = begin(asking); message !== undefined; ) {
    const reply = answer(answering, message)
    const step = advance(asking, reply)
    rounds++
    bytes += message.length + reply.length
    for (const { id } of step.have) have.add(toHex(id))
    for (const id of step.need) need.add(toHex(id))
    message = step.next
  }
  return { have, need, rounds, bytes }
}

/** The ids of one set that another lacks, by looking at each. */
export function difference(one: ItemSet, other: ItemSet): Set<string> {
  const known = new Set(other.items.map(({ id }) => toHex(id)))
  return new Set(one.items.map(({ id }) => toHex(id)).filter((id) => !known.has(id)))
}
