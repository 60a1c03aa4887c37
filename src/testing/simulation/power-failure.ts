// Sudden death of a simulated device.

/** When a device dies: at which step of carrying out what its session asked for. */
export const CRASH_STAGES = ['before-write', 'after-write', 'between-publishes', 'after-publish'] as const
/** At which step of carrying something out a device dies. */
export type CrashStage = (typeof CRASH_STAGES)[number]

/** Ends whatever the device was doing. */
export class PowerFailure extends Error {
  readonly stage: CrashStage

  constructor(stage: CrashStage) {
    super(`the power fails ${stage}`)
    this.stage = stage
  }
}
