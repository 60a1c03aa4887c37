// How libp2p transports find each other, and find each other again.

import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { gossipsub } from '@libp2p/gossipsub'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { libp2pTransport } from 'coterie/libp2p'
import { until } from 'coterie/testing'
import type { Transport } from 'coterie/transport'
import { createLibp2p } from 'libp2p'
import { describe, expect, onTestFinished, test } from 'vitest'
import { codeOf, rejectionCode } from '../support/errors.ts'
import {
  addressOf,
  applicationNode,
  carelessNode,
  FAST,
  LOOPBACK,
  multiaddrOf,
  startedOn,
  transportOn,
} from './nodes.ts'

const frame = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Resolves once a frame from one has come to the other. */
async function frameArrives(from: Transport, to: Transport, topic: string): Promise<void> {
  const heard: string[] = []
  const unsubscribe = to.subscribe(topic, (bytes) => {
    heard.push(new TextDecoder().decode(bytes))
    return 'accept'
  })
  await until('the peer is known to hear', () => from.peers(topic).includes(to.peer), 20_000)
  await from.publish(topic, frame(`to ${topic}`))
  await until('the frame has come', () => heard.length > 0)
  expect(heard).toEqual([`to ${topic}`])
  unsubscribe()
}

describe('a peer that was connected by address', () => {
  test('is found again after it was away', async () => {
    const privateKey = new Uint8Array(32).fill(1)
    const one = await startedOn()
    const first = await startedOn({ privateKey })
    const address = addressOf(first)
    await one.connect(address)
    await frameArrives(one, first, 'before')
    await first.stop()
    await until('it is gone', () => one.connectedPeers().length === 0)
    const second = await startedOn({ privateKey, listen: [address.replace(/\/p2p\/.*/, '')] })
    expect(second.peer).toBe(first.peer)
    await until('it is back', () => one.connectedPeers().includes(second.peer))
    await frameArrives(one, second, 'after')
    await frameArrives(second, one, 'back')
  })

  test('whose streams of gossip break is connected anew', async () => {
    const node = await applicationNode()
    const theirs = libp2pTransport({ node, ...FAST })
    await theirs.start()
    onTestFinished(() => theirs.stop())
    const ours = await startedOn()
    await ours.connect(addressOf(theirs))
    await frameArrives(ours, theirs, 'before')
    const events: string[] = []
    ours.onEvent((event) => events.push(event.type))
    const streams = node.getConnections().flatMap((connection) => connection.streams)
    const gossip = streams.filter(({ protocol }) => node.services.pubsub.protocols.includes(protocol))
    expect(gossip).not.toEqual([])
    for (const stream of gossip) stream.abort(new Error('broken'))
    await frameArrives(ours, theirs, 'after')
    expect(events.slice(0, 2)).toEqual(['disconnected', 'connected'])
  })
})

describe('bootstrap', () => {
  test('seeks a peer until it is there', async () => {
    const later = await startedOn()
    const address = addressOf(later)
    await later.stop()
    const seeker = await startedOn({ bootstrap: [address.replace(/\/p2p\/.*/, '')] })
    const found = await startedOn({ listen: [address.replace(/\/p2p\/.*/, '')] })
    await until('the seeker is connected', () => seeker.connectedPeers().includes(found.peer))
    await frameArrives(found, seeker, 'found')
  })
})

describe('the peer id', () => {
  test('follows from the private key, and is another one without', async () => {
    const privateKey = new Uint8Array(32).fill(7)
    const expected = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', privateKey)).toString()
    const [one, other] = [transportOn({ privateKey }), transportOn()]
    privateKey.fill(0)
    expect(codeOf(() => one.peer)).toBe('TRANSPORT_STOPPED')
    for (const transport of [one, other]) await transport.start()
    expect(one.peer).toBe(expected)
    expect(other.peer).not.toBe(expected)
    expect(addressOf(one)).toContain(`/p2p/${expected}`)
    await one.stop()
    await one.start()
    expect(one.peer).toBe(expected)
  })
})

