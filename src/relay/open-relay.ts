// Opens a relay as a program of its own: a folder, a libp2p node that also carries circuits, and Node.js's cryptography.

import { nodeProvider } from '../crypto/providers/node/provider.ts'
import { fail } from '../errors.ts'
import { openStore } from '../storage/level/open-store.ts'
import type { Store } from '../storage/store.ts'
import { libp2pTransport } from '../transport/libp2p/libp2p-transport.ts'
import type { RelayLimits } from './limits.ts'
import { Relay } from './relay.ts'

export interface RelayOptions {
  /** The folder in which everything is kept; its key lies in a file beside it. */
  readonly data: string
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[]
  /** Multiaddrs to tell others instead of those listened on. */
  readonly announce: readonly string[]
  readonly limits: RelayLimits
  readonly maxConnections: number
  /** Hears what went wrong inside. */
  readonly onError: (error: unknown) => void
}

/** @throws CoterieError `STORE_*`, `TRANSPORT_LISTEN_FAILED`, `ARGUMENT_INVALID` */
export async function openRelay(options: RelayOptions): Promise<Relay> {
  const { data, listen, announce, limits, maxConnections, onError } = options
  const wire = nodeProvider.suite(WIRE_SUITE) ?? fail('CRYPTO_UNSUPPORTED_SUITE', 'this Node.js lacks the wire suite')
  const store = await openStore({ storage: data }, wire.randomBytes, [], { name: 'relay', sign: [BUCKET, SEED] })
  try {
    const privateKey = await ownSeed(store, wire.randomBytes)
    const transport = libp2pTransport({
      privateKey,
      listen,
      announce,
      maxConnections,
      mdns: false,
      circuits: 'serve',
    })
    return await Relay.open({ wire, suite: (id) => nodeProvider.suite(id), store, transport, limits, onError })
  } catch (error) {
    await store.close()
    throw error
  }
}

/** The seed of the relay's name on the network, made once. */
async function ownSeed(store: Store, randomBytes: (length: number) => Uint8Array): Promise<Uint8Array> {
  const kept = await store.get(BUCKET, SEED)
  if (kept !== undefined) return kept
  const seed = randomBytes(SEED_BYTES)
  await store.write((batch) => batch.put(BUCKET, SEED, seed))
  return seed
}

/** RFC 9420 §17.1: X25519, ChaCha20-Poly1305, SHA-256, Ed25519. See spec/README.md. */
const WIRE_SUITE = 3
const BUCKET = 'relay'
const SEED = 'peer-seed'
const SEED_BYTES = 32
