// What a client is opened with, and what is taken where the app does not say.

import type { CryptoProvider } from '../crypto/contract.ts'
import { fail } from '../errors.ts'
import { checkName } from '../identity/device-credential.ts'
import type { ByteLevel } from '../storage/level/level-store.ts'
import { DEFAULT_RETENTION } from '../topics/frame-archive.ts'
import type { Retention } from '../topics/frame-index.ts'
import type { Transport } from '../transport/transport.ts'
import { COUNT, checkOptions, type Expected, FUNCTION, TEXT } from './check-options.ts'
import type { Logger } from './client-log.ts'
import { GROUP_SUITE, WIRE_SUITE } from './suites.ts'

/**
 * Makes a transport, not yet started.
 * @param seed - 32 bytes, the same at each opening of a store: for a name on the network that stays
 */
export type TransportFactory = (seed: Uint8Array) => Transport | Promise<Transport>

/** What `Client.open` takes. */
export interface ClientOptions {
  /** Where everything is kept: a folder, a database of the abstract-level family (encodings `view`), or `memory`. */
  readonly storage: string | ByteLevel
  /** Unlocks the store. With neither passphrase nor key, a key file of mode 600 lies beside the folder. */
  readonly passphrase?: string
  /** Unlocks the store; 32 bytes that the app keeps. */
  readonly key?: Uint8Array
  /** What others see as this person's name, when the store is new: 1 to 128 bytes. Default `anonymous`. */
  readonly name?: string
  /**
   * What becomes of invitations: `accept` joins every group that somebody adds this client to, `ask` keeps them in
   * `client.requests` until the app decides. Default `accept`.
   */
  readonly invitations?: 'accept' | 'ask'
  /** How long frames are kept for others who missed them, in milliseconds from their arrival on. Default a week. */
  readonly retentionMs?: number
  /** How many bytes of frames are kept in each topic; beyond, the oldest go. Default 256 MiB. */
  readonly retentionBytes?: number
  /**
   * Relays that keep what is sent to this client while it is off: addresses as the transport knows them, best with the relay's
   * name on the network (for libp2p, multiaddrs that end with `/p2p/…`). They are on its contact card. Default: none.
   */
  readonly relays?: readonly string[]
  /** Makes what carries everything. Default: libp2p, listening on all interfaces. */
  readonly transport?: TransportFactory
  /** Who computes. Default: the fastest that the runtime has. */
  readonly provider?: CryptoProvider
  /** Where the client writes what goes wrong and whom it meets, such as `console`. No secrets, nothing that was said. Default: nowhere. */
  readonly logger?: Logger
  /** The current time in milliseconds since the Unix epoch. Default: the system's clock. */
  readonly clock?: () => number
}

/** @throws CoterieError `ARGUMENT_INVALID` (caller): an option that there is not, or that makes no sense */
export function checkClientOptions(options: ClientOptions): void {
  checkOptions('Client.open', options, CLIENT_OPTIONS)
  if (options.storage === undefined) {
    fail('ARGUMENT_INVALID', "a client needs a storage: a folder, a database, or 'memory'")
  }
  if (options.name !== undefined) checkName(options.name)
}

/**
 * Others would get them by cards and links, where they are of no use to anybody.
 * @throws CoterieError `ARGUMENT_INVALID` (caller)
 */
export function checkRelays(relays: readonly string[], transport: Transport): void {
  for (const address of relays) {
    if (transport.isAddress(address)) continue
    fail('ARGUMENT_INVALID', `relays: '${address}' is not an address on this network; on libp2p's it is a multiaddr`)
  }
}

/** How much is kept for others. */
export function retentionOf({ retentionMs, retentionBytes }: ClientOptions): Retention {
  const { keepMs, maxBytes, maxFrames } = DEFAULT_RETENTION
  return { keepMs: retentionMs ?? keepMs, maxBytes: retentionBytes ?? maxBytes, maxFrames }
}

/** libp2p, listening on all interfaces, and where there are relays also through those. */
export async function defaultTransport(privateKey: Uint8Array, usesRelays: boolean): Promise<Transport> {
  const { libp2pTransport } = await import('../transport/libp2p/libp2p-transport.ts')
  return libp2pTransport({ privateKey, circuits: usesRelays ? 'listen' : 'dial' })
}

/** The fastest that the runtime has: `node:crypto` where there is one that suffices, else what `crypto.subtle` offers. */
export async function fastestProvider(): Promise<CryptoProvider> {
  if (hasNodeModules()) {
    try {
      const { nodeProvider } = await import('../crypto/providers/node/provider.ts')
      if ([GROUP_SUITE, WIRE_SUITE].every((id) => nodeProvider.suite(id) !== undefined)) return nodeProvider
    } catch {
      // A runtime that only resembles Node.js, and that the other provider suits as well.
    }
  }
  const { createWebCryptoProvider } = await import('../crypto/providers/webcrypto/provider.ts')
  return createWebCryptoProvider()
}

/** Node.js, Bun and Deno say that they have its modules; browsers do not. */
function hasNodeModules(): boolean {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: unknown } } }
  return typeof process?.versions?.node === 'string'
}

const CLIENT_OPTIONS: Readonly<Record<keyof ClientOptions, Expected>> = {
  storage: {
    what: "a folder, a database of the abstract-level family, or 'memory'",
    holds: (value) =>
      (typeof value === 'string' && value !== '') ||
      (typeof value === 'object' && value !== null && 'batch' in value && 'iterator' in value),
  },
  passphrase: TEXT,
  key: { what: 'a Uint8Array of 32 bytes', holds: (value) => value instanceof Uint8Array && value.length === 32 },
  name: TEXT,
  invitations: { what: "'accept' or 'ask'", holds: (value) => value === 'accept' || value === 'ask' },
  retentionMs: COUNT,
  retentionBytes: COUNT,
  relays: {
    what: 'a list of addresses',
    holds: (value) => Array.isArray(value) && value.every((address) => typeof address === 'string'),
  },
  transport: FUNCTION,
  provider: {
    what: 'a crypto provider',
    holds: (value) => typeof value === 'object' && value !== null && 'suite' in value,
  },
  logger: {
    what: 'a log with debug, info and warn, such as console',
    holds: (value) =>
      typeof value === 'object' &&
      value !== null &&
      ['debug', 'info', 'warn'].every((name) => typeof Reflect.get(value, name) === 'function'),
  },
  clock: FUNCTION,
}
