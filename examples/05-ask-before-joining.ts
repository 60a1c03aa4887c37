// A client that joins nothing by itself: it looks at each invitation, and decides.
// Prints:
//   alice invites bob to Book club with alice
//   bob is in Book club
//   mallory invites bob to Free money with mallory
//   bob is in Book club

import { Client } from 'coterie'
import { createMemoryNetwork } from 'coterie/testing'

const network = createMemoryNetwork()
const open = (name: string): Promise<Client> =>
  Client.open({ storage: 'memory', name, transport: () => network.transport(name), invitations: 'ask' })

const [alice, mallory, bob] = [await open('alice'), await open('mallory'), await open('bob')]
const friends = new Set([alice.identity])

for (const [host, name] of [
  [alice, 'Book club'],
  [mallory, 'Free money'],
] as const) {
  const group = await host.groups.create({ name })
  await group.add(await bob.card())
  const request = await bob.requests.next()
  const { invitedBy, group: preview } = request
  const members = preview.members.map((member) => member.name).join(', ')
  console.log(`${invitedBy.name} invites bob to ${preview.name} with ${members}`)
  // By identity: anybody can call themselves alice.
  if (friends.has(invitedBy.identity)) await request.accept()
  else await request.decline()
  console.log(`bob is in ${bob.groups.list().map((joined) => joined.name)}`)
}

for (const client of [alice, mallory, bob]) await client.close()
