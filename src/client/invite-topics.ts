// The topics of the invites of a client's groups (spec/invite.md): heard as long as an invite is in the group's profile, so
// that whoever comes by its link finds somebody, whoever made it.

import { toHex } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import { CoterieError, fail } from '../errors.ts'
import { type GroupInvite, inviteKey } from '../session/group-invites.ts'
import { TokenBuckets } from '../topics/token-buckets.ts'
import { Sequence } from '../transport/sequence.ts'
import type { Unsubscribe, Verdict } from '../transport/transport.ts'
import { type Frame, isForKey, openFrame, readFrame } from '../wire/frame.ts'
import type { InboxChannel } from '../wire/inbox.ts'
import { type AdmissionRequest, inviteChannel, openAdmissionRequest } from '../wire/invite.ts'
import type { TopicKeys } from '../wire/topic.ts'
import type { Correspondence } from './correspondence.ts'
import type { GroupDriver } from './group-driver.ts'

export interface InviteTopicsHost extends Pick<Correspondence, 'wire' | 'archive' | 'transport' | 'clock' | 'warn'> {
  /** Whether a peer is a relay that carries a topic: it brings what many have left. */
  isRelay(peer: string, topic: string): boolean
  /** A topic is heard from now on. */
  followed(topic: string): void
  /** Something came that others may miss, or was not looked at as it came by the topic. */
  ask(topic: string): void
}

export class InviteTopics {
  readonly #host: InviteTopicsHost
  /** By the topic's name. */
  readonly #followed = new Map<string, Followed>()
  /** By topic and peer. */
  readonly #heard: TokenBuckets
  readonly #given: TokenBuckets
  readonly #changes = new Sequence()
  /** One at a time: the same frame may come by the topic and from several peers at once. */
  readonly #turns = new Sequence()
  #isStopped = false

  constructor(host: InviteTopicsHost) {
    this.#host = host
    this.#heard = new TokenBuckets(HEARD, host.clock)
    this.#given = new TokenBuckets(GIVEN, host.clock)
  }

  /** Hears the topics of the invites that a group has now, and no longer those that it had. */
  follow(driver: GroupDriver): void {
    const { session } = driver
    const invites = new Map(session.isMember ? session.invites.map((invite) => [inviteKey(invite), invite]) : [])
    const known = this.#ofGroup(driver.id).map(({ key }) => key)
    if (known.length === invites.size && known.every((key) => invites.has(key))) return
    this.#changes.run(() => this.#update(driver, invites)).catch((error: unknown) => this.#host.warn(error))
  }

  keys(name: string): TopicKeys | undefined {
    return this.#followed.get(name)?.channel.topic
  }

