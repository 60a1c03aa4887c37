// `npm run test:soak -- [--clients N] [--processes N] [--minutes M] [--churn PERCENT] [--seed S]`: a group's life over a real
// network, ending with everybody back and the line `N passed, N failed`.
import { randomInt } from 'node:crypto'
import { Command, InvalidArgumentError } from 'commander'
import { soak } from './soak.ts'

interface Options {
  readonly clients: number
  readonly processes: number
  readonly minutes: number
  readonly churn: number
  readonly seed: number
}

/** Of one check. */
const MOST_SHOWN = 30

const options = new Command('test:soak')
  .description('Clients in several processes come and go while they commit and talk; in the end all have to agree.')
  .option('--clients <number>', 'how many', positive, 20)
  .option('--processes <number>', 'in how many processes they live', positive, 5)
  .option('--minutes <number>', 'how long', positive, 3)
  .option('--churn <percent>', 'how many are away at a time', positive, 30)
  .option('--seed <number>', 'decides what happens', positive, randomInt(1, 2 ** 31))
  .parse()
  .opts<Options>()

const { seed, minutes, ...rest } = options
console.log(`Seed ${seed}. For the same plan again: npm run test:soak -- --seed ${seed} with the same options`)
const { checks, figures } = await soak({ ...rest, seed, seconds: minutes * 60 }, console.log)
for (const { name, failures } of checks) {
  console.log(`${failures.length === 0 ? 'passed' : 'FAILED'}: ${name}`)
  for (const failure of failures.slice(0, MOST_SHOWN)) console.log(`  ${failure}`)
  if (failures.length > MOST_SHOWN) console.log(`  and ${failures.length - MOST_SHOWN} more`)
}
console.log(
  Object.entries(figures)
    .map(([name, value]) => `${value} ${name}`)
    .join(', '),
)
const failed = checks.filter(({ failures }) => failures.length > 0).length
console.log(`${checks.length - failed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('A positive number is needed.')
  return value
}
