// Peers that nobody can dial are reached through a relay's circuit: streams and gossip, as over any connection.

import { afterEach, expect, test } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { libp2pTransport } from '../../src/transport/libp2p/libp2p-transport.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { topic } from '../client/sync/holder.ts'
import { stageForEach } from './people.ts'

const stage = stageForEach()
const transports: Transport[] = []

afterEach(async () => {
  await Promise.all(transports.splice(0).map((transport) => transport.stop()))
})

test('one behind a router is dialled through the relay, answers streams and hears topics', async () => {
  const relay = await stage.relay('relay')
  const hidden = libp2pTransport({ listen: [], mdns: false, circuits: 'listen' })
  const dialler = libp2pTransport({ listen: [], mdns: false })
  transports.push(hidden, dialler)
  await Promise.all([hidden.start(), dialler.start()])
  await hidden.connect(relay.address)
  await until('it has an address at the relay', () =>
    hidden.addresses().some((address) => address.includes('/p2p-circuit')),
  )
  const [address] = hidden.addresses()
  if (address === undefined) throw new Error('there is an address')
  expect(address).toBe(`${relay.address}/p2p-circuit/p2p/${hidden.peer}`)

  hidden.handle('echo', async (stream) => {
    for (let message = await stream.receive(); message !== undefined; message = await stream.receive()) {
      await stream.send(message)
    }
  })
  const heard: number[] = []
  hidden.subscribe(topic.name, (frame) => {
    heard.push(frame.length)
    return 'accept'
  })
  expect(await dialler.connect(address)).toBe(hidden.peer)
  const stream = await dialler.open(hidden.peer, 'echo')
  await stream.send(new Uint8Array(100_000))
  expect((await stream.receive())?.length).toBe(100_000)
  await stream.close()
  await until('the hidden one is known to listen', () => dialler.peers(topic.name).includes(hidden.peer))
  await dialler.publish(topic.name, new Uint8Array(1_234))
  await until('it has heard', () => heard.length === 1)
  expect(heard).toEqual([1_234])
})
