// People who use relays: clients over real libp2p on loopback, with real disks, who know of each other only by cards.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { Client } from '../../src/client/client.ts'
import { RECONCILE_PROTOCOL, reconcile } from '../../src/topics/reconciliation.ts'
import { libp2pTransport } from '../../src/transport/libp2p/libp2p-transport.ts'
import { readContactCard } from '../../src/wire/contact-card.ts'
import { inboxChannel } from '../../src/wire/inbox.ts'
import { holder, wire } from '../client/sync/holder.ts'
import { RelayProcess } from './relay-process.ts'

export class Stage {
  folder = ''
  readonly #clients = new Set<Client>()
  readonly #relays = new Set<RelayProcess>()
  /** What the clients warned of, for whoever reads a test's failure. */
  readonly warnings: string[] = []

  /** Starts a relay. @param name - of its folder */
  async relay(name: string, args: readonly string[] = [], listen?: string): Promise<RelayProcess> {
    const relay = await RelayProcess.start(join(this.folder, name), ['--metrics', '127.0.0.1:0', ...args], listen)
    this.#relays.add(relay)
    return relay
  }

  /** Opens somebody's client; what was there before is there again. Its address is on no card that outlives it. */
  async enter(name: string, ...relays: readonly string[]): Promise<Client> {
    const client = await Client.open({
      storage: join(this.folder, name),
      name,
      relays,
      transport: (privateKey) =>
        libp2pTransport({
          privateKey,
          mdns: false,
          listen: ['/ip4/127.0.0.1/tcp/0'],
          redialMs: { first: 100, longest: 500 },
        }),
    })
    client.onWarning((error) => this.warnings.push(`${name}: ${error.code} ${error.message}`))
    this.#clients.add(client)
    return client
  }

  async leave(...clients: readonly Client[]): Promise<void> {
    for (const client of clients) {
      await client.close()
      this.#clients.delete(client)
    }
  }

  /** How many frames a relay keeps in the inbox that a card is of: whoever has the card can see that. */
  async inInbox(relay: string, card: string): Promise<number> {
    const { topic } = await inboxChannel(wire, (await readContactCard(wire, card)).inbox)
    const transport = libp2pTransport({ mdns: false, listen: [] })
    await transport.start()
    try {
      const peer = await transport.connect(relay)
      const one = await holder(transport.peer, [], { topic, clock: Date.now })
      const stream = await transport.open(peer, RECONCILE_PROTOCOL)
      return (await reconcile({ ...one, isRelay: () => true }, stream, topic)).received
    } finally {
      await transport.stop()
    }
  }

  async begin(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'coterie-relay-'))
    this.warnings.length = 0
  }

  async end(): Promise<void> {
    await this.leave(...this.#clients)
    await Promise.all([...this.#relays].map((relay) => relay.stop('SIGKILL')))
    this.#relays.clear()
    await rm(this.folder, { recursive: true })
  }
}

/** A stage for each test of a file. */
export function stageForEach(): Stage {
  const stage = new Stage()
  beforeEach(() => stage.begin())
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') process.stderr.write(`${stage.warnings.join('\n')}\n`)
    await stage.end()
  })
  return stage
}
