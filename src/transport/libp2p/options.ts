// What can be chosen about the libp2p transport.

import type { GossipSub } from '@libp2p/gossipsub'
import type { Libp2p } from '@libp2p/interface'
import { fail } from '../../errors.ts'
import { parseAddress } from './addresses.ts'

/** Choices that make sense with any node. */
export interface CommonOptions {
  /** Multiaddrs of peers that are dialled at the start and whenever their connection is lost. */
  readonly bootstrap?: readonly string[]
  /** How long to wait before a lost peer is dialled again; doubled after each failure. Default: 500 to 30,000 ms. */
  readonly redialMs?: { readonly first: number; readonly longest: number }
  /** How many streams of one protocol a peer may have open here. Default: 32. */
  readonly maxInboundStreams?: number
  /** How often gossip repairs its mesh; with an own node, as given to its gossipsub. Default: 1,000 ms. */
  readonly heartbeatMs?: number
  /** A stream on which nothing happens for so long is given up. Default: 60,000 ms. */
  readonly streamIdleMs?: number
}

/** For a libp2p node that the transport makes and owns. */
export interface NodeOptions extends CommonOptions {
  readonly node?: never
  /** Multiaddrs to listen on; none where the list is empty. Default: any port of all interfaces, TCP and WebSockets. */
  readonly listen?: readonly string[]
  /** Multiaddrs to tell others instead of those listened on. */
  readonly announce?: readonly string[]
  /** Whether to find and be found by coterie's peers on the local network. Default: true. */
  readonly mdns?: boolean
  /** Ed25519 seed of 32 bytes, from which the peer id follows. Default: a new one for each transport. */
  readonly privateKey?: Uint8Array
  /**
   * Circuits through relays, for peers that cannot be reached otherwise: `dial` uses those of others, `listen` can also be
   * reached through the relays that it is connected to, `serve` is such a relay. Default: `dial`.
   */
  readonly circuits?: 'dial' | 'listen' | 'serve'
  /** Default: 100. */
  readonly maxConnections?: number
}

/**
 * For a libp2p node of the application. It needs the services `identify` and `pubsub`, the latter made by `coterieGossipsub`
 * or another gossipsub that neither signs nor accepts signatures (`StrictNoSign`). A node that runs is left running.
 */
export interface OwnNodeOptions extends CommonOptions {
  readonly node: Libp2p<{ pubsub: GossipSub }>
}

/** What `libp2pTransport` takes: choices for a node of its own, or the app's node. */
export type Libp2pTransportOptions = NodeOptions | OwnNodeOptions

/** @throws CoterieError `ARGUMENT_INVALID` (caller) for what is not an option here */
export function checkOptions(options: Libp2pTransportOptions): void {
  const known = options.node === undefined ? [...COMMON, ...OF_NODE] : [...COMMON, 'node']
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const where = options.node === undefined ? '' : " with an application's own node"
    fail('ARGUMENT_INVALID', `the libp2p transport has no option ${unknown}${where}`)
  }
  if (options.node === undefined && options.privateKey !== undefined && options.privateKey.length !== SEED_BYTES) {
    fail('ARGUMENT_INVALID', `the seed of a private key has ${SEED_BYTES} bytes`)
  }
  const addresses = options.node === undefined ? [...(options.listen ?? []), ...(options.announce ?? [])] : []
  for (const address of [...addresses, ...(options.bootstrap ?? [])]) parseAddress(address)
  const pubsub = options.node?.services.pubsub
  if (options.node !== undefined && pubsub?.globalSignaturePolicy !== 'StrictNoSign') {
    fail('ARGUMENT_INVALID', "the node needs a service 'pubsub', made by coterieGossipsub()")
  }
}

const SEED_BYTES = 32
const COMMON: readonly string[] = Object.keys({
  bootstrap: true,
  redialMs: true,
  maxInboundStreams: true,
  heartbeatMs: true,
  streamIdleMs: true,
} satisfies Record<keyof CommonOptions, true>)
const OF_NODE: readonly string[] = Object.keys({
  node: true,
  listen: true,
  announce: true,
  mdns: true,
  privateKey: true,
  circuits: true,
  maxConnections: true,
} satisfies Record<Exclude<keyof NodeOptions, keyof CommonOptions>, true>)
