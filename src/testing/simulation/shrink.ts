// Making a failing run small: actions are left out as long as it still fails.

import { type SimulationOptions, type SimulationReport, simulate } from './simulation.ts'

/** How a shorter run that still fails is looked for. */
export interface ShrinkOptions {
  /** How many runs this may take. */
  readonly runs: number
}

/** A failing run that is as short as could be found. */
export interface Shrunk {
  readonly report: SimulationReport
  /** Its actions, by their place in the script. */
  readonly only: readonly number[]
}

/**
 * Finds a shorter script with which one of the same invariants fails.
 * @param failed - the report of a run of these options
 */
export async function shrink(
  options: SimulationOptions,
  failed: SimulationReport,
  { runs }: ShrinkOptions,
): Promise<Shrunk> {
  const invariants = new Set(failed.failures.map(({ invariant }) => invariant))
  let best: Shrunk = { report: failed, only: options.only ?? failed.script.map((_, place) => place) }
  let left = runs
  const stillFails = async (only: readonly number[]): Promise<boolean> => {
    left--
    const report = await simulate({ ...options, only })
    if (!report.failures.some(({ invariant }) => invariants.has(invariant))) return false
    best = { report, only }
    return true
  }
  for (let part = best.only.length / 2; part >= 0.5 && left > 0; part /= 2) {
    const size = Math.ceil(part)
    // From the end: what comes last matters least.
    for (let end = best.only.length; end > 0 && left > 0; end -= size) {
      const start = Math.max(0, end - size)
      await stillFails(best.only.filter((_, i) => i < start || i >= end))
    }
  }
  return best
}
