// The results as a table, and beside ours how many times better they are than the best peer.
import type { SizeResult, StackResult } from './harness.ts'
import { ROW_NAMES, ROWS, type Row, type Summary } from './samples.ts'

/** Which of the samples counts. */
export type Measure = keyof Pick<Summary, 'median' | 'least'>

/** The lines of one size's table. */
export function tableOf({ leaves, stacks }: SizeResult, measure: Measure = 'median'): string[] {
  const titles = [`n = ${leaves}`, ...stacks.map(({ name }) => name)]
  const rows = ROW_NAMES.map((row) => {
    const best = bestPeer(stacks, row, measure)
    return [`${ROWS[row][0]}, ${ROWS[row][1]}`, ...stacks.map((stack) => cell(stack, row, measure, best))]
  })
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  ')
  const failures = stacks.flatMap(({ name, failure }) => (failure === undefined ? [] : [`${name} failed: ${failure}`]))
  return [line(titles), ...rows.map(line), ...failures]
}

/** How many times better one of our medians is than the best peer's; undefined where one is missing. */
export function ratioToBestPeer(stacks: readonly StackResult[], ours: StackResult, row: Row): number | undefined {
  const best = bestPeer(stacks, row, 'median')
  const own = ours.rows[row]?.median
  return best === undefined || own === undefined ? undefined : best / own
}

function bestPeer(stacks: readonly StackResult[], row: Row, measure: Measure): number | undefined {
  const peers = stacks.flatMap(({ isOurs, rows }) => {
    const value = rows[row]?.[measure]
    return isOurs || value === undefined ? [] : [value]
  })
  return peers.length === 0 ? undefined : Math.min(...peers)
}

function cell({ isOurs, rows }: StackResult, row: Row, measure: Measure, best: number | undefined): string {
  const value = rows[row]?.[measure]
  if (value === undefined) return '–'
  const text = ROWS[row][1] === 'bytes' ? String(Math.round(value)) : threeDigits(value)
  return isOurs && best !== undefined ? `${text} (${threeDigits(best / value)}×)` : text
}

function threeDigits(value: number): string {
  if (value >= 100) return value.toFixed(0)
  if (value >= 10) return value.toFixed(1)
  return value.toFixed(value >= 1 ? 2 : 3)
}
