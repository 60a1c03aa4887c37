// What an operator watches of a relay: metrics for Prometheus, and whether it is alive.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { fail } from '../errors.ts'
import { COUNTED, type Counted } from '../relay/counters.ts'
import type { Relay, RelayStatus } from '../relay/relay.ts'

/**
 * Serves `/metrics` and `/health` over HTTP.
 * @returns what ends it
 * @throws CoterieError `TRANSPORT_LISTEN_FAILED` (environment)
 */
export async function serveMetrics(
  relay: Relay,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<{ readonly address: string; close(): Promise<void> }> {
  // Loaded by relays whose operator wants it, and by nobody else.
  const { collectDefaultMetrics, Counter, Gauge, Registry } = await import('prom-client')
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const [name, help] of Object.entries(GAUGES) as [keyof RelayStatus, string][]) {
    new Gauge({
      name: `coterie_relay_${snakeCase(name)}`,
      help,
      registers: [registry],
      collect() {
        this.set(relay.status[name])
      },
    })
  }
  for (const [name, help] of Object.entries(COUNTED) as [Counted, string][]) {
    new Counter({
      name: `coterie_relay_${name}_total`,
      help,
      registers: [registry],
      collect() {
        this.reset()
        this.inc(relay.counters.of(name))
      },
    })
  }
  const server = createServer((request, response) => {
    answer(request, response, { contentType: registry.contentType, metrics: () => registry.metrics() }).catch(() =>
      response.destroy(),
    )
  })
  server.listen(port, host)
  await once(server, 'listening').catch((cause: unknown) =>
    fail('TRANSPORT_LISTEN_FAILED', `metrics cannot be served at ${host}:${port}`, { cause }),
  )
  return { address: addressOf(server), close: () => closed(server) }
}

interface Page {
  readonly contentType: string
  metrics(): Promise<string>
}

async function answer({ url, method }: IncomingMessage, response: ServerResponse, page: Page): Promise<void> {
  if (method !== 'GET') response.writeHead(405).end()
  else if (url === '/health') response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n')
  else if (url === '/metrics') response.writeHead(200, { 'content-type': page.contentType }).end(await page.metrics())
  else response.writeHead(404).end()
}

function addressOf(server: Server): string {
  const address = server.address()
  if (typeof address !== 'object' || address === null) return ''
  return address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`
}

async function closed(server: Server): Promise<void> {
  const done = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await done
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

const GAUGES: Readonly<Record<keyof RelayStatus, string>> = {
  topics: 'Topics that are carried',
  frames: 'Frames that are kept',
  frameBytes: 'Bytes of the frames that are kept',
  devices: 'Devices with key packages here',
  oneTimeKeyPackages: 'Key packages to be handed out once',
  stockBytes: 'Bytes of all key packages',
  peers: 'Peers that are connected',
}
