// Somebody takes away a relay with its disk, its key and its log: what is found there.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { peerIdFromString } from '@libp2p/peer-id'
import { expect, test } from 'vitest'
import { fromHex, utf8 } from '../../src/bytes.ts'
import { until } from '../../src/testing/until.ts'
import { deadline, heard } from '../client/cast.ts'
import { stageForEach } from './people.ts'
import { openedRecords } from './seized.ts'

const stage = stageForEach()

test('neither texts nor groups nor members, nor who left what for whom; of identities what their key packages say, and no peers', async () => {
  const relay = await stage.relay('relay')
  const [alice, bob] = [
    await stage.enter('alice-the-first', relay.address),
    await stage.enter('bob-the-second', relay.address),
  ]
  await until('both are known', async () => (await relay.metric('one_time_key_packages')) === 40)
  const absent = await stage.enter('carol-the-third', relay.address)
  const card = await absent.card()
  await until('her inbox is carried', async () => (await relay.metric('one_time_key_packages')) === 60)
  await stage.leave(absent)
  const group = await alice.groups.create({ name: 'Conspiracy of equals' })
  await group.add(await bob.card())
  const theirs = await bob.groups.next(deadline())
  for (let i = 0; i < 20; i++) await group.send(`the secret number ${i}`)
  await heard(theirs, 'the secret number 19')
  await theirs.send('understood')
  await heard(group, 'understood')
  await group.add(card)
  await bob.contacts.ask(card, 'a word in private')
  await until('both have left something', async () => (await stage.inInbox(relay.address, card)) >= 2)
  const people = [alice, bob].map((client) => {
    // `/ip4/…/p2p/<name>`
    const peer = client.addresses[0]?.split('/').at(-1) ?? ''
    return {
      name: utf8(client.name),
      identity: utf8(client.identity),
      device: bytesOf(client.devices[0]?.id),
      // As text, and in bytes the last of which are its key.
      peer: [utf8(peer), peerIdFromString(peer).toMultihash().bytes.slice(-32)],
    }
  })
  const [epoch, groupId, secret] = [group.epoch, bytesOf(group.id), group.export('a test', 32)]
  expect(epoch).toBeGreaterThan(0n)
  await stage.leave(alice, bob)
  await until('nobody is there any more', async () => (await relay.metric('peers')) === 0)
  expect(await relay.stop()).toBe(0)

  const records = await openedRecords(join(stage.folder, 'relay'))
  // It is the right place to look: frames, key packages and pins are there.
  expect(records.length).toBeGreaterThan(60)
  const stock = records.filter((record) => people.some(({ device }) => has(record, device)))
  const rest = records.filter((record) => !stock.includes(record))
  expect(stock.length).toBeGreaterThanOrEqual(39)
  expect(rest.length).toBeGreaterThan(20)
  const raw = await filesIn(join(stage.folder, 'relay'))
  const log = utf8(relay.log)
  expect(relay.log).toContain('stopped')
  for (const place of [...records, ...raw, log]) {
    for (const text of ['Conspiracy', 'the secret number', 'understood', 'a word in private', group.id])
      expect(has(place, utf8(text))).toBe(false)
    expect(has(place, groupId)).toBe(false)
    expect(has(place, secret.bytes)).toBe(false)
    for (const name of people.flatMap(({ peer }) => peer)) expect(has(place, name)).toBe(false)
  }
  for (const place of [...rest, ...raw, log]) {
    for (const { name, identity, device } of people) {
      for (const word of [name, identity, device]) expect(has(place, word)).toBe(false)
    }
  }
  // Nor does the disk say without the key even that much: a relay's own name is not on it.
  for (const place of raw) expect(has(place, utf8(relay.address.split('/').at(-1) ?? ''))).toBe(false)
})

async function filesIn(folder: string): Promise<Uint8Array[]> {
  const names = await readdir(folder)
  return Promise.all(names.map(async (name) => new Uint8Array(await readFile(join(folder, name)))))
}

function has(place: Uint8Array, part: Uint8Array): boolean {
  if (part.length === 0) throw new Error('there is nothing to look for')
  return Buffer.from(place.buffer, place.byteOffset, place.length).includes(Buffer.from(part))
}

function bytesOf(hex: string | undefined): Uint8Array {
  const bytes = fromHex(hex ?? '')
  if (bytes === undefined || bytes.length === 0) throw new Error('this is not hexadecimal')
  return bytes
}
