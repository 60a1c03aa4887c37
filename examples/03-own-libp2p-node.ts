// An application that runs libp2p already hands over its node: coterie uses it beside whatever else runs on it.
// Prints:
//   bob reads: One node for everything.
//   the node is still started

import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { Client } from 'coterie'
import { coterieGossipsub, libp2pTransport } from 'coterie/libp2p'
import { createLibp2p } from 'libp2p'

// What coterie needs: identify, and a gossipsub that does not sign messages. The rest is the application's business.
const node = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify(), pubsub: coterieGossipsub() },
})

const alice = await Client.open({ storage: 'memory', name: 'alice', transport: () => libp2pTransport({ node }) })
const bob = await Client.open({
  storage: 'memory',
  name: 'bob',
  transport: (privateKey) => libp2pTransport({ privateKey, listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false }),
})

const club = await alice.groups.create({ name: 'Node club' })
await club.add(await bob.card())
const inBob = await bob.groups.next()
await club.send('One node for everything.')
for await (const { text } of inBob.messages()) {
  console.log(`bob reads: ${text}`)
  break
}

await bob.close()
await alice.close()
console.log(`the node is still ${node.status}`)
await node.stop()
