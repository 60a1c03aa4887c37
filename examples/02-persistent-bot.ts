// A bot that keeps its place: it answers what it has not answered yet, also after it was away.
// Prints:
//   alice hears: You said "one"
//   alice hears: You said "two"

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, type Group } from 'coterie'
import { createMemoryNetwork } from 'coterie/testing'

const folder = await mkdtemp(join(tmpdir(), 'coterie-bot-'))
const network = createMemoryNetwork()

const alice = await Client.open({ storage: 'memory', name: 'alice', transport: () => network.transport('alice') })
let bot = await openBot()
const group = await alice.groups.create({ name: 'Echo' })
await group.add(await bot.card())

await group.send('one')
let place = await answerOne(await bot.groups.next(), -1)
await hear(1)
await bot.close()

await group.send('two')
bot = await openBot()
place = await answerOne(await bot.groups.next(), place)
await hear(2)

await bot.close()
await alice.close()
await rm(folder, { recursive: true })

/** The same bot each time: its identity and its groups are in the folder. */
async function openBot(): Promise<Client> {
  const client = await Client.open({
    storage: join(folder, 'bot'),
    name: 'bot',
    transport: () => network.transport('bot'),
  })
  await client.connect('memory:alice')
  return client
}

/** Answers the next message of somebody else behind a place. @returns its place, to be kept */
async function answerOne(inBot: Group, after: number): Promise<number> {
  for await (const { sender, text, cursor } of inBot.messages({ after })) {
    if (sender.identity === bot.identity) continue
    await inBot.send(`You said "${text}"`)
    return cursor
  }
  return after
}

/** Waits for this many answers. */
async function hear(number: number): Promise<void> {
  let heard = 0
  for await (const { sender, text } of group.messages()) {
    if (sender.name !== 'bot') continue
    heard++
    if (heard < number) continue
    console.log(`alice hears: ${text}`)
    return
  }
}
