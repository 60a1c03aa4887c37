// What a client says to peers about its topics: to how many at once, and what it does about those that fail.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { TopicSync } from '../../../src/client/sync/topic-sync.ts'
import { CoterieError } from '../../../src/errors.ts'
import { until } from '../../../src/testing/until.ts'
import { FETCH_PROTOCOL } from '../../../src/topics/frame-fetch.ts'
import { RECONCILE_PROTOCOL, reconcile } from '../../../src/topics/reconciliation.ts'
import { TimedStream } from '../../../src/topics/timed-stream.ts'
import { proveAsking } from '../../../src/topics/topic-proof.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../../../src/transport/memory/network.ts'
import type { MessageStream, Transport } from '../../../src/transport/transport.ts'
import type { Frame } from '../../../src/wire/frame.ts'
import { frameOf, type Holder, holder, idsOf, topic, wire } from './holder.ts'

let network: MemoryNetwork
const peers: Peer[] = []

beforeEach(() => {
  network = createMemoryNetwork()
})

afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.stop()
})

test('two who meet give each other what they have, whoever asks', async () => {
  const [alice, bob] = [await Peer.start('alice', [await frameOf('a')]), await Peer.start('bob', [await frameOf('b')])]
  await bob.transport.connect('memory:alice')
  await until('both have both', async () => (await alice.count()) === 2 && (await bob.count()) === 2)
  const late = await frameOf('late')
  await bob.holder.archive.write([late])
  bob.sync.ask(topic.name)
  await until('alice has it', () => idsOf(alice.holder.taken).includes(idsOf([late])[0] ?? ''))
  expect([...alice.warnings, ...bob.warnings]).toEqual([])
})

test('one conversation at a time between two peers about a topic, and four in all with a peer', async () => {
  await Peer.start('alice')
  const mallory = network.transport('mallory')
  await mallory.start()
  await mallory.connect('memory:alice')
  const asking = await holder('mallory')
  const prove = async (): Promise<MessageStream> => {
    const stream = await mallory.open('alice', RECONCILE_PROTOCOL)
    await proveAsking(asking, new TimedStream(stream), RECONCILE_PROTOCOL, topic)
    return stream
  }
  const first = await prove()
  await expect(prove().then((stream) => stream.receive())).rejects.toMatchObject({ code: 'TRANSPORT_STREAM_FAILED' })
  const silent = await Promise.all(Array.from({ length: 3 }, () => mallory.open('alice', FETCH_PROTOCOL)))
  const waiting = await mallory.open('alice', FETCH_PROTOCOL)
  let isHeard = false
  const heard = proveAsking(asking, new TimedStream(waiting), FETCH_PROTOCOL, topic).then(() => {
    isHeard = true
  })
  // Others are answered meanwhile.
  const carol = network.transport('carol')
  await carol.start()
  await carol.connect('memory:alice')
  await reconcile(await holder('carol'), await carol.open('alice', RECONCILE_PROTOCOL), topic)
  expect(isHeard).toBe(false)
  first.abort(new Error('enough'))
  await heard
  for (const stream of [waiting, ...silent]) stream.abort(new Error('enough'))
  const again = async (): Promise<boolean> => {
    const stream = await mallory.open('alice', RECONCILE_PROTOCOL)
    return reconcile(asking, stream, topic).then(
      () => true,
      () => false,
    )
  }
  await until('alice answers again', again)
  await carol.stop()
  await mallory.stop()
})

test('what a peer did wrong is told, and it is asked again', async () => {
  const alice = await Peer.start('alice')
  const mallory = network.transport('mallory')
  let asked = 0
  mallory.handle(RECONCILE_PROTOCOL, async (stream) => {
    asked++
    await stream.receive()
    await stream.send(new Uint8Array(3))
    await stream.receive()
  })
  await mallory.start()
  mallory.subscribe(topic.name, () => 'accept')
  await alice.transport.connect('memory:mallory')
  await until('it was asked twice', () => asked === 2)
  expect(alice.warnings[0]).toMatchObject({ code: 'SYNC_MALFORMED', origin: 'peer' })
  await mallory.stop()
})

/** A holder on a network. */
class Peer {
  readonly holder: Holder
  readonly transport: Transport
  readonly sync: TopicSync
  readonly warnings: unknown[] = []

  private constructor(transport: Transport, held: Holder) {
    this.holder = held
    this.transport = transport
    this.sync = new TopicSync({
      wire,
      transport,
      archive: held.archive,
      topicKeys: (name) => held.topicKeys(name),
      takes: (name) => held.takes(name),
      take: (name, frames, from) => held.take(name, frames, from),
      isRelay: () => false,
      ready: async () => undefined,
      whileSyncing: (conversation) => conversation,
      warn: (error) => {
        if (!CoterieError.is(error, 'TRANSPORT_STREAM_FAILED')) this.warnings.push(error)
      },
    })
  }

  static async start(name: string, frames: readonly Frame[] = []): Promise<Peer> {
    const transport = network.transport(name)
    const peer = new Peer(transport, await holder(name, frames))
    peers.push(peer)
    peer.sync.answer()
    transport.onEvent((event) => peer.sync.onEvent(event))
    await transport.start()
    transport.subscribe(topic.name, () => 'accept')
    return peer
  }

  count(): Promise<number> {
    return this.holder.archive.count(topic.name)
  }

  async stop(): Promise<void> {
    await this.transport.stop()
    await this.sync.stop()
  }
}
