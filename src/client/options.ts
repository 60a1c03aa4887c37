// What a client is opened with, and what is taken where the app does not say.

import type { CryptoProvider } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import type { ByteLevel } from '../storage/level/level-store.ts'
import type { Transport } from '../transport/transport.ts'

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
  /** What others see as this person's name, when the store is new. Default `anonymous`. */
  readonly name?: string
  /** Makes what carries everything. Default: libp2p, listening on all interfaces. */
  readonly transport?: TransportFactory
  /** Who computes. Default: the fastest that the runtime has. */
  readonly provider?: CryptoProvider
  /** The current time in milliseconds since the Unix epoch. Default: the system's clock. */
  readonly clock?: () => number
}

/** RFC 9420 §17.1: X25519, AES-128-GCM, SHA-256, Ed25519, which all implementations have. */
export const GROUP_SUITE = 1

/** X25519, ChaCha20-Poly1305, SHA-256, Ed25519: for frames, topics, inboxes and message ids. */
export const WIRE_SUITE = 3

/** libp2p, listening on all interfaces. */
export async function defaultTransport(privateKey: Uint8Array): Promise<Transport> {
  const { libp2pTransport } = await import('../transport/libp2p/libp2p-transport.ts')
  return libp2pTransport({ privateKey })
}

/** The fastest that the runtime has. */
export async function fastestProvider(): Promise<CryptoProvider> {
  const { nodeProvider } = await import('../crypto/providers/node/provider.ts')
  return nodeProvider
}

/** @throws CoterieError `CRYPTO_UNSUPPORTED_SUITE` (environment) */
export function suiteOf(provider: CryptoProvider, id: number): CipherSuite {
  return provider.suite(id) ?? fail('CRYPTO_UNSUPPORTED_SUITE', `the provider ${provider.name} lacks suite ${id}`)
}
