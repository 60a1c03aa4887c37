// Streams: messages in order, both ways, no faster than they are taken; and every way in which they end.

import { equalBytes } from '../../bytes.ts'
import { MAX_STREAM_MESSAGE_BYTES, type MessageStream } from '../../transport/transport.ts'
import { expectCode, expectEqual, expectThrows, expectTrue } from '../conformance/expectations.ts'
import { until } from '../until.ts'
import { areConnected, echo, newFrame, type Peers, type TransportCase } from './peers.ts'

export const streamCases: readonly TransportCase[] = [
  {
    name: 'streams: messages keep their bounds and their order, in both directions',
    peers: 2,
    async run(peers) {
      const { stream, served } = await openStream(peers)
      expectEqual('the peer of the opener', stream.peer, peers.at(1).peer)
      expectEqual('the peer of the answerer', served.peer, peers.at(0).peer)
      const messages = [newFrame(1_000), new Uint8Array(), newFrame(100_000, 5), newFrame(4)]
      for (const [from, to] of [
        [stream, served],
        [served, stream],
      ] as const) {
        for (const message of messages) await from.send(message)
        for (const message of messages) expectMessage('a message', await received(to), message)
      }
    },
  },
  {
    name: 'streams: messages sent at once keep their order, and are copies',
    peers: 2,
    async run(peers) {
      const { stream, served } = await openStream(peers)
      const message = newFrame(8)
      const sending = Array.from({ length: 50 }, (_, i) => {
        message.fill(i)
        return stream.send(message)
      })
      message.fill(0xff)
      const receiving = Array.from(sending, () => served.receive())
      await Promise.all(sending)
      for (const [i, message] of (await Promise.all(receiving)).entries()) {
        expectMessage('a message', message, new Uint8Array(8).fill(i))
      }
    },
  },
  {
    name: 'streams: a message of the largest size arrives, a larger one is refused and breaks nothing',
    peers: 2,
    async run(peers) {
      const { stream, served } = await openStream(peers)
      const largest = newFrame(MAX_STREAM_MESSAGE_BYTES, 9)
      const tooLarge = newFrame(MAX_STREAM_MESSAGE_BYTES + 1)
      await expectCode('TRANSPORT_FRAME_TOO_LARGE', 'a larger message', () => stream.send(tooLarge))
      const [message] = await Promise.all([received(served), stream.send(largest)])
      expectMessage('the message', message, largest)
    },
  },
  {
    name: 'streams: a sender waits for a slow receiver',
    peers: 2,
    async run(peers) {
      const { stream, served } = await openStream(peers)
      const [count, bytes] = [1_000, 32 * 1024]
      let sent = 0
      const sending = (async () => {
        for (; sent < count; sent++) await stream.send(newFrame(bytes))
        await stream.close()
      })()
      // Where the case fails before it is awaited.
      sending.catch(() => undefined)
      let taken = 0
      let last = -1
      for (let message = await served.receive(); message !== undefined; message = await served.receive()) {
        if (taken % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 0))
        expectTrue(AHEAD, (sent - taken) * bytes < MAX_AHEAD_BYTES)
        const number = new DataView(message.buffer, message.byteOffset).getUint32(0)
        expectTrue('messages come in order', last === -1 || number === last + 1)
        last = number
        taken++
      }
      await sending
      expectEqual('the number of messages', taken, count)
    },
  },
  {
    name: 'streams: one that is not received from keeps its sender waiting, and nobody else',
    peers: 2,
    async run(peers) {
      const { stream, served } = await openStream(peers)
      peers.at(1).handle('echo', echo)
      const other = await peers.at(0).open(peers.at(1).peer, 'echo')
      const message = newFrame(1024 * 1024)
      let sent = 0
      const sending = (async () => {
        for (; sent < 64; sent++) await stream.send(message)
      })()
      const failing = expectCode('TRANSPORT_STREAM_FAILED', 'sending to one who does not receive', () => sending)
      const exchange = async (times: number): Promise<void> => {
        for (let i = 0; i < times; i++) {
          await other.send(message)
          expectMessage('an echo', await received(other), message)
        }
      }
      await exchange(4)
      for (let i = 0; i < 3; i++) await received(served)
      await exchange(16)
      expectTrue(AHEAD, (sent - 3) * message.length < MAX_AHEAD_BYTES)
      await other.close()
      stream.abort(new Error('enough'))
      await failing
    },
  },
  {
    name: 'streams: one side can close while the other goes on',
    peers: 2,
    async run(peers) {
      const { stream, served } = await openStream(peers)
      await stream.send(newFrame(10))
      await stream.close()
      await expectCode('TRANSPORT_STREAM_FAILED', 'sending after closing', () => stream.send(newFrame()))
      expectEqual('the length of the message', (await received(served)).length, 10)
      expectEqual('what follows', await served.receive(), undefined)
      expectEqual('what follows that', await served.receive(), undefined)
      const answers = [newFrame(20), newFrame(300_000), newFrame(30)]
      const sending = (async () => {
        for (const answer of answers) await served.send(answer)
        await served.close()
        await served.close()
      })()
      for (const answer of answers) expectMessage('an answer', await received(stream), answer)
      expectEqual('what follows the answers', await stream.receive(), undefined)
      await sending
    },
  },
  {
    name: 'streams: aborting fails everything on both sides',
    peers: 2,
    async run(peers) {
      for (const aborts of [0, 1]) {
        const { stream, served, done } = await openStream(peers, `abort-${aborts}`)
        const [aborter, other] = aborts === 0 ? [stream, served] : [served, stream]
        const waiting = [aborter, other].map((side) =>
          expectCode('TRANSPORT_STREAM_FAILED', 'a receive under way', () => side.receive()),
        )
        aborter.abort(new Error('enough'))
        await Promise.all(waiting)
        for (const side of [aborter, other]) {
          await expectCode('TRANSPORT_STREAM_FAILED', 'receiving', () => side.receive())
          await expectCode('TRANSPORT_STREAM_FAILED', 'sending', () => side.send(newFrame()))
          await side.close()
        }
        done()
      }
    },
  },
  {
    name: 'streams: aborting frees a sender that waits',
    peers: 2,
    async run(peers) {
      const { stream } = await openStream(peers)
      let sent = 0
      const sending = expectCode('TRANSPORT_STREAM_FAILED', 'sending to one who does not receive', async () => {
        for (; sent < 1_000; sent++) await stream.send(newFrame(64 * 1024))
      })
      await until('a message was sent', () => sent > 0)
      stream.abort(new Error('enough'))
      await sending
    },
  },
  {
    name: 'streams: end as their answerer ends',
    peers: 2,
    async run(peers) {
      await peers.connect([0, 1])
      const [opener, answerer] = [peers.at(0), peers.at(1)]
      answerer.handle('returns', async (stream) => stream.send(newFrame(12)))
      answerer.handle('throws', async () => {
        throw new Error('an answerer that throws')
      })
      answerer.handle('echo', echo)
      const returning = await opener.open(answerer.peer, 'returns')
      expectEqual('the length of its answer', (await received(returning)).length, 12)
      expectEqual('what follows', await returning.receive(), undefined)
      await returning.close()
      const throwing = await opener.open(answerer.peer, 'throws')
      await expectCode('TRANSPORT_STREAM_FAILED', 'receiving from one that throws', () => throwing.receive())
      const next = await opener.open(answerer.peer, 'echo')
      await next.send(newFrame(13))
      expectEqual('the length of the next answer', (await received(next)).length, 13)
      await next.close()
      expectEqual('what follows the next answer', await next.receive(), undefined)
    },
  },
  {
    name: 'streams: a lost connection is a failure, not an end',
    peers: 2,
    async run(peers) {
      const { stream } = await openStream(peers)
      const receiving = expectCode('TRANSPORT_STREAM_FAILED', 'receiving from one who is gone', () => stream.receive())
      await peers.at(1).stop()
      await receiving
      await expectCode('TRANSPORT_STREAM_FAILED', 'sending to one who is gone', () => stream.send(newFrame()))
    },
  },
  {
    name: 'streams: many at once do not mix',
    peers: 2,
    async run(peers) {
      await peers.connect([0, 1])
      const [opener, answerer] = [peers.at(0), peers.at(1)]
      answerer.handle('echo', echo)
      const exchange = async (index: number): Promise<void> => {
        const stream = await opener.open(answerer.peer, 'echo')
        for (let i = 0; i < 10; i++) {
          const message = newFrame(20_000, index)
          await stream.send(message)
          expectMessage('an echo', await received(stream), message)
        }
        await stream.close()
        expectEqual('what follows', await stream.receive(), undefined)
      }
      await Promise.all(Array.from({ length: 20 }, (_, index) => exchange(index)))
    },
  },
  {
    name: 'streams: nobody there, and nobody who answers',
    peers: 3,
    async run(peers) {
      await peers.connect([0, 1])
      const [opener, answerer, stranger] = [peers.at(0), peers.at(1), peers.at(2)]
      answerer.handle('echo', echo)
      await expectCode('TRANSPORT_PROTOCOL_UNSUPPORTED', 'another protocol', () => opener.open(answerer.peer, 'other'))
      await expectCode('TRANSPORT_UNREACHABLE', 'a peer that is not connected', () =>
        opener.open(stranger.peer, 'echo'),
      )
      await expectCode('TRANSPORT_UNREACHABLE', 'what is no peer', () => opener.open('?', 'echo'))
      expectThrows('ARGUMENT_INVALID', 'answering twice', () => answerer.handle('echo', echo))
      expectThrows('ARGUMENT_INVALID', 'the name of a protocol', () => answerer.handle('No/Name', echo))
      expectTrue('the connection stays', areConnected(opener, answerer))
    },
  },
]

