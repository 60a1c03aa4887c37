// What was measured: for each row of the table and each stack some samples, of which the median counts.
import { performance } from 'node:perf_hooks'

/** The rows of the table, in its order, with their units. */
export const ROWS = {
  create: ['create group, one commit', 'ms'],
  join: ['join from Welcome', 'ms'],
  blankCommit: ['empty commit, blank tree', 'ms'],
  blankReceive: ['  receive it', 'ms'],
  steadyCommit: ['empty commit, steady tree', 'ms'],
  steadyReceive: ['  receive it', 'ms'],
  add: ['add one', 'ms'],
  addReceive: ['  receive it', 'ms'],
  encrypt: ['100 B encrypt', 'ms'],
  decrypt: ['100 B decrypt', 'ms'],
  writtenPerMessage: ['state written per message', 'bytes'],
  writtenPerCommit: ['state written per commit', 'bytes'],
} as const satisfies Record<string, readonly [title: string, unit: 'ms' | 'bytes']>

export type Row = keyof typeof ROWS

export const ROW_NAMES: readonly Row[] = Object.keys(ROWS) as Row[]

export interface Summary {
  readonly median: number
  readonly least: number
  readonly samples: number
}

/** The samples of one stack. */
export class Samples {
  readonly #byRow: Map<Row, number[]> = new Map()

  /** Times one operation, in milliseconds. */
  async time<T>(row: Row, operation: () => Promise<T>): Promise<T> {
    const start = performance.now()
    const result = await operation()
    this.note(row, performance.now() - start)
    return result
  }

  note(row: Row, value: number): void {
    const values = this.#byRow.get(row)
    if (values === undefined) this.#byRow.set(row, [value])
    else values.push(value)
  }

  /** Undefined where the stack has nothing to show. */
  summary(row: Row): Summary | undefined {
    const sorted = (this.#byRow.get(row) ?? []).toSorted((a, b) => a - b)
    const middle = sorted.length / 2
    const [below, above, least] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)], sorted[0]]
    if (below === undefined || above === undefined || least === undefined) return undefined
    return { median: (below + above) / 2, least, samples: sorted.length }
  }
}
