// Topics: who gets a frame, who does not, and who is told.

import { MAX_FRAME_BYTES, type Verdict } from '../../transport/transport.ts'
import { expectBytes, expectCode, expectEqual, expectThrows, expectTrue } from '../conformance/expectations.ts'
import { until } from '../until.ts'
import { hear, newFrame, newTopic, openWay, type Peers, type TransportCase, untilHeardBy } from './peers.ts'

export const pubsubCases: readonly TransportCase[] = [
  {
    name: 'topics: a frame comes once to all who hear the topic, and not to its publisher',
    peers: 4,
    async run(peers) {
      await peers.connect([0, 1], [0, 2], [0, 3], [1, 2])
      const topic = newTopic()
      const [own, second, third] = [peers.at(0), peers.at(1), peers.at(2)].map((transport) => hear(transport, topic))
      const elsewhere = hear(peers.at(3), newTopic())
      if (own === undefined || second === undefined || third === undefined) throw new Error('three peers hear')
      for (const index of [1, 2]) await untilHeardBy(peers.at(0), topic, peers.at(index))
      const frames = Array.from({ length: 100 }, () => newFrame())
      for (const frame of frames) {
        expectEqual('how many it goes to', (await peers.at(0).publish(topic, frame)).peers, 2)
      }
      for (const heard of [second, third]) {
        await until('all frames have come', () => frames.every((frame) => heard.has(frame)))
        expectEqual('the number of frames', heard.frames.length, frames.length)
      }
      expectEqual('what comes to the publisher', own.frames.length, 0)
      expectEqual('what comes on another topic', elsewhere.frames.length, 0)
    },
  },
  {
    name: 'topics: whoever publishes need not hear, and the hearer is told from whom a frame comes',
    peers: 2,
    async run(peers) {
      await peers.connect([0, 1])
      const topic = newTopic()
      const heard = hear(peers.at(1), topic)
      await untilHeardBy(peers.at(0), topic, peers.at(1))
      const frame = newFrame(1_000, 7)
      const original = new Uint8Array(frame)
      const published = peers.at(0).publish(topic, frame)
      frame.fill(0xff)
      await published
      await until('the frame has come', () => heard.frames.length > 0)
      const [first] = heard.frames
      expectEqual('from whom', first?.from, peers.at(0).peer)
      expectBytes('the frame', first?.frame ?? new Uint8Array(), original)
    },
  },
  {
    name: 'topics: a frame for nobody goes to nobody, and can be published again',
    peers: 2,
    async run(peers) {
      await peers.connect([0, 1])
      const topic = newTopic()
      const frame = newFrame()
      expectEqual('how many it goes to', (await peers.at(0).publish(topic, frame)).peers, 0)
      const heard = hear(peers.at(1), topic)
      await untilHeardBy(peers.at(0), topic, peers.at(1))
      expectEqual('how many it goes to', (await peers.at(0).publish(topic, frame)).peers, 1)
      await until('the frame has come', () => heard.has(frame))
      await peers.at(0).publish(topic, frame)
      const next = newFrame()
      await peers.at(0).publish(topic, next)
      await until('the next frame has come', () => heard.has(next))
      expectEqual('the number of frames', heard.frames.length, 2)
    },
  },
  {
    name: 'topics: what is published when a peer is said to hear a topic arrives',
    peers: 2,
    async run(peers) {
      const [publisher, hearer] = [peers.at(0), peers.at(1)]
      const [early, late] = [newTopic(), newTopic()]
      const frames = new Map([
        [early, newFrame()],
        [late, newFrame()],
      ])
      publisher.onEvent((event) => {
        const frame = event.type === 'subscribed' && event.peer === hearer.peer ? frames.get(event.topic) : undefined
        if (event.type === 'subscribed' && frame !== undefined) void publisher.publish(event.topic, frame)
      })
      const heardEarly = hear(hearer, early)
      await peers.connect([0, 1])
      await until('a frame has come on the early topic', () => heardEarly.has(frames.get(early) ?? newFrame()))
      const heardLate = hear(hearer, late)
      await until('a frame has come on the late topic', () => heardLate.has(frames.get(late) ?? newFrame()))
    },
  },
  {
    name: 'topics: one that is left is heard no more, and can be heard again',
    peers: 2,
    async run(peers) {
      await peers.connect([0, 1])
      const topic = newTopic()
      const before = hear(peers.at(1), topic)
      expectThrows('ARGUMENT_INVALID', 'a second handler', () => peers.at(1).subscribe(topic, () => 'accept'))
      await untilHeardBy(peers.at(0), topic, peers.at(1))
      before.unsubscribe()
      await until('the publisher knows that nobody hears', () => peers.at(0).peers(topic).length === 0)
      expectEqual('how many a frame goes to', (await peers.at(0).publish(topic, newFrame())).peers, 0)
      const after = hear(peers.at(1), topic)
      before.unsubscribe()
      await untilHeardBy(peers.at(0), topic, peers.at(1))
      const frame = newFrame()
      await peers.at(0).publish(topic, frame)
      await until('the frame has come', () => after.has(frame))
      expectEqual('what came to the old handler', before.frames.length, 0)
    },
  },
  {
    name: 'topics: a frame of the largest size arrives, a larger one is refused',
    peers: 2,
    async run(peers) {
      await peers.connect([0, 1])
      const topic = newTopic()
      const heard = hear(peers.at(1), topic)
      await untilHeardBy(peers.at(0), topic, peers.at(1))
      const tooLarge = newFrame(MAX_FRAME_BYTES + 1)
      await expectCode('TRANSPORT_FRAME_TOO_LARGE', 'a larger frame', () => peers.at(0).publish(topic, tooLarge))
      const largest = newFrame(MAX_FRAME_BYTES, 3)
      await peers.at(0).publish(topic, largest)
      await until('the frame has come', () => heard.has(largest))
      expectEqual('the number of frames', heard.frames.length, 1)
    },
  },
  {
    name: 'verdicts: only what is accepted is passed on',
    peers: 3,
    run: (peers) => alongALine(peers, (fill) => VERDICTS[fill] ?? 'accept'),
  },
  {
    name: 'verdicts: a verdict can take its time',
    peers: 3,
    run: (peers) =>
      alongALine(peers, async (fill) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        return VERDICTS[fill] ?? 'accept'
      }),
  },
  {
    name: 'verdicts: a handler that throws passes nothing on, and hears the next frame',
    peers: 3,
    run: (peers) =>
      alongALine(peers, (fill) => {
        if (fill !== ACCEPTED) throw new Error('a handler that throws')
        return 'accept'
      }),
  },
]