/** Windows, and what lies in the buffers of sockets. */
const MAX_AHEAD_BYTES = 8 * 1024 * 1024
const AHEAD = 'a sender is less than 8 MiB ahead of the receiver'

interface OpenStream {
  readonly stream: MessageStream
  /** The other end. */
  readonly served: MessageStream
  /** Lets the answerer return; otherwise it waits until the stream is over for other reasons. */
  readonly done: () => void
}

async function openStream(peers: Peers, protocol = 'held'): Promise<OpenStream> {
  const [opener, answerer] = [peers.at(0), peers.at(1)]
  if (!areConnected(opener, answerer)) await peers.connect([0, 1])
  let done = (): void => undefined
  let served: MessageStream | undefined
  answerer.handle(protocol, (stream) => {
    served = stream
    return new Promise((resolve) => {
      done = resolve
    })
  })
  const stream = await opener.open(answerer.peer, protocol)
  await until('the stream is answered', () => served !== undefined)
  if (served === undefined) throw new Error('the stream is answered')
  return { stream, served, done: () => done() }
}

async function received(stream: MessageStream): Promise<Uint8Array> {
  const message = await stream.receive()
  if (message === undefined) throw new Error('the stream ended too early')
  return message
}

function expectMessage(what: string, actual: Uint8Array | undefined, expected: Uint8Array): void {
  expectEqual(`the length of ${what}`, actual?.length, expected.length)
  expectTrue(`${what} is what was sent`, actual !== undefined && equalBytes(actual, expected))
}
