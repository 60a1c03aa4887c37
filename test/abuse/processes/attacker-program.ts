// Somebody who means harm, in a process.

import { BADNESSES, BadRelay } from '../attackers/bad-relay.ts'
import { type Flooded, flood } from '../attackers/flood.ts'
import { inboxJunk, junkOf, newTopic, signedByStranger, unsigned } from '../attackers/frames.ts'
import { topicOfGroup } from '../attackers/members-keys.ts'
import { offerFrames, pinTopic } from '../attackers/offers.ts'
import { RawGossip } from '../attackers/raw-gossip.ts'
import { DeadAddresses, SilentStreams } from '../attackers/silence.ts'
import { Wiretap } from '../attackers/wiretap.ts'
import { serveParent } from './serve-parent.ts'

interface Target {
  readonly address: string
  readonly frames: number
  readonly names: number
}

const badRelays: BadRelay[] = []
const silent: SilentStreams[] = []
let wiretap: Wiretap | undefined

const handlers = {
  /** Hears whatever topics the victim hears, like anybody who is connected. @returns their names */
  tap: async ({ address }: { address: string }): Promise<readonly string[]> => {
    wiretap = await Wiretap.start(address)
    return wiretap.topics()
  },
  unsigned: ({ topic, ...target }: Target & { topic: string }): Promise<Flooded> =>
    flood({ ...target, topic, make: unsigned }),
  signedByStranger: async ({ topic, ...target }: Target & { topic: string }): Promise<Flooded> =>
    flood({ ...target, topic, make: await signedByStranger() }),
  replays: ({ topic, ...target }: Target & { topic: string }): Promise<Flooded> => {
    const heard = wiretap?.heardOn(topic) ?? []
    if (heard.length === 0) throw new Error('there is nothing to replay')
    let at = 0
    const make = async (count: number): Promise<readonly Uint8Array[]> =>
      Array.from({ length: count }, () => heard[at++ % heard.length] ?? new Uint8Array(0))
    return flood({ ...target, topic, make })
  },
  inboxJunk: async ({ card, ...target }: Target & { card: string }): Promise<Flooded> => {
    const { topic, make } = await inboxJunk(card)
    return flood({ ...target, topic: topic.name, make })
  },
  /** Offers junk for an inbox to whoever reconciles. */
  offerInboxJunk: async ({ card, ...target }: Target & { card: string }) => {
    const { topic, make } = await inboxJunk(card)
    return offerFrames({ ...target, topic, make })
  },
  /** Properly signed frames on topics of the attacker's own, pinned at a relay. */
  ownTopics: async ({ topics, ...target }: Target & { topics: number }): Promise<Flooded> => {
    const all: Flooded[] = []
    for (let i = 0; i < topics; i++) {
      const topic = await newTopic()
      await pinTopic(target.address, topic)
      const frames = Math.ceil(target.frames / topics)
      all.push(await flood({ ...target, frames, topic: topic.name, make: junkOf(topic) }))
    }
    const sum = (read: (one: Flooded) => number): number => all.reduce((total, one) => total + read(one), 0)
    return { thrown: sum(({ thrown }) => thrown), cutOff: sum(({ cutOff }) => cutOff), ms: sum(({ ms }) => ms) }
  },
  /** Frames that a member could have made, and that nobody can read. */
  membersJunk: async ({ folder, group, ...target }: Target & { folder: string; group: string }) => {
    const topic = await topicOfGroup(folder, group)
    return { topic: topic.name, ...(await flood({ ...target, topic: topic.name, make: junkOf(topic) })) }
  },
  holdStreams: async (args: { address: string; protocol: string; names: number; ofName: number }): Promise<void> => {
    const streams = new SilentStreams()
    silent.push(streams)
    await streams.start(args.address, args.protocol, args.names, args.ofName)
  },
  letGo: async (): Promise<{ opened: number; refused: number }> => {
    const ended = await Promise.all(silent.splice(0).map((streams) => streams.stop()))
    return {
      opened: ended.reduce((sum, { opened }) => sum + opened, 0),
      refused: ended.reduce((sum, { refused }) => sum + refused, 0),
    }
  },
  deaf: async ({ address, topic, names }: { address: string; topic: string; names: number }): Promise<void> => {
    for (let i = 0; i < names; i++) await RawGossip.dialDeaf(address, topic)
  },
  deadAddresses: ({ count }: { count: number }): Promise<readonly string[]> => new DeadAddresses().start(count),
  badRelays: async (): Promise<readonly string[]> => {
    badRelays.push(...BADNESSES.map((badness) => new BadRelay(badness)))
    return Promise.all(badRelays.map((relay) => relay.start()))
  },
  stopBadRelays: async (): Promise<Readonly<Record<string, number>>> => {
    const misdeeds = await Promise.all(badRelays.map((relay) => relay.stop()))
    return Object.fromEntries(BADNESSES.map((badness, i) => [badness, misdeeds[i] ?? 0]))
  },
}

export type Attacker = typeof handlers

serveParent(handlers)