const [ACCEPTED, IGNORED, REJECTED] = [1, 2, 3]
const VERDICTS: Readonly<Record<number, Verdict>> = { [IGNORED]: 'ignore', [REJECTED]: 'reject' }

/** The first publishes, the second judges, and the third hears only what the second passes on. */
async function alongALine(peers: Peers, judge: (fill: number) => Verdict | Promise<Verdict>): Promise<void> {
  await peers.connect([0, 1], [1, 2])
  const topic = newTopic()
  hear(peers.at(0), topic)
  const between = hear(peers.at(1), topic, (frame) => judge(frame.at(-1) ?? 0))
  const end = hear(peers.at(2), topic)
  await untilHeardBy(peers.at(0), topic, peers.at(1))
  await openWay(peers.at(0), topic, end, () => newFrame(64, ACCEPTED))
  const [ignored, rejected, accepted] = [newFrame(64, IGNORED), newFrame(64, REJECTED), newFrame(64, ACCEPTED)]
  for (const frame of [ignored, rejected, accepted]) await peers.at(0).publish(topic, frame)
  await until('the accepted frame has come to the end', () => end.has(accepted))
  expectTrue('the one between heard all of them', [ignored, rejected, accepted].every(between.has))
  expectTrue('the end heard nothing that was not accepted', !end.has(ignored) && !end.has(rejected))
}
