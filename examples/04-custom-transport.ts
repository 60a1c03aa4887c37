// A transport of your own: whatever fulfils the type `Transport`. This one passes everything on to another, and counts what
// it publishes; one that you write for another network looks the same from outside.
// Prints:
//   the transport keeps its contract
//   bob reads: Counted.
//   alice has published some frames

import { Client } from 'coterie'
import { createMemoryNetwork, transportConformance } from 'coterie/testing'
import type { Transport } from 'coterie/transport'

interface Counter {
  frames: number
}

function counting(inner: Transport, counter: Counter): Transport {
  return {
    get peer() {
      return inner.peer
    },
    addresses: () => inner.addresses(),
    isAddress: (text) => inner.isAddress(text),
    start: () => inner.start(),
    stop: () => inner.stop(),
    connect: (address) => inner.connect(address),
    connectedPeers: () => inner.connectedPeers(),
    subscribe: (topic, onFrame) => inner.subscribe(topic, onFrame),
    peers: (topic) => inner.peers(topic),
    open: (peer, protocol) => inner.open(peer, protocol),
    handle: (protocol, serve) => inner.handle(protocol, serve),
    onEvent: (listener) => inner.onEvent(listener),
    publish(topic, frame) {
      counter.frames++
      return inner.publish(topic, frame)
    },
  }
}

// The cases that coterie's own transports are held to. With a test runner: one test for each.
const cases = transportConformance(async (count) => {
  const network = createMemoryNetwork()
  return { transports: Array.from({ length: count }, () => counting(network.transport(), { frames: 0 })) }
})
for (const { run } of cases) await run()
console.log('the transport keeps its contract')

const network = createMemoryNetwork()
const counter: Counter = { frames: 0 }
const alice = await Client.open({
  storage: 'memory',
  name: 'alice',
  transport: () => counting(network.transport('alice'), counter),
})
const bob = await Client.open({ storage: 'memory', name: 'bob', transport: () => network.transport('bob') })

const club = await alice.groups.create({ name: 'Counters' })
await club.add(await bob.card())
const inBob = await bob.groups.next()
await club.send('Counted.')
for await (const { text } of inBob.messages()) {
  console.log(`bob reads: ${text}`)
  break
}
console.log(`alice has published ${counter.frames > 0 ? 'some' : 'no'} frames`)

await alice.close()
await bob.close()
