// The libp2p node that the transport makes where the application brings none.

import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { GossipSub } from '@libp2p/gossipsub'
import { type Identify, identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import { coterieGossipsub } from './gossip.ts'
import type { NodeOptions } from './options.ts'

/** Makes a node and does not start it. */
export async function createNode(
  options: NodeOptions,
  seed: Uint8Array,
): Promise<Libp2p<{ identify: Identify; pubsub: GossipSub }>> {
  return createLibp2p({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    addresses: { listen: listenOn(options), announce: [...(options.announce ?? [])] },
    transports: [tcp(), webSockets(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    // A stream that nobody reads holds a window's worth of memory.
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 1024 * 1024 } })],
    peerDiscovery: options.mdns === false ? [] : [mdns({ serviceTag: LAN_SERVICE })],
    connectionManager: {
      maxConnections: options.maxConnections ?? 100,
      // Per address, and there are many peers behind one router.
      inboundConnectionThreshold: 32,
      maxIncomingPendingConnections: 32,
    },
    // Signing, hashing and scrypt share the thread with the answers to these.
    connectionMonitor: { pingTimeout: { minTimeout: 15_000 } },
    services: {
      identify: identify(),
      ...(options.circuits === 'serve' && { circuits: circuitRelayServer({ reservations: RESERVATIONS }) }),
      pubsub: coterieGossipsub(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
    },
  })
}

function listenOn({ listen = EVERYWHERE, circuits }: NodeOptions): string[] {
  return circuits === 'listen' ? [...listen, '/p2p-circuit'] : [...listen]
}

const EVERYWHERE: readonly string[] = ['/ip4/0.0.0.0/tcp/0', '/ip4/0.0.0.0/tcp/0/ws']

/** Found by coterie's peers, and by no other libp2p nodes of the local network. */
const LAN_SERVICE = '_coterie._udp.local'

/** A conversation that takes longer than an hour, or more than 64 MiB, begins anew. */
const RESERVATIONS = { maxReservations: 1_024, defaultDurationLimit: 3_600_000, defaultDataLimit: 67_108_864n }