describe('listening', () => {
  test('fails with an error of its own where the port is taken, and can be tried again', async () => {
    const holder = await startedOn()
    const taken = addressOf(holder).replace(/\/p2p\/.*/, '')
    const transport = transportOn({ listen: [taken] })
    await expect(transport.start()).rejects.toMatchObject({
      code: 'TRANSPORT_LISTEN_FAILED',
      message: `cannot listen: ${taken} is taken by another program`,
    })
    expect(transport.addresses()).toEqual([])
    await holder.stop()
    await transport.start()
    expect(transport.addresses()).toHaveLength(1)
  })

  test.each([
    ['/ip4/192.0.2.1/tcp/0', 'is no address of this machine'],
    ['/ip4/127.0.0.1/udp/0/quic-v1', 'is not of a kind that this transport can listen on'],
  ])('on %s fails in words', async (address, reason) => {
    const transport = transportOn({ listen: [address] })
    await expect(transport.start()).rejects.toMatchObject({
      code: 'TRANSPORT_LISTEN_FAILED',
      message: `cannot listen: ${address} ${reason}`,
    })
  })

  test('is not needed to dial', async () => {
    const [silent, other] = [await startedOn({ listen: [] }), await startedOn()]
    expect(silent.addresses()).toEqual([])
    await silent.connect(addressOf(other))
    await frameArrives(other, silent, 'to whom listens nowhere')
  })

  test('tells the addresses that it is told to tell', async () => {
    const transport = await startedOn({ announce: ['/dns4/chat.example/tcp/4001'] })
    expect(transport.addresses()).toEqual([`/dns4/chat.example/tcp/4001/p2p/${transport.peer}`])
  })
})

describe("an application's own node", () => {
  test('carries frames and streams, and is left running', async () => {
    const node = await applicationNode()
    const own = libp2pTransport({ node, ...FAST })
    const other = await startedOn()
    own.handle('answer', async (stream) => stream.send(frame('an answer')))
    await own.start()
    await own.connect(addressOf(other))
    await frameArrives(own, other, 'there')
    await frameArrives(other, own, 'back')
    const stream = await other.open(own.peer, 'answer')
    expect(await stream.receive()).toEqual(frame('an answer'))
    await own.stop()
    expect(node.status).toBe('started')
    expect(node.services.pubsub.getTopics()).toEqual([])
    await expect(rejectionCode(other.open(node.peerId.toString(), 'answer'))).resolves.toBe(
      'TRANSPORT_PROTOCOL_UNSUPPORTED',
    )
    await own.start()
    expect(own.connectedPeers()).toEqual([other.peer])
    await own.stop()
  })

  test('that does not run is started and stopped', async () => {
    const node = await applicationNode()
    await node.stop()
    const transport = libp2pTransport({ node })
    await transport.start()
    expect(node.status).toBe('started')
    await transport.stop()
    expect(node.status).toBe('stopped')
  })

  test('keeps its own topics and protocols', async () => {
    const [node, foreign] = [await applicationNode(), await carelessNode()]
    const transport = libp2pTransport({ node, ...FAST })
    await transport.start()
    const heard: string[] = []
    node.services.pubsub.addEventListener('message', ({ detail }) => heard.push(new TextDecoder().decode(detail.data)))
    node.services.pubsub.subscribe('weather')
    await foreign.dial(multiaddrOf(transport))
    await until('the topic is known', () => foreign.services.pubsub.getSubscribers('weather').length === 1)
    await foreign.services.pubsub.publish('weather', frame('rain'))
    await until('a message has come', () => heard.length > 0)
    expect(heard).toEqual(['rain'])
    await transport.stop()
  })

  test('is refused where its gossipsub signs messages, or is missing', async () => {
    const node = await applicationNode(gossipsub())
    expect(codeOf(() => libp2pTransport({ node }))).toBe('ARGUMENT_INVALID')
    const without: unknown = await createLibp2p({ start: false })
    expect(codeOf(() => Reflect.apply(libp2pTransport, undefined, [{ node: without }]))).toBe('ARGUMENT_INVALID')
  })
})

test.each([
  ['a name that is none', { colour: 'red' }],
  ['a key that is too short', { privateKey: new Uint8Array(31) }],
  ['an address that is none', { listen: ['localhost'] }],
  ['an address to announce that is none', { announce: ['tcp'] }],
  ['a bootstrap address that is none', { bootstrap: ['localhost:4001'] }],
])('options: %s is refused', (_name, options) => {
  expect(codeOf(() => Reflect.apply(libp2pTransport, undefined, [{ listen: [LOOPBACK], ...options }]))).toBe(
    'ARGUMENT_INVALID',
  )
})
