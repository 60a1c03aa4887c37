// Runs one simulation as a job says.
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { type SimulationOptions, simulate } from '../../src/testing/simulation/simulation.ts'
import type { Job, JobResult } from './job.ts'

export async function runJob(job: Job): Promise<JobResult> {
  const startMs = performance.now()
  try {
    const report = await simulate(optionsOf(job))
    const runMs = performance.now() - startMs
    return { report: job.trace ? report : { ...report, trace: [], script: [] }, runMs }
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error), job }
  }
}

export function optionsOf({ seed, profile, members, only }: Job): SimulationOptions {
  return {
    provider: nodeProvider,
    seed,
    profile,
    ...(members === undefined ? {} : { members }),
    ...(only === undefined ? {} : { only }),
  }
}
