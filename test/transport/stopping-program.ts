// A program that leaves everything open when it stops its transports: the process has to end all the same, without a word.
import { libp2pTransport } from '../../src/libp2p.ts'
import { until } from '../../src/testing.ts'

const listen = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws']
const one = libp2pTransport({ listen, mdns: false })
const other = libp2pTransport({ listen, mdns: false, bootstrap: ['/ip4/127.0.0.1/tcp/1'] })
await Promise.all([one.start(), other.start()])
const [address = ''] = other.addresses()

other.handle('hold', () => new Promise(() => undefined))
other.subscribe('topic', () => new Promise(() => undefined))
await one.connect(address)
await until('the topic is known', () => one.peers('topic').length === 1)
await one.publish('topic', Uint8Array.of(1))

const stream = await one.open(other.peer, 'hold')
const outcomes = [
  stream.receive(),
  Promise.all(Array.from({ length: 100 }, () => stream.send(new Uint8Array(1_000_000)))),
  one.open(other.peer, 'nothing'),
  one.connect('/ip4/127.0.0.1/tcp/2'),
  one.connect(address),
]
const settled = Promise.allSettled(outcomes)
await Promise.all([one.stop(), other.stop()])
await settled
await other.start()
await other.stop()
