// What a client is put together from: its store, who it is, and what carries everything.

import type { CipherSuite } from '../crypto/labels.ts'
import { openStore } from '../storage/level/open-store.ts'
import type { Store } from '../storage/store.ts'
import type { Retention } from '../topics/frame-index.ts'
import type { Transport } from '../transport/transport.ts'
import type { Logger } from './client-log.ts'
import { migrations } from './migrations.ts'
import {
  type ClientOptions,
  checkClientOptions,
  checkRelays,
  defaultTransport,
  fastestProvider,
  retentionOf,
} from './options.ts'
import { leafOptions, type OwnIdentity, ownIdentity } from './own-identity.ts'
import { OwnStock } from './own-stock.ts'
import { GROUP_SUITE, suiteOf, WIRE_SUITE } from './suites.ts'

export interface OpenedParts {
  readonly suite: CipherSuite
  readonly wire: CipherSuite
  readonly store: Store
  readonly transport: Transport
  readonly own: OwnIdentity
  readonly stock: OwnStock
  readonly clock: () => number
  readonly ask: boolean
  readonly logger: Logger | undefined
  /** Addresses. */
  readonly relays: readonly string[]
  readonly retention: Retention
}

/**
 * Opens a store and runs what needs it; closes the store where that fails.
 * @throws CoterieError `STORE_*`, `TRANSPORT_*`, `ARGUMENT_INVALID`
 */
export async function withParts<T>(options: ClientOptions, use: (parts: OpenedParts) => Promise<T>): Promise<T> {
  checkClientOptions(options)
  const provider = options.provider ?? (await fastestProvider())
  const suite = suiteOf(provider, GROUP_SUITE)
  const wire = suiteOf(provider, WIRE_SUITE)
  const clock = options.clock ?? Date.now
  const store = await openStore(options, wire.randomBytes, migrations({ suite, wire, clock }), CLIENT_STORE)
  try {
    const own = await ownIdentity(suite, wire, store, options.name ?? 'anonymous', clock)
    const { relays = [], transport: factory = (seed) => defaultTransport(seed, relays.length > 0) } = options
    const transport = await factory(own.peerSeed)
    checkRelays(relays, transport)
    return await use({
      ...{ suite, wire, store, own, clock, relays, transport },
      stock: new OwnStock({ suite, store, clock, leaf: leafOptions(own.device, own.credential) }),
      ask: options.invitations === 'ask',
      retention: retentionOf(options),
      logger: options.logger,
    })
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Who the client is comes to disk before anything else of it. */
const CLIENT_STORE = { name: 'client', sign: ['identity', 'secrets'] } as const
