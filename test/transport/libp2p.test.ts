// The libp2p transport keeps the contract, over TCP and over WebSockets, on loopback; with an application's node, too.
import { libp2pTransport } from 'coterie/libp2p'
import { type MakeTransports, transportConformance } from 'coterie/testing'
import { describe, test } from 'vitest'
import { applicationNode, FAST } from './nodes.ts'

const listeningOn =
  (address: string): MakeTransports =>
  async (count) => ({
    transports: Array.from({ length: count }, () => libp2pTransport({ listen: [address], mdns: false, ...FAST })),
  })

/** The transport starts and stops them: one that the application runs would keep its connections. */
const onApplicationNodes: MakeTransports = async (count) => {
  const nodes = await Promise.all(Array.from({ length: count }, () => applicationNode()))
  for (const node of nodes) await node.stop()
  return { transports: nodes.map((node) => libp2pTransport({ node, ...FAST })) }
}

describe.each([
  { kind: 'TCP', make: listeningOn('/ip4/127.0.0.1/tcp/0') },
  { kind: 'WebSockets', make: listeningOn('/ip4/127.0.0.1/tcp/0/ws') },
  { kind: "an application's nodes", make: onApplicationNodes },
])('conformance over $kind', ({ make }) => {
  for (const { name, run } of transportConformance(make)) test(name, run)
})