  /** Of one group, or of all. */
  topics(groupId?: string): readonly TopicKeys[] {
    const those = groupId === undefined ? [...this.#followed.values()] : this.#ofGroup(groupId)
    return those.map(({ channel }) => channel.topic)
  }

  /** The group that has an invite. @param key - see `inviteKey` */
  groupWith(key: string): string | undefined {
    return [...this.#followed.values()].find((followed) => followed.key === key)?.driver.id
  }

  /**
   * What came by another way than the topic. What cannot be used is told and forgotten.
   * @throws CoterieError `SYNC_LIMIT` (peer): more than one peer may leave
   */
  async take(topic: string, frames: readonly Frame[], from: string): Promise<void> {
    const followed = this.#followed.get(topic)
    if (followed === undefined) return
    if (!this.#host.isRelay(from, topic) && !this.#given.take(`${topic} ${from}`, frames.length)) {
      fail('SYNC_LIMIT', 'too many requests by an invite of one peer')
    }
    let isNews = false
    for (const frame of frames) {
      isNews = (await this.#turns.run(() => this.#takeFrame(followed, frame, from))) === 'accept' || isNews
    }
    // A joiner who met one member only has met all.
    if (isNews) this.#host.ask(topic)
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#changes.run(async () => undefined)
    await this.#turns.run(async () => undefined)
  }

  #ofGroup(groupId: string): Followed[] {
    return [...this.#followed.values()].filter(({ driver }) => driver.id === groupId)
  }

  async #update(driver: GroupDriver, invites: ReadonlyMap<string, GroupInvite>): Promise<void> {
    if (this.#isStopped) return
    for (const { key, channel, unsubscribe } of this.#ofGroup(driver.id)) {
      if (invites.has(key)) continue
      unsubscribe()
      this.#followed.delete(channel.topic.name)
    }
    const known = new Set(this.#ofGroup(driver.id).map(({ key }) => key))
    for (const [key, invite] of invites) if (!known.has(key)) await this.#begin(driver, key, invite)
  }

  async #begin(driver: GroupDriver, key: string, invite: GroupInvite): Promise<void> {
    const { wire, transport } = this.#host
    const channel = await inviteChannel(wire, invite.topicSeed.bytes)
    const keyPair = await wire.kem.importPrivateKey(invite.privateKey.bytes)
    const { name } = channel.topic
    try {
      const followed: Followed = {
        ...{ key, driver, channel, keyPair, topicSeed: invite.topicSeed.bytes },
        unsubscribe: transport.subscribe(name, (bytes, from) => this.#hear(followed, bytes, from)),
      }
      this.#followed.set(name, followed)
    } catch (error) {
      // The client closes, and nobody is heard any more.
      if (CoterieError.is(error, 'TRANSPORT_STOPPED')) return
      throw error
    }
    this.#host.followed(name)
  }

  /** What came by the topic: junk is not passed on. */
  async #hear(followed: Followed, bytes: Uint8Array, from: string): Promise<Verdict> {
    const { name } = followed.channel.topic
    if (bytes.length > MAX_REQUEST_FRAME_BYTES) return 'reject'
    if (!this.#heard.take(`${name} ${from}`)) {
      this.#host.ask(name)
      return 'ignore'
    }
    let frame: Frame
    try {
      frame = await readFrame(this.#host.wire, name, bytes)
    } catch (error) {
      if (!CoterieError.is(error)) throw error
      return 'reject'
    }
    return this.#turns.run(() => this.#takeFrame(followed, frame, from))
  }

  async #takeFrame(followed: Followed, frame: Frame, from: string): Promise<Verdict> {
    const { archive, warn } = this.#host
    const { key, driver, channel } = followed
    if (await archive.has(channel.topic.name, toHex(frame.id))) return 'ignore'
    try {
      const request = await this.#open(followed, frame)
      await driver.perform(async (nowMs) => ({
        effects: await driver.session.takeRequest(key, request, from, nowMs),
        result: undefined,
        received: [frame],
      }))
      return 'accept'
    } catch (error) {
      if (!CoterieError.is(error) || error.origin !== 'peer') throw error
      warn(error)
      // It is as useless the next time, and would be given to this client again and again.
      await archive.write([frame])
      return 'reject'
    }
  }

  #open({ channel, keyPair, topicSeed }: Followed, frame: Frame): Promise<AdmissionRequest> {
    const { wire } = this.#host
    if (frame.bytes.length > MAX_REQUEST_FRAME_BYTES || !isForKey(wire, frame, channel.frameKey)) {
      throw new CoterieError('REQUEST_MALFORMED', 'something that is no request, on the topic of an invite')
    }
    return openAdmissionRequest(wire, keyPair, topicSeed, openFrame(wire, channel.frameKey, frame))
  }
}

interface Followed {
  readonly key: string
  readonly driver: GroupDriver
  readonly channel: InboxChannel
  /** Opens requests. */
  readonly keyPair: KeyPair
  readonly topicSeed: Uint8Array
  readonly unsubscribe: Unsubscribe
}

/** The largest frame with a request: a contact card and a note. */
const MAX_REQUEST_FRAME_BYTES = 16_384
/** Of one peer, by one topic: a whole class asks at once, and passes on what others ask. */
const HEARD = { burst: 128, perSecond: 2 }
/** Of one peer that is no relay of the topic, over streams: as many as an invite lets in at most. */
const GIVEN = { burst: 1_024, perSecond: 2 }
