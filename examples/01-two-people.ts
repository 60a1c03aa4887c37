// Two people, one group, one message each, over libp2p on this machine.
// Prints:
//   bob is in Book club with alice, bob
//   alice: Chapter one tonight?
//   bob: Yes!

import { Client, type Group, type TransportFactory } from 'coterie'
import { libp2pTransport } from 'coterie/libp2p'

// Without this choice a client listens on all interfaces, and looks for others on the local network.
const transport: TransportFactory = (privateKey) =>
  libp2pTransport({ privateKey, listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false })

await using alice = await Client.open({ storage: 'memory', name: 'alice', transport })
await using bob = await Client.open({ storage: 'memory', name: 'bob', transport })

const club = await alice.groups.create({ name: 'Book club' })
await club.add(await bob.card())
const inBob = await bob.groups.next()
console.log(`bob is in ${inBob.name} with ${inBob.members.map(({ name }) => name).join(', ')}`)

await club.send('Chapter one tonight?')
await show(inBob, 1)
await inBob.send('Yes!')
await show(club, 2)

/** Prints the message with this number as soon as it is there. */
async function show(group: Group, number: number): Promise<void> {
  let count = 0
  for await (const { sender, text } of group.messages()) {
    count++
    if (count < number) continue
    console.log(`${sender.name}: ${text}`)
    return
  }
}
