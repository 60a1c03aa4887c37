// `coterie relay`: keeps what is sent to those who are not there, for whoever pins topics at it (docs/deploy-relay.md).

import { CoterieError } from '../errors.ts'
import { relayLimits } from '../relay/limits.ts'
import { openRelay } from '../relay/open-relay.ts'
import type { Relay } from '../relay/relay.ts'
import { checkAddresses } from './addresses.ts'
import { readBytes, readDuration, readEndpoint } from './quantities.ts'
import { serveMetrics } from './relay-metrics.ts'

export interface RelayCommandOptions {
  readonly data: string
  readonly listen: readonly string[]
  readonly announce?: readonly string[]
  readonly maxBytes: string
  readonly maxFrames: string
  readonly ttl: string
  readonly metrics?: string
  readonly maxConnections: string
}

/** Runs until SIGTERM or SIGINT. What it says on the output is for programs, what it says on stderr for its operator. */
export async function relay(options: RelayCommandOptions): Promise<void> {
  const { data, listen, announce = [], maxBytes, maxFrames, ttl, metrics, maxConnections } = options
  checkAddresses({ '--listen': listen, '--announce': announce })
  const endpoint = metrics === undefined ? undefined : given('--metrics', metrics, readEndpoint)
  const limits = relayLimits(
    given('--max-bytes', maxBytes, readBytes),
    given('--max-frames', maxFrames, readCount),
    given('--ttl', ttl, readDuration),
  )
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
  })
  const running = await openRelay({
    data,
    listen,
    announce,
    limits,
    maxConnections: given('--max-connections', maxConnections, readCount),
    onError: (error) => log('error', describe(error)),
  })
  try {
    await serve(running, endpoint, stopped)
  } finally {
    const { status } = running
    await running.close()
    log('stopped', { ...status })
  }
}

async function serve(
  running: Relay,
  endpoint: ReturnType<typeof readEndpoint> | undefined,
  stopped: Promise<NodeJS.Signals>,
): Promise<void> {
  const watched = endpoint && (await serveMetrics(running, endpoint))
  try {
    const metrics = watched && { metrics: watched.address }
    log('ready', { ...running.status, ...metrics })
    process.stdout.write(`${JSON.stringify({ event: 'ready', addresses: running.addresses, ...metrics })}\n`)
    log('stopping', { signal: await stopped })
  } finally {
    await watched?.close()
  }
}

/** One JSON object a line. Says nothing of who does what. */
function log(event: string, details: Readonly<Record<string, unknown>>): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...details })}\n`)
}

function describe(error: unknown): Readonly<Record<string, unknown>> {
  if (CoterieError.is(error)) return { code: error.code, message: error.message }
  return { code: 'INTERNAL_INVARIANT', message: error instanceof Error ? error.name : 'something unexpected failed' }
}

/** Reads the value of an option, and names the option where that fails. */
function given<T>(option: string, text: string, read: (text: string) => T): T {
  try {
    return read(text)
  } catch (error) {
    if (!CoterieError.is(error)) throw error
    throw new CoterieError(error.code, `${option}: ${error.message}`)
  }
}

function readCount(text: string): number {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1)
    throw new CoterieError('ARGUMENT_INVALID', `${text} is not a number from 1 on`)
  return count
}
