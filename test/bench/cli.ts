// `npm run bench`: the core in each provider beside every peer that is installed. Prints the table and writes results.json.
import { writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { type BenchSettings, runBench, type SizeResult } from './harness.ts'
import { ROW_NAMES } from './samples.ts'
import { allStacks, type Stacks } from './stacks.ts'
import { ratioToBestPeer, tableOf } from './table.ts'

interface Options {
  readonly quick?: boolean
  readonly sizes?: readonly number[]
  readonly rounds?: number
  readonly least?: boolean
}

const RESULTS = fileURLToPath(new URL('results.json', import.meta.url))
const SIZES = [128, 1024]
const QUICK_SIZES = [32, 128]

await new Command('npm run bench --')
  .description('measures groups of n leaves under cipher suite 1; × is how many times better than the best peer')
  .option('--quick', `small groups, under a minute (n = ${QUICK_SIZES.join(' and ')})`)
  .option('--sizes <numbers>', `powers of two, separated by commas (default: ${SIZES.join(',')})`, sizes)
  .option('--rounds <number>', 'rounds that count (default: 5, quick: 2)', positive)
  .option('--least', 'also prints the table of the least samples: on a busy machine they say more than medians')
  .action(run)
  .parseAsync()

async function run({ quick = false, least = false, ...options }: Options): Promise<void> {
  const settings: BenchSettings = {
    sizes: options.sizes ?? (quick ? QUICK_SIZES : SIZES),
    rounds: options.rounds ?? (quick ? 2 : 5),
    warmUp: 3,
    progress: (line) => console.error(line),
  }
  const loadBefore = loadavg()
  const stacks = await allStacks()
  for (const [name, reason] of stacks.absent) console.log(`skipped: ${name} ${reason}`)
  const results: SizeResult[] = []
  for await (const result of runBench(stacks.present, settings)) {
    results.push(result)
    console.log(['', ...tableOf(result)].join('\n'))
    if (least) console.log(['', 'The least samples', ...tableOf(result, 'least')].join('\n'))
  }
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    loadBefore,
    loadAfter: loadavg(),
  }
  console.log(
    `\n${machine.cores} × ${machine.cpu}, Node ${machine.node}, load ${load(machine.loadBefore)} before, ${load(machine.loadAfter)} after`,
  )
  await writeFile(RESULTS, `${JSON.stringify(record(settings, machine, stacks, results), undefined, 2)}\n`)
  const failed = results.some((result) => result.stacks.some(({ failure }) => failure !== undefined))
  if (failed) process.exitCode = 1
}

function record(settings: BenchSettings, machine: object, stacks: Stacks, results: readonly SizeResult[]): object {
  return {
    date: new Date().toISOString(),
    machine,
    rounds: settings.rounds,
    skipped: Object.fromEntries(stacks.absent),
    sizes: results.map((result) => ({
      leaves: result.leaves,
      stacks: result.stacks.map((stack) => ({ ...stack, timesBetterThanBestPeer: ratios(result, stack) })),
    })),
  }
}

function ratios({ stacks }: SizeResult, stack: SizeResult['stacks'][number]): object | undefined {
  if (!stack.isOurs) return undefined
  return Object.fromEntries(ROW_NAMES.map((row) => [row, ratioToBestPeer(stacks, stack, row)]))
}

function load(averages: readonly number[]): string {
  return (averages[0] ?? 0).toFixed(1)
}

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('not a positive integer')
  return value
}

function sizes(text: string): number[] {
  return text.split(',').map((part) => {
    const value = Number(part)
    if (!Number.isInteger(Math.log2(value)) || value < 4) throw new InvalidArgumentError('not powers of two from 4 on')
    return value
  })
}
