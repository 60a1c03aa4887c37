// What peers send that do not keep to the rules ends with them: the transport and its other peers go on.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { gossipsub } from '@libp2p/gossipsub'
import { libp2pTransport } from 'coterie/libp2p'
import { until } from 'coterie/testing'
import type { MessageStream, Transport, Verdict } from 'coterie/transport'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CoterieError } from '../../src/errors.ts'
import { rejectionCode } from '../support/errors.ts'
import {
  addressOf,
  applicationNode,
  carelessNode,
  FAST,
  multiaddrOf,
  type Node,
  plainNode,
  startedOn,
} from './nodes.ts'

const TOPIC = 'a'.repeat(64)
const WIRE_TOPIC = `/coterie/1/${TOPIC}`
const frame = (first: number, length = 32): Uint8Array => new Uint8Array(length).fill(first)

/** A transport that answers echoes, and another that makes sure that it still does. */
async function victim(): Promise<{ transport: Transport; isWell: () => Promise<void> }> {
  const [transport, friend] = [await startedOn(), await startedOn()]
  transport.handle('echo', async (stream) => {
    for (let message = await stream.receive(); message !== undefined; message = await stream.receive()) {
      await stream.send(message)
    }
  })
  await friend.connect(addressOf(transport))
  const isWell = async (): Promise<void> => {
    const stream = await friend.open(transport.peer, 'echo')
    await stream.send(frame(1))
    expect(await stream.receive()).toEqual(frame(1))
    await stream.close()
    expect(await stream.receive()).toBeUndefined()
  }
  return { transport, isWell }
}

describe('streams', () => {
  const garbage: readonly (readonly [name: string, bytes: Uint8Array])[] = [
    ['a length that never ends', frame(0xff, 64)],
    ['a length of 2^53 and more', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)],
    ['a message that is larger than allowed', Uint8Array.of(0x81, 0x80, 0x80, 0x02, 1, 2, 3)],
  ]

  test.each(garbage)('%s aborts the stream', async (_name, bytes) => {
    const { transport, isWell } = await victim()
    const node = await carelessNode()
    const stream = await node.dialProtocol(multiaddrOf(transport), '/coterie/echo/1')
    const over = new Promise((resolve) => stream.addEventListener('close', resolve))
    stream.send(bytes)
    await over
    expect(stream.status).toBe('reset')
    await isWell()
  })

  test('a message that ends in its midst fails, and so does the end of the connection', async () => {
    const transport = await startedOn()
    const failures: Promise<string>[] = []
    transport.handle('listen', async (stream) => {
      failures.push(rejectionCode(stream.receive()))
      await Promise.all(failures)
    })
    const node = await carelessNode()
    const truncated = await node.dialProtocol(multiaddrOf(transport), '/coterie/listen/1')
    truncated.send(Uint8Array.of(10, 1, 2, 3))
    await truncated.close()
    await until('the stream was answered', () => failures.length === 1)
    await node.dialProtocol(multiaddrOf(transport), '/coterie/listen/1')
    await until('the second stream was answered', () => failures.length === 2)
    for (const connection of node.getConnections()) connection.abort(new Error('gone'))
    expect(await Promise.all(failures)).toEqual(['TRANSPORT_STREAM_FAILED', 'TRANSPORT_STREAM_FAILED'])
  })

  test('only so many are answered at once', async () => {
    const transport = await startedOn({ maxInboundStreams: 4 })
    let answered = 0
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    transport.handle('hold', () => {
      answered++
      return held
    })
    const opener = await startedOn()
    await opener.connect(addressOf(transport))
    const streams = await Promise.all(Array.from({ length: 10 }, () => opener.open(transport.peer, 'hold')))
    const ends = Promise.all(streams.map((stream) => stream.receive().then(String, () => 'failed')))
    await until('those that are answered are held', () => answered === 4)
    release()
    const outcomes = await ends
    expect(outcomes.filter((outcome) => outcome === 'undefined')).toHaveLength(4)
    expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(6)
  })

  test('whoever opens them to no purpose again and again is not connected any more, and others are', async () => {
    const { transport, isWell } = await victim()
    let answered = 0
    transport.handle('strict', async (stream) => {
      answered++
      await stream.receive()
      throw new CoterieError('SYNC_MALFORMED', 'that is not what is said here')
    })
    const nuisance = await carelessNode()
    let inVain = 0
    while (inVain < 20) {
      const before = answered
      const stream = await nuisance.dialProtocol(multiaddrOf(transport), '/coterie/strict/1').catch(() => undefined)
      stream?.send(frame(1))
      if (stream?.status === 'open') await new Promise((resolve) => stream.addEventListener('close', resolve))
      inVain = answered === before ? inVain + 1 : 0
    }
    expect(answered).toBeLessThan(100)
    await isWell()
  })

  test('one on which nothing happens is given up', async () => {
    const transport = await startedOn({ streamIdleMs: 50 })
    const outcome = new Promise((resolve) => {
      transport.handle('wait', async (stream) => resolve(await rejectionCode(stream.receive())))
    })
    const opener = await startedOn()
    await opener.connect(addressOf(transport))
    const stream = await opener.open(transport.peer, 'wait')
    expect(await outcome).toBe('TRANSPORT_STREAM_FAILED')
    await expect(rejectionCode(stream.receive())).resolves.toBe('TRANSPORT_STREAM_FAILED')
  })

  test.each(['open', 'half-closed'])('one of a process that is killed fails: %s', async (side) => {
    const transport = await startedOn()
    const opened = new Promise<MessageStream>((resolve) => {
      transport.handle('hold', (stream) => {
        resolve(stream)
        return new Promise(() => undefined)
      })
    })
    const program = fileURLToPath(new URL('vanishing-program.ts', import.meta.url))
    const child = spawn(process.execPath, [program, addressOf(transport), side], { stdio: 'inherit' })
    onTestFinished(() => void child.kill('SIGKILL'))
    const stream = await opened
    if (side === 'half-closed') expect(await stream.receive()).toBeUndefined()
    let sent = 0
    const sending = rejectionCode(sendForever(stream, () => sent++))
    const receiving = side === 'open' ? rejectionCode(stream.receive()) : sending
    await until('something was sent', () => sent > 0)
    child.kill('SIGKILL')
    expect(await Promise.all([receiving, sending])).toEqual(['TRANSPORT_STREAM_FAILED', 'TRANSPORT_STREAM_FAILED'])
    await until('the peer is gone', () => transport.connectedPeers().length === 0)
  })
})

