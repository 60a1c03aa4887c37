// More than texts: an answer, an emoji, a correction; and whether everybody has it.
// Prints:
//   Chapter two tonight? (edited) 👍 1
//   Yes! (an answer)
//   everybody has it

import { Client } from 'coterie'
import { createMemoryNetwork } from 'coterie/testing'

const network = createMemoryNetwork()
const open = (name: string): Promise<Client> =>
  Client.open({ storage: 'memory', name, transport: () => network.transport(name) })

const [alice, bob] = [await open('alice'), await open('bob')]
const club = await alice.groups.create({ name: 'Book club' })
await club.add(await bob.card())
const inBob = await bob.groups.next()

const question = await club.send('Chapter one tonight?')
await club.send({ kind: 'edit', of: question.id, text: 'Chapter two tonight?' })
// As soon as Bob has heard of it.
await inBob.events({ after: -1 }).next()
await inBob.send({ kind: 'reaction', to: question.id, emoji: '👍' })
const answer = await inBob.send({ kind: 'text', text: 'Yes!', replyTo: question.id })

// Resolves when every other member has acknowledged it.
await answer.settled
for await (const { text, edited, reactions, replyTo } of club.messages({ live: false })) {
  const thumbs = reactions.map(({ emoji, by }) => ` ${emoji} ${by.length}`).join('')
  console.log(`${text}${edited ? ' (edited)' : ''}${thumbs}${replyTo === undefined ? '' : ' (an answer)'}`)
}
console.log('everybody has it')

await alice.close()
await bob.close()
