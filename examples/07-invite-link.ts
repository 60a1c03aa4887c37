// A link that lets two people in, one of them while nobody is there, and a third who comes too late.
// Prints:
//   alice invites bob to Book club
//   bob is in
//   carol has asked, and nobody is there
//   carol is in
//   dave: INVITE_USED_UP

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, CoterieError } from 'coterie'
import { createMemoryNetwork } from 'coterie/testing'

const network = createMemoryNetwork()
const folder = await mkdtemp(join(tmpdir(), 'coterie-example-'))
const open = (name: string): Promise<Client> =>
  Client.open({ storage: join(folder, name), name, transport: () => network.transport(name) })

let alice = await open('alice')
const club = await alice.groups.create({ name: 'Book club' })
const { link } = await club.invite({ uses: 2, expires: 3_600_000 })

const bob = await open('bob')
const { invitedBy, group } = await bob.groups.preview(link)
console.log(`${invitedBy.name} invites bob to ${group.name}`)
await bob.groups.join(link)
console.log('bob is in')

await alice.close()
await bob.close()
const carol = await open('carol')
// Asks, and does not wait for the answer.
const joining = await carol.groups.ask(link)
console.log('carol has asked, and nobody is there')
alice = await open('alice')
// The same link again: alice has another address now.
const [invite] = await alice.groups.get(club.id).invites()
await carol.groups.ask(invite?.link ?? link)
await joining.joined()
console.log('carol is in')

const dave = await open('dave')
try {
  await dave.groups.join(link)
} catch (error) {
  console.log(`dave: ${CoterieError.is(error) ? error.code : error}`)
}

for (const client of [alice, carol, dave]) await client.close()
await rm(folder, { recursive: true })
