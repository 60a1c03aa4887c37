// Transports and plain libp2p nodes on loopback, stopped when the test is over.
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { type Identify, identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { coterieGossipsub, libp2pTransport, type NodeOptions } from 'coterie/libp2p'
import type { Transport } from 'coterie/transport'
import { createLibp2p } from 'libp2p'
import { onTestFinished } from 'vitest'

export const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
export const FAST = { heartbeatMs: 100, redialMs: { first: 20, longest: 100 } } as const

export type Node = Libp2p<{ identify: Identify; pubsub: GossipSub }>

/** A transport, not started. */
export function transportOn(options: Omit<NodeOptions, 'node'> = {}): Transport {
  const transport = libp2pTransport({ listen: [LOOPBACK], mdns: false, ...FAST, ...options })
  onTestFinished(() => transport.stop())
  return transport
}

/** A started transport. */
export async function startedOn(options: Omit<NodeOptions, 'node'> = {}): Promise<Transport> {
  const transport = transportOn(options)
  await transport.start()
  return transport
}

/** A node that speaks no gossip. */
export async function plainNode(): Promise<Libp2p> {
  const node = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
  onTestFinished(() => node.stop())
  return node
}

/** A libp2p node of an application, started. */
export async function applicationNode(
  pubsub: ReturnType<typeof gossipsub> = coterieGossipsub({ heartbeatMs: FAST.heartbeatMs }),
): Promise<Node> {
  const node = await createLibp2p({
    addresses: { listen: [LOOPBACK] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 1024 * 1024 } })],
    services: { identify: identify(), pubsub },
  })
  onTestFinished(() => node.stop())
  return node
}

/** A node whose gossipsub judges nothing and signs nothing. */
export function carelessNode(): Promise<Node> {
  return applicationNode(
    gossipsub({ globalSignaturePolicy: 'StrictNoSign', heartbeatInterval: FAST.heartbeatMs, floodPublish: true }),
  )
}

export function addressOf(transport: Transport): string {
  const [address = ''] = transport.addresses()
  return address
}

export const multiaddrOf = (transport: Transport): ReturnType<typeof multiaddr> => multiaddr(addressOf(transport))
