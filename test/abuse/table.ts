// The figures as somebody reads them.

import { factorOf, type Latency, type Row } from './measures.ts'

const HEAD = ['scenario', 'thrown', 'kept', 'memory', 'disk', 'calm, 95 %', 'flooded, 95 %', 'factor']

/** A table in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const { latency } = row
    return [
      row.scenario,
      row.thrown.toLocaleString('en'),
      row.kept.toLocaleString('en'),
      mebibytes(row.memory),
      mebibytes(row.disk),
      latency === undefined ? '' : milliseconds(latency.calm),
      latency === undefined ? '' : milliseconds(latency.flooded),
      latency === undefined ? '' : factorOf(latency).toFixed(1),
    ]
  })
  const widths = HEAD.map((head, at) => Math.max(head.length, ...cells.map((line) => line[at]?.length ?? 0)))
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, at) => (at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0))).join(' | ')} |`
  const rule = `|${widths.map((width, at) => (at === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(HEAD), rule, ...cells.map(line)].join('\n')
}

function milliseconds({ median, late }: Latency): string {
  return `${Math.round(median)}, ${Math.round(late)} ms`
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`
}
