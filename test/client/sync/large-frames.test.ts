// What is too large for a topic reaches its readers all the same: live and later, in process and over libp2p.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { libp2pTransport } from 'coterie/libp2p'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Client } from '../../../src/client/client.ts'
import type { Group } from '../../../src/client/group.ts'
import { leaveWelcome } from '../../../src/client/left-welcome.ts'
import { TopicSync } from '../../../src/client/sync/topic-sync.ts'
import { until } from '../../../src/testing/until.ts'
import { FrameArchive } from '../../../src/topics/frame-archive.ts'
import { createMemoryNetwork } from '../../../src/transport/memory/network.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { readContactCard } from '../../../src/wire/contact-card.ts'
import { MAX_FRAME_BYTES, parseFrame } from '../../../src/wire/frame.ts'
import { addressOf, groupOf, texts } from '../cast.ts'
import { memoryStore, wire } from './holder.ts'
import { welcomeToLargeGroup } from './large-group.ts'

const LONG = 'long '.repeat(200_000)
const STRANGERS = 1_000

type MakeTransport = (name: string) => Transport

const networks: readonly (readonly [string, () => MakeTransport])[] = [
  [
    'in process',
    () => {
      const network = createMemoryNetwork()
      return (name) => network.transport(name)
    },
  ],
  ['over libp2p', () => () => libp2pTransport({ listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false, heartbeatMs: 100 })],
]

describe.each(networks)('%s', (_, network) => {
  test('a message of 1 MB is read by one who is there, and by one who comes back when its sender has gone', async () => {
    const make = network()
    const folder = await mkdtemp(join(tmpdir(), 'coterie-large-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const [alice, bob] = [await open(make, 'alice'), await open(make, 'bob')]
    const carol = await open(make, 'carol', folder)
    await bob.connect(addressOf(alice))
    await carol.connect(addressOf(alice))
    await carol.connect(addressOf(bob))
    const [club, inBob] = await groupOf(alice, bob, carol)
    await until('bob is where alice is', () => inBob?.epoch === club.epoch)
    await carol.close()
    await club.send(LONG)
    await club.send('short')
    await until('bob has both', async () => (await history(inBob)).length === 2, 30_000)
    expect(await history(inBob)).toContain(LONG)
    await alice.close()
    const back = await open(make, 'carol', folder)
    await back.connect(addressOf(bob))
    const inCarol = back.groups.get(club.id)
    await until('carol has both', async () => (await history(inCarol)).length === 2, 30_000)
    expect(await history(inCarol)).toContain(LONG)
  }, 90_000)

  test('a Welcome to a large group, which waited for somebody to come', async () => {
    const make = network()
    const bob = await open(make, 'bob')
    const { keyPackage, inbox } = await readContactCard(wire, await bob.card())
    const welcome = await welcomeToLargeGroup(keyPackage, STRANGERS)
    const { topicKeys, frames } = await leaveWelcome(wire, { inbox, welcome }, Date.now())
    expect(frames.map(({ length }) => length > MAX_FRAME_BYTES)).toEqual([true, false])

    const archive = new FrameArchive(await memoryStore(), Date.now)
    await archive.write(frames.map((bytes) => parseFrame(wire, topicKeys.name, bytes)))
    const transport = make('sender')
    const warnings: unknown[] = []
    const sync = new TopicSync({
      wire,
      transport,
      archive,
      topicKeys: (name) => (name === topicKeys.name ? topicKeys : undefined),
      takes: () => false,
      take: async () => undefined,
      ready: async () => undefined,
      whileSyncing: (conversation) => conversation,
      warn: (error) => warnings.push(error),
    })
    sync.answer()
    transport.onEvent((event) => sync.onEvent(event))
    onTestFinished(async () => {
      await transport.stop()
      await sync.stop()
    })
    await transport.start()
    await transport.connect(addressOf(bob))
    const group = await bob.groups.next(AbortSignal.timeout(30_000))
    expect(group.name).toBe('Everybody')
    expect(group.members).toHaveLength(STRANGERS + 2)
    expect(warnings).toEqual([])
  }, 60_000)
})

test('a pointer to a large Welcome is enough for one who is there', async () => {
  const network = createMemoryNetwork()
  const bob = await open((name) => network.transport(name), 'bob')
  const { keyPackage, inbox } = await readContactCard(wire, await bob.card())
  const welcome = await welcomeToLargeGroup(keyPackage, STRANGERS)
  const { topicKeys, frames } = await leaveWelcome(wire, { inbox, welcome }, Date.now())
  const archive = new FrameArchive(await memoryStore(), Date.now)
  const transport = network.transport('sender')
  const sync = new TopicSync({
    wire,
    transport,
    archive,
    topicKeys: () => topicKeys,
    takes: () => false,
    take: async () => undefined,
    ready: async () => undefined,
    whileSyncing: (conversation) => conversation,
    warn: () => undefined,
  })
  sync.answer()
  onTestFinished(async () => {
    await transport.stop()
    await sync.stop()
  })
  await transport.start()
  await transport.connect(addressOf(bob))
  await until('the sender sees bob', () => transport.peers(topicKeys.name).length === 1)
  await archive.write(frames.map((bytes) => parseFrame(wire, topicKeys.name, bytes)))
  const [, pointer] = frames
  if (pointer !== undefined) await transport.publish(topicKeys.name, pointer)
  // The sender never asks by itself here: it was not told that somebody hears the topic.
  expect((await bob.groups.next(AbortSignal.timeout(30_000))).members).toHaveLength(STRANGERS + 2)
}, 60_000)

async function open(make: MakeTransport, name: string, storage = 'memory'): Promise<Client> {
  const client = await Client.open({ storage, name, transport: () => make(name) })
  onTestFinished(() => client.close())
  return client
}

async function history(group: Group | undefined): Promise<string[]> {
  const messages = []
  for await (const message of group?.messages({ live: false }) ?? []) messages.push(message)
  return texts(messages)
}
