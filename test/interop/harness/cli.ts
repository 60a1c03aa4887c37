// The runner as a command: node test/interop/harness/cli.ts --client HOST:PORT … (README.md beside this file).
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { Command, InvalidArgumentError, Option } from 'commander'
import { PROVIDER_NAMES, type ProviderName } from '../../conformance/providers.ts'
import { allSuites, type CastingMode, type GroupReport, openPeer, runCampaign } from './campaign.ts'
import { configsFolder, loadScripts } from './load-scripts.ts'
import type { Peer } from './run.ts'
import type { Failure, Outcome } from './runner.ts'
import type { Script } from './script.ts'
import { type ServerProcess, spawnServer } from './spawn.ts'

interface Options {
  readonly client: readonly string[]
  readonly spawn: number
  readonly provider: ProviderName
  readonly config?: readonly string[]
  readonly script?: readonly string[]
  readonly suite?: readonly (number | 'all')[]
  readonly public?: boolean
  readonly private?: boolean
  readonly assign: CastingMode['mode']
  readonly seed?: string
  readonly timeout: number
  readonly times?: boolean
  readonly failFast?: boolean
}

await new Command('cli.ts')
  .description('Runs scripts of the MLS interop harness over gRPC clients.')
  .option('--client <host:port...>', 'the clients; several play together', [])
  .option('--spawn <n>', 'start n servers of coterie for the run, as further clients', parseCount, 0)
  .addOption(new Option('--provider <name>', 'who does their cryptography').choices(PROVIDER_NAMES).default('node'))
  .option('--config <path...>', 'script files or folders (default: mlswg-interop-configs of the test vectors)')
  .option('--script <name...>', 'only the scripts of these names')
  .option('--suite <n|all>', 'cipher suite, repeatable (default: all)', collectSuite)
  .option('--public', 'only with handshakes as PublicMessage')
  .option('--private', 'only with handshakes as PrivateMessage')
  .option('--assign <pairs|random>', 'how actors are cast on several clients', parseAssign, 'pairs')
  .option('--seed <text>', 'decides a random assignment (default: a new one)')
  .option('--timeout <seconds>', 'for one RPC, and at most 10 to connect', parseSeconds, 120)
  .option('--times', 'add to every line how long it took')
  .option('--fail-fast', 'stop after the first line with a failure')
  .action((options: Options) => main(options).catch(stop))
  .parseAsync()

async function main(options: Options): Promise<void> {
  const scripts = await selectScripts(options)
  if (options.client.length + options.spawn === 0) throw new Error('no clients: give --client or --spawn')
  const servers: ServerProcess[] = []
  const peers: (Peer & { close(): void })[] = []
  try {
    while (servers.length < options.spawn) servers.push(await spawnServer(options.provider))
    const rpcTimeoutMs = options.timeout * 1000
    const limits = { rpcTimeoutMs, connectTimeoutMs: Math.min(rpcTimeoutMs, 10_000) }
    const addresses = [...options.client, ...servers.map(({ address }) => address)]
    for (const address of addresses) peers.push(await openPeer(address, limits))
    for (const { name, address, suites } of peers) say(`${name} at ${address}: suites ${[...suites].join(' ')}`)
    const total = await runAll(options, scripts, peers)
    say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
    if (total.failed > 0 || total.passed === 0) process.exitCode = 1
  } finally {
    for (const peer of peers) peer.close()
    await Promise.all(servers.map((server) => server.close()))
  }
}

async function runAll(
  options: Options,
  scripts: readonly Script[],
  peers: readonly Peer[],
): Promise<Record<Outcome['result'], number>> {
  const { assign, seed = randomBytes(8).toString('hex'), suite = ['all'] } = options
  if (assign === 'random') say(`seed ${seed}`)
  const numbers = suite.filter((one) => one !== 'all')
  const reports = runCampaign({
    scripts,
    peers,
    suites: suite.includes('all') ? allSuites(peers) : [...new Set(numbers)],
    handshakes: options.public === options.private ? [false, true] : [options.private === true],
    casting: assign === 'random' ? { mode: 'random', seed } : { mode: 'pairs' },
  })
  const total = { passed: 0, failed: 0, skipped: 0 }
  let began = performance.now()
  for await (const report of reports) {
    const took = options.times === true ? `  ${((performance.now() - began) / 1000).toFixed(1)} s` : ''
    began = performance.now()
    for (const line of describeGroup(report, took)) say(line)
    for (const { outcome } of report.runs) total[outcome.result] += 1
    if (options.failFast === true && total.failed > 0) break
  }
  return total
}

async function selectScripts({ config = defaultConfigs(), script: names }: Options): Promise<readonly Script[]> {
  const loaded = (await Promise.all(config.map((path) => loadScripts(path)))).flat()
  if (names === undefined) return loaded
  const unknown = names.find((name) => !loaded.some((script) => script.name === name))
  if (unknown !== undefined) throw new Error(`no script is named ${unknown}`)
  return loaded.filter((script) => names.includes(script.name))
}

function defaultConfigs(): readonly string[] {
  const folder = configsFolder()
  if (folder === undefined) throw new Error('no script configurations found: give --config, or set COTERIE_VECTORS')
  return [folder]
}

/** One line for the group, and one for each run in it that did not pass. */
function describeGroup({ script, suite, encryptHandshake, runs }: GroupReport, took: string): readonly string[] {
  const count = (result: Outcome['result']): number => runs.filter(({ outcome }) => outcome.result === result).length
  const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')]
  const what = `${script.config} ${script.name} suite ${suite} ${encryptHandshake ? 'private' : 'public'}`
  const counts = runs.length > 1 ? `: ${passed} passed, ${failed} failed, ${skipped} skipped` : ''
  const details = runs.flatMap(({ cast, outcome }) => {
    if (outcome.result === 'passed') return []
    if (outcome.result === 'skipped') return [`       skipped: ${outcome.reason}`]
    return [`       ${describeFailure(outcome.failure)}`, `       cast: ${cast}`]
  })
  return [`${verdict(passed, failed)}  ${what}${counts}${took}`, ...details]
}

function verdict(passed: number, failed: number): string {
  if (failed > 0) return 'FAIL'
  return passed > 0 ? 'ok  ' : 'skip'
}

function describeFailure({ step, action, actor, peer, message }: Failure): string {
  const who = actor === undefined ? '' : `${actor}${peer === undefined ? '' : ` (${peer})`}: `
  return `step ${step} ${action}: ${who}${message}`
}

function collectSuite(text: string, before: readonly (number | 'all')[] = []): readonly (number | 'all')[] {
  if (text !== 'all' && !/^[1-9][0-9]{0,4}$/.test(text)) throw new InvalidArgumentError('a number or all')
  return [...before, text === 'all' ? 'all' : Number(text)]
}

function parseAssign(text: string): CastingMode['mode'] {
  if (text !== 'pairs' && text !== 'random') throw new InvalidArgumentError('pairs or random')
  return text
}

function parseCount(text: string): number {
  if (!/^[1-9][0-9]?$/.test(text)) throw new InvalidArgumentError('a number from 1 to 99')
  return Number(text)
}

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (!(seconds > 0)) throw new InvalidArgumentError('a positive number')
  return seconds
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function stop(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
