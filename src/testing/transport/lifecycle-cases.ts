// Starting, connecting, losing each other, stopping.

import type { Transport, TransportEvent } from '../../transport/transport.ts'
import { expectCode, expectEqual, expectThrows, expectTrue } from '../conformance/expectations.ts'
import { until } from '../until.ts'
import { addressOf, areConnected, echo, hear, newFrame, newTopic, type TransportCase, untilHeardBy } from './peers.ts'

export const lifecycleCases: readonly TransportCase[] = [
  {
    name: 'connections: both sides know of them, and hear of them',
    peers: 2,
    async run(peers) {
      const [one, other] = [peers.at(0), peers.at(1)]
      const [heardByOne, heardByOther] = [record(one), record(other)]
      expectEqual('what connect gives', await one.connect(addressOf(other)), other.peer)
      await until('both know of it', () => areConnected(one, other))
      await until('one has heard of it', () => has(heardByOne, 'connected', other))
      await until('the other has heard of it', () => has(heardByOther, 'connected', one))
      expectEqual('what connecting again gives', await one.connect(addressOf(other)), other.peer)
      await one.stop()
      await until('the other has lost it', () => other.connectedPeers().length === 0)
      await until('the other has heard of that', () => has(heardByOther, 'disconnected', one))
    },
  },
  {
    name: 'connections: what is no address, and where nobody is',
    peers: 2,
    async run(peers) {
      const [one, other] = [peers.at(0), peers.at(1)]
      const address = addressOf(other)
      expectTrue(
        'that its addresses are addresses',
        other.addresses().every((text) => one.isAddress(text)),
      )
      for (const text of ['?', '']) {
        expectTrue('that what is no address is told from one', !one.isAddress(text))
        await expectCode('ARGUMENT_INVALID', 'what is no address', () => one.connect(text))
      }
      await other.stop()
      await expectCode('TRANSPORT_UNREACHABLE', 'an address where nobody is', () => one.connect(address))
      expectEqual('the number of connections', one.connectedPeers().length, 0)
    },
  },
  {
    name: 'lifecycle: starting and stopping twice is the same as once',
    peers: 1,
    async run(peers) {
      const transport = peers.at(0)
      const { peer } = transport
      const addresses = transport.addresses().join()
      await transport.start()
      expectEqual('the name after a second start', transport.peer, peer)
      expectEqual('the addresses after a second start', transport.addresses().join(), addresses)
      await Promise.all([transport.stop(), transport.stop()])
      await transport.stop()
    },
  },
  {
    name: 'lifecycle: a stopped transport does nothing and knows nobody',
    peers: 2,
    async run(peers) {
      await peers.connect([0, 1])
      const [transport, other] = [peers.at(0), peers.at(1)]
      const topic = newTopic()
      hear(other, topic)
      await untilHeardBy(transport, topic, other)
      const address = addressOf(other)
      await transport.stop()
      await expectCode('TRANSPORT_STOPPED', 'connecting', () => transport.connect(address))
      await expectCode('TRANSPORT_STOPPED', 'publishing', () => transport.publish(topic, newFrame()))
      await expectCode('TRANSPORT_STOPPED', 'opening a stream', () => transport.open(other.peer, 'echo'))
      expectThrows('TRANSPORT_STOPPED', 'subscribing', () => transport.subscribe(topic, () => 'accept'))
      expectEqual('the number of addresses', transport.addresses().length, 0)
      expectEqual('the number of connections', transport.connectedPeers().length, 0)
      expectEqual('the number of hearers', transport.peers(topic).length, 0)
    },
  },
  {
    name: 'lifecycle: a transport that is started again begins anew, under the same name',
    peers: 2,
    async run(peers) {
      const [transport, other] = [peers.at(0), peers.at(1)]
      const { peer } = transport
      const topic = newTopic()
      const before = hear(transport, topic)
      const eventsBefore = record(transport)
      transport.handle('echo', echo)
      await transport.stop()
      await transport.start()
      expectEqual('the name', transport.peer, peer)
      const after = hear(transport, topic)
      transport.handle('echo', echo)
      await other.connect(addressOf(transport))
      await untilHeardBy(other, topic, transport)
      const frame = newFrame()
      await other.publish(topic, frame)
      await until('the frame arrives', () => after.has(frame))
      expectEqual('what came to the old handler', before.frames.length, 0)
      expectEqual('what came to the old listener', eventsBefore.length, 0)
      before.unsubscribe()
      const stream = await other.open(transport.peer, 'echo')
      await stream.send(frame)
      expectEqual('what came back', (await stream.receive())?.length, frame.length)
      await stream.close()
      const again = newFrame()
      await other.publish(topic, again)
      await until('the subscription outlives the end of the old one', () => after.has(again))
    },
  },
  {
    name: 'events: a listener that throws harms nobody, and one that has left hears nothing',
    peers: 2,
    async run(peers) {
      const transport = peers.at(0)
      transport.onEvent(() => {
        throw new Error('a listener that throws')
      })
      const gone: TransportEvent[] = []
      const leave = transport.onEvent((event) => gone.push(event))
      leave()
      leave()
      const events = record(transport)
      await peers.connect([0, 1])
      await until('the other listener has heard', () => has(events, 'connected', peers.at(1)))
      expectTrue('a listener that has left hears nothing', gone.length === 0)
    },
  },
]

function record(transport: Transport): TransportEvent[] {
  const events: TransportEvent[] = []
  transport.onEvent((event) => events.push(event))
  return events
}

function has(events: readonly TransportEvent[], type: TransportEvent['type'], { peer }: Transport): boolean {
  return events.some((event) => event.type === type && event.peer === peer)
}
