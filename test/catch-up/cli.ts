// `npm run bench:catch-up -- [--commits N] [--messages N] [--meanwhile N] [--libp2p]`: what it costs a member to come back, for
// docs/reconciliation.md. Ends with 1 where anything is lost, doubled or different.
import { Command, InvalidArgumentError } from 'commander'
import { catchUp } from './catch-up.ts'

interface Options {
  readonly commits: number
  readonly messages: number
  readonly meanwhile: number
  readonly limit: number
  readonly libp2p?: true
  readonly verbose?: true
}

const {
  limit,
  libp2p = false,
  verbose = false,
  ...counts
} = new Command('bench:catch-up')
  .description('Two members go on while a third is away; then it comes back and gets everything.')
  .option('--commits <number>', 'how many while it is away', count, 1_000)
  .option('--messages <number>', 'how many while it is away', count, 50_000)
  .option('--meanwhile <number>', 'how many while it catches up', count, 0)
  .option('--limit <seconds>', 'how long it may take to come back', count, 600)
  .option('--libp2p', 'over sockets on loopback instead of in memory')
  .option('--verbose', 'tells how far it is')
  .parse()
  .opts<Options>()

const report = await catchUp({
  ...counts,
  libp2p,
  limitMs: limit * 1_000,
  ...(verbose && { tell: (line: string) => console.log(line) }),
})
const { traffic, failures } = report
const rows: readonly (readonly [string, string])[] = [
  ['commits, messages, messages meanwhile', `${counts.commits}, ${counts.messages}, ${counts.meanwhile}`],
  ['made in', seconds(report.madeMs)],
  ['caught up in', `${seconds(report.caughtUpMs)}, of it ${seconds(report.openedMs)} to open the store`],
  ['bytes in, out', `${traffic.receivedBytes.toLocaleString('en')}, ${traffic.sentBytes.toLocaleString('en')}`],
  ['frames heard, published; streams', `${traffic.heard}, ${traffic.published}; ${traffic.streams}`],
  ['memory of all three, at most', `${mebibytes(report.peakRssBytes)}, heap ${mebibytes(report.peakHeapBytes)}`],
]
for (const [what, value] of rows) console.log(`${what}: ${value}`)
for (const failure of failures) console.log(`FAILED: ${failure}`)
console.log(failures.length === 0 ? 'nothing lost, doubled or out of order' : `${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`
}

function count(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('A number from 0 on.')
  return number
}
