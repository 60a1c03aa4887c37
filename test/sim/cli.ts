// `npm run sim -- --seeds N [--from S] [--profile NAME|all] [--members K]`: lives of simulated groups, and what came of them.
import { Command } from 'commander'
import { PROFILE_NAMES, type ProfileName } from '../../src/testing/simulation/profiles.ts'
import { shrink } from '../../src/testing/simulation/shrink.ts'
import type { SimulationReport } from '../../src/testing/simulation/simulation.ts'
import { notNegative, places, positive, profile } from './arguments.ts'
import { printCosts } from './costs.ts'
import { runAll } from './crew.ts'
import type { Job } from './job.ts'
import { replayOf } from './replay.ts'
import { optionsOf, runJob } from './run-job.ts'
import { Summary } from './summary.ts'

interface Options {
  readonly seeds: number
  readonly from: number
  readonly seed?: number
  readonly profile: ProfileName | 'all'
  readonly members?: number
  readonly only?: number[]
  readonly trace?: true
  readonly costs?: true
  readonly stop?: true
  readonly workers: number
  readonly shrink: number
}

/** Each takes as long as many runs do. */
const MOST_SHOWN = 10

const program = new Command('sim')
  .description('Simulates groups: a seed and a profile decide everything that happens in one.')
  .option('--seeds <number>', 'how many runs; they are spread over the profiles', positive, 300)
  .option('--from <seed>', 'the first seed', positive, 1)
  .option('--profile <name>', `${PROFILE_NAMES.join(', ')}, or all`, profile, 'all')
  .option('--members <number>', 'how many members a group has at the beginning', positive)
  .option('--seed <seed>', 'this one alone', positive)
  .option('--only <places>', 'only these actions of the script, such as 0,3-7, or none', places)
  .option('--trace', 'prints everything that happened')
  .option('--stop', 'ends with the first failure')
  .option('--costs', 'measures what groups cost instead')
  .option('--workers <number>', 'how many runs at a time', positive, 2)
  .option('--shrink <number>', 'how many runs the search for a shorter failing one may take; 0: none', notNegative, 60)
  .parse()

const options = program.opts<Options>()
if (options.costs) await printCosts(console.log)
else await runLives()

async function runLives(): Promise<void> {
  const jobs = jobsOf(options)
  const summary = new Summary()
  const broken: { readonly job: Job; readonly error: string }[] = []
  const failed: SimulationReport[] = []
  let runs = 0
  await runAll(jobs, options.workers, (result) => {
    runs++
    if ('error' in result) broken.push(result)
    else {
      summary.add(result.report)
      if (result.report.failures.length > 0) failed.push(result.report)
      if (options.trace) for (const { text } of result.report.trace) console.log(text)
    }
    return !options.stop || failed.length + broken.length === 0
  })
  for (const line of summary.lines()) console.log(line)
  for (const { job, error } of broken) {
    console.log(`\n${job.profile}, seed ${job.seed}: the run broke: ${error}\n  ${replayOf(job)}`)
  }
  failed.sort((a, b) => a.seed - b.seed)
  for (const report of failed) {
    console.log(`\n${report.profile}, seed ${report.seed}: ${reasons(report)}\n  ${replayOf(jobOf(report))}`)
  }
  if (!options.trace && options.shrink > 0) for (const report of failed.slice(0, MOST_SHOWN)) await show(report)
  if (failed.length > MOST_SHOWN) console.log(`\nOf ${failed.length} that failed ${MOST_SHOWN} are shown.`)
  const failures = failed.length + broken.length
  console.log(`\n${runs - failures} passed, ${failures} failed`)
  process.exitCode = failures > 0 ? 1 : 0
}

function jobsOf({ seed, seeds, from, profile: name, members, only, trace }: Options): Job[] {
  const names = name === 'all' ? PROFILE_NAMES : [name]
  const count = seed === undefined ? seeds : names.length
  return Array.from({ length: count }, (_, i): Job => {
    return {
      seed: (seed ?? from) + Math.floor(i / names.length),
      profile: names[i % names.length] ?? 'quiet',
      members,
      only,
      trace: trace ?? false,
    }
  })
}

/** The invariants that failed, and one example. */
function reasons({ failures }: SimulationReport): string {
  const names = new Set(failures.map(({ invariant }) => invariant))
  const [line = ''] = (failures[0]?.what ?? '').split('\n')
  return `${[...names].join(', ')}: ${line}`
}

/** Looks for the shortest run that still fails, and prints what happened in it. */
async function show(failed: SimulationReport): Promise<void> {
  const job = jobOf(failed)
  const again = await runJob(job)
  if ('error' in again) return
  const { report, only } = await shrink(optionsOf(job), again.report, { runs: options.shrink })
  const { seed, profile: name } = job
  console.log(`\n${name}, seed ${seed}, with ${only.length} of ${again.report.script.length} actions:`)
  for (const { text, detail } of report.trace) if (!detail) console.log(text)
  console.log(`  ${replayOf({ ...job, only })}`)
}

/** What to run to see a life again, with its trace. */
function jobOf({ seed, profile: name }: SimulationReport): Job {
  return { seed, profile: name, members: options.members, only: options.only, trace: true }
}
