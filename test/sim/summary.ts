// What simulations came to, profile by profile, as a table.
import type { SimulationReport } from '../../src/testing/simulation/simulation.ts'

interface Sums {
  runs: number
  failed: number
  converged: number
  messages: number
  delivered: number
  lost: number
  duplicated: number
  commits: number
  forks: number
  readds: number
  epochs: number
  pool: number
}

export class Summary {
  readonly #profiles = new Map<string, Sums>()

  add(report: SimulationReport): void {
    const before = this.#profiles.get(report.profile) ?? NOTHING
    this.#profiles.set(report.profile, {
      runs: before.runs + 1,
      failed: before.failed + (report.failures.length > 0 ? 1 : 0),
      converged: before.converged + (report.converged ? 1 : 0),
      messages: before.messages + report.messages,
      delivered: before.delivered + report.delivered,
      lost: before.lost + report.lost,
      duplicated: before.duplicated + report.duplicated,
      commits: before.commits + report.commits,
      forks: before.forks + report.forks,
      readds: before.readds + report.readds,
      epochs: Math.max(before.epochs, report.epochsRetained),
      pool: Math.max(before.pool, report.largestPool),
    })
  }

  lines(): string[] {
    const rows = [...this.#profiles].map(([name, sums]) => [name, ...COLUMNS.map(([, column]) => String(sums[column]))])
    const table = [['profile', ...COLUMNS.map(([title]) => title)], ...rows]
    const widths = (table[0] ?? []).map((_, i) => Math.max(...table.map((row) => (row[i] ?? '').length)))
    return table.map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    )
  }
}

const COLUMNS: readonly (readonly [string, keyof Sums])[] = [
  ['runs', 'runs'],
  ['failed', 'failed'],
  ['converged', 'converged'],
  ['messages', 'messages'],
  ['delivered', 'delivered'],
  ['lost', 'lost'],
  ['duplicated', 'duplicated'],
  ['commits', 'commits'],
  ['forks', 'forks'],
  ['re-adds', 'readds'],
  ['epochs', 'epochs'],
  ['pool', 'pool'],
]

const NOTHING: Sums = {
  runs: 0,
  failed: 0,
  converged: 0,
  messages: 0,
  delivered: 0,
  lost: 0,
  duplicated: 0,
  commits: 0,
  forks: 0,
  readds: 0,
  epochs: 0,
  pool: 0,
}
