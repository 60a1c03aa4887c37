// What reconciliation costs, for docs/reconciliation.md: bytes grow with the difference, not with the history.
// `node test/sync/growth.ts` prints the table.

import type { SyncItem } from '../../src/sync/items.ts'
import { item, reconcile, setOf } from './sets.ts'

/** One case: what both have, and what only one of them has. */
export interface Growth {
  readonly common: number
  readonly missing: number
  readonly where: 'latest' | 'scattered'
  readonly rounds: number
  readonly bytes: number
}

/** Coarse times are multiples of ten minutes. */
const FRAMES_IN_TEN_MINUTES = 10

/** All cases. The one who asks lacks the frames. */
export function* growths(): Generator<Growth> {
  for (const common of [100, 10_000, 100_000]) {
    for (const missing of [0, 1, 1_000]) {
      for (const where of missing === 0 ? (['latest'] as const) : (['latest', 'scattered'] as const)) {
        yield growth(common, missing, where)
      }
    }
  }
}

/** The table of docs/reconciliation.md. */
export function tableOf(cases: Iterable<Growth>): string {
  const rows = [...cases].map(({ common, missing, where, rounds, bytes }) => {
    const place = missing === 0 ? '' : where
    return `| ${group(common)} | ${group(missing)} | ${place} | ${rounds} | ${group(bytes)} | ${group(common * ID_BYTES)} |`
  })
  return `${HEAD}\n${rows.join('\n')}`
}

function growth(common: number, missing: number, where: Growth['where']): Growth {
  const all = Array.from({ length: common + missing }, (_, i) => frame(i))
  const step = missing === 0 ? 0 : all.length / missing
  const lacks = new Set(
    Array.from({ length: missing }, (_, i) => (where === 'latest' ? common + i : Math.floor((i + 0.5) * step))),
  )
  const { rounds, bytes, need } = reconcile(setOf(all.filter((_, i) => !lacks.has(i))), setOf(all))
  if (need.size !== missing) throw new Error(`${need.size} instead of ${missing} were found`)
  return { common, missing, where, rounds, bytes }
}

function frame(number: number): SyncItem {
  return item(number, FIRST_MINUTE + 10 * Math.floor(number / FRAMES_IN_TEN_MINUTES))
}

function group(number: number): string {
  return number.toLocaleString('en')
}

const FIRST_MINUTE = 29_830_000
const ID_BYTES = 32
const HEAD = `| frames on both sides | missing on one | which | rounds | bytes, both ways | a list of all ids would be |
|---:|---:|---|---:|---:|---:|`

if (import.meta.main) console.log(tableOf(growths()))
