// How a life is played again.
import { ranges } from './arguments.ts'
import type { Job } from './job.ts'

/** A command that runs the same once more, and prints everything that happens. */
export function replayOf({ seed, profile, members, only }: Omit<Job, 'trace'>): string {
  const options = [
    `--seed ${seed} --profile ${profile}`,
    ...(members === undefined ? [] : [`--members ${members}`]),
    ...(only === undefined ? [] : [`--only ${ranges(only)}`]),
  ]
  return `npm run sim -- ${options.join(' ')} --trace`
}
