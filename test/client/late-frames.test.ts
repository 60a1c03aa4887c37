// Frames that come before what they build on: they wait, also where every new epoch lets an old one go.

import { expect, test } from 'vitest'
import { Client } from '../../src/client/client.ts'
import type { Group } from '../../src/client/group.ts'
import { until } from '../../src/testing/until.ts'
import { createMemoryNetwork } from '../../src/transport/memory/network.ts'

/** More than the epochs that are kept. */
const EPOCHS = 10
const AWAY = 4

test('whoever was away for some epochs of an old group finds the way, in whatever order they come', async () => {
  const network = createMemoryNetwork()
  const open = (name: string): Promise<Client> =>
    Client.open({ storage: 'memory', name, transport: () => network.transport(name) })
  await using alice = await open('alice')
  await using bob = await open('bob')
  await alice.connect(String(bob.addresses[0]))
  const club = await alice.groups.create({ name: 'Book club' })
  await club.add(await bob.card())
  const inBob = await bob.groups.next()
  for (let epoch = 0; epoch < EPOCHS; epoch++) await club.rename(`Club ${epoch}`)
  await until('bob is in the same epoch', () => inBob.epoch === club.epoch)
  for (let round = 0; round < 3; round++) {
    network.partition([alice.name], [bob.name])
    for (let epoch = 0; epoch < AWAY; epoch++) {
      await club.send(`${round} ${epoch}`)
      await club.rename(`Club ${round} ${epoch}`)
    }
    network.heal()
    await until('bob is in the same epoch again', () => inBob.epoch === club.epoch)
  }
  expect(inBob.name).toBe(club.name)
  expect(await texts(inBob)).toEqual(await texts(club))
})

async function texts(group: Group): Promise<string[]> {
  const all: string[] = []
  for await (const { text } of group.messages({ live: false })) all.push(text)
  return all
}
