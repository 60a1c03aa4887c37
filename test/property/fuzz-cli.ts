// `npm run test:fuzz -- --runs N --seed S`: the fuzz test for as long as one likes.
import { Command, InvalidArgumentError } from 'commander'
import { loadProvider, PROVIDER_NAMES, type ProviderName } from '../conformance/providers.ts'
import { fuzz } from './fuzz.ts'

interface Options {
  readonly runs: number
  readonly seed: number
  readonly provider: ProviderName
  readonly suite: number
}

const program = new Command('test:fuzz')
  .description('Damages valid messages: each has to be taken, or refused with a code that blames its sender.')
  .option('--runs <number>', 'how many', positive, 1_000_000)
  .option('--seed <number>', 'repeats a run', positive, Date.now() % 0x7fff_ffff)
  .option('--provider <name>', PROVIDER_NAMES.join(', '), provider, 'node')
  .option('--suite <number>', 'cipher suite', positive, 1)
  .parse()

const { runs, seed, provider: name, suite } = program.opts<Options>()
console.log(`seed ${seed}`)
const report = await fuzz({
  provider: await loadProvider(name),
  seed,
  runs,
  suiteId: suite,
  progress: (attempts) => {
    if (attempts % 100_000 === 0) console.log(`${attempts} attempts`)
  },
})
for (const [target, { taken, refused }] of Object.entries(report.outcomes)) {
  console.log(`${target}: ${refused} refused, ${taken} taken`)
}
console.log(`${report.attempts} attempts, the slowest in ${report.slowestMs.toFixed(1)} ms`)

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('not a positive integer')
  return value
}

function provider(text: string): ProviderName {
  const found = PROVIDER_NAMES.find((known) => known === text)
  if (found === undefined) throw new InvalidArgumentError(`none of ${PROVIDER_NAMES.join(', ')}`)
  return found
}
