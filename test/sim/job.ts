// What the workers of a simulation are given, and what they give back.
import type { ProfileName } from '../../src/testing/simulation/profiles.ts'
import type { SimulationReport } from '../../src/testing/simulation/simulation.ts'

export interface Job {
  readonly seed: number
  readonly profile: ProfileName
  readonly members: number | undefined
  readonly only: readonly number[] | undefined
  /** Whether everything that happened is wanted; that is much. */
  readonly trace: boolean
}

export type JobResult =
  | { readonly report: SimulationReport; readonly runMs: number }
  /** The run itself broke. */
  | { readonly error: string; readonly job: Job }