describe('gossip', () => {
  test('bytes that are no gossip, on its own protocol', async () => {
    const { transport, isWell } = await victim()
    const node = await carelessNode()
    for (const bytes of [frame(0xff, 64), Uint8Array.of(4, 1, 2, 3, 4), frame(7, 100_000)]) {
      const stream = await node.dialProtocol(multiaddrOf(transport), node.services.pubsub.protocols)
      stream.send(bytes)
      await stream.close().catch(() => undefined)
    }
    await isWell()
  })

  test('a peer that subscribes and lets nobody send to it is not said to hear', async () => {
    const [node, odd] = [await applicationNode(), await plainNode()]
    const transport = libp2pTransport({ node, ...FAST })
    await transport.start()
    onTestFinished(() => transport.stop())
    const events: string[] = []
    transport.onEvent((event) => events.push(event.type))
    // It says that it speaks gossip, and does not.
    await odd.peerStore.merge(odd.peerId, { protocols: node.services.pubsub.protocols })
    const stream = await odd.dialProtocol(multiaddrOf(transport), node.services.pubsub.protocols)
    stream.send(subscription(WIRE_TOPIC))
    await until('its subscription is known', () => node.services.pubsub.getSubscribers(WIRE_TOPIC).length === 1)
    expect(transport.peers(TOPIC)).toEqual([])
    expect(await transport.publish(TOPIC, frame(1))).toEqual({ peers: 0 })
    expect(events).toEqual(['connected'])
  })

  test('messages with a signature are not heard', async () => {
    const { transport, heard } = await hearing()
    const signing = await applicationNode(gossipsub({ heartbeatInterval: FAST.heartbeatMs }))
    const silent = await carelessNode()
    for (const node of [signing, silent]) await meet(node, transport)
    await signing.services.pubsub.publish(WIRE_TOPIC, frame(1))
    await silent.services.pubsub.publish(WIRE_TOPIC, frame(2))
    await until('a frame has come', () => heard.length > 0)
    expect(heard).toEqual([2])
  })

  test('a frame beyond the limit is not heard', async () => {
    const { transport, heard } = await hearing()
    const node = await carelessNode()
    await meet(node, transport)
    await node.services.pubsub.publish(WIRE_TOPIC, frame(1, 262_145))
    await node.services.pubsub.publish(WIRE_TOPIC, frame(2, 262_144))
    await until('a frame has come', () => heard.length > 0)
    expect(heard).toEqual([2])
  })

  test('a frame of another topic is not taken for one that has been seen', async () => {
    const { transport, heard } = await hearing()
    const node = await carelessNode()
    await meet(node, transport)
    const others: number[] = []
    transport.subscribe('b'.repeat(64), ([first = 0]) => {
      others.push(first)
      return 'ignore'
    })
    await until(
      'the other topic is known',
      () => node.services.pubsub.getSubscribers(`/coterie/1/${'b'.repeat(64)}`).length > 0,
    )
    // The node's own gossipsub would not send the same bytes twice: two nodes do.
    const second = await carelessNode()
    await meet(second, transport)
    await node.services.pubsub.publish(`/coterie/1/${'b'.repeat(64)}`, frame(1))
    await until('it has come on the other topic', () => others.length > 0)
    await second.services.pubsub.publish(WIRE_TOPIC, frame(1))
    await until('it has come on this one', () => heard.length > 0)
    expect([others, heard]).toEqual([[1], [1]])
  })

  test('whoever sends faster than frames are judged waits, and nobody else does', async () => {
    const transport = await startedOn()
    const [flooder, friend] = [await carelessNode(), await carelessNode()]
    const [FLOOD, FRIENDLY] = [1, 2]
    let [judging, most, judged, friendly] = [0, 0, 0, 0]
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    transport.subscribe(TOPIC, async ([first]): Promise<Verdict> => {
      if (first === FRIENDLY) {
        friendly++
        return 'ignore'
      }
      judging++
      most = Math.max(most, judging)
      await released
      judging--
      judged++
      return 'ignore'
    })
    await meet(flooder, transport)
    await meet(friend, transport)
    const count = 3_000
    for (let number = 0; number < count; number++) {
      const bytes = frame(FLOOD, 10_000)
      new DataView(bytes.buffer).setUint32(4, number)
      await flooder.services.pubsub.publish(WIRE_TOPIC, bytes)
    }
    await until('frames are being judged', () => judging > 0)
    await friend.services.pubsub.publish(WIRE_TOPIC, frame(FRIENDLY))
    await until('the friend is heard', () => friendly === 1)
    expect(judged).toBe(0)
    release()
    await until('all of it has been judged', () => judged === count, 30_000)
    expect(most).toBeLessThanOrEqual(16)
  })

  test('whoever sends rejected frames is soon not heard, and others are', async () => {
    const { transport, heard } = await hearing()
    const [spammer, friend] = [await carelessNode(), await carelessNode()]
    await meet(spammer, transport)
    await meet(friend, transport)
    const spam = async (number: number): Promise<void> => {
      const bytes = frame(REJECTED)
      new DataView(bytes.buffer).setUint32(4, number)
      await spammer.services.pubsub.publish(WIRE_TOPIC, bytes)
    }
    let sent = 0
    let unheard = 0
    const heardOfSpam = (): number => heard.filter((first) => first === REJECTED).length
    await until('a spammer is not heard', async () => {
      const before = heardOfSpam()
      await spam(sent++)
      await friend.services.pubsub.publish(WIRE_TOPIC, frame(1, 40 + sent))
      await until('the friend is heard', () => heard.filter((first) => first === 1).length === sent)
      unheard = heardOfSpam() === before ? unheard + 1 : 0
      return unheard === 10
    })
    expect(heardOfSpam()).toBeLessThanOrEqual(sent - 10)
  })
})

const REJECTED = 9

async function sendForever(stream: MessageStream, onSent: () => void): Promise<never> {
  for (;;) {
    await stream.send(frame(1, 64 * 1024))
    onSent()
  }
}

/** Gossipsub's message that says that one subscribes to a topic: protobuf, its length before it. */
function subscription(topic: string): Uint8Array {
  const name = new TextEncoder().encode(topic)
  const options = [0x08, 1, 0x12, name.length, ...name]
  return Uint8Array.of(options.length + 2, 0x0a, options.length, ...options)
}

async function hearing(): Promise<{ transport: Transport; heard: number[] }> {
  const transport = await startedOn()
  const heard: number[] = []
  transport.subscribe(TOPIC, ([first = 0]) => {
    heard.push(first)
    return first === REJECTED ? 'reject' : 'accept'
  })
  return { transport, heard }
}

/** Connects, and waits until the node could publish to the transport. */
async function meet(node: Node, transport: Transport): Promise<void> {
  await node.dial(multiaddrOf(transport))
  const { pubsub } = node.services
  await until('the topic is known', () => pubsub.getSubscribers(WIRE_TOPIC).map(String).includes(transport.peer))
}
