// The topics whose keys a client has: those of its groups and their invites, its inbox, and those on which it has left something for others.

import type { CipherSuite } from '../crypto/labels.ts'
import type { Store } from '../storage/store.ts'
import type { FrameArchive } from '../topics/frame-archive.ts'
import type { TopicKeys } from '../wire/topic.ts'
import type { GroupDriver } from './group-driver.ts'
import type { InviteTopics } from './invite-topics.ts'
import { deleteLeftTopics, type LeftTopic, storedLeftTopics } from './left-topics.ts'
import type { Urgency } from './sync/sync-schedule.ts'

/** What a book is written from. */
export interface TopicSources {
  readonly wire: CipherSuite
  readonly store: Store
  readonly archive: FrameArchive
  readonly inbox: TopicKeys
  readonly drivers: ReadonlyMap<string, GroupDriver>
  readonly invites: () => Pick<InviteTopics, 'keys' | 'topics'>
}

export class TopicBook {
  readonly #sources: TopicSources
  /** Where something is left for others, by this client or by members of its groups, by name. */
  readonly #others = new Map<string, LeftTopic>()
  /** Where this client has left it, and knows of no restart since. */
  readonly #left = new Set<string>()

  constructor(sources: TopicSources) {
    this.#sources = sources
  }

  /** Brings back the topics of others, and forgets those where nothing is left of what was left there. */
  async restore(): Promise<void> {
    const { store, wire } = this.#sources
    for await (const topic of storedLeftTopics(wire, store)) this.note(topic, false)
    const empty = await this.#forgetEmpty()
    if (empty.length > 0) await store.write(deleteLeftTopics(empty))
  }

  /** Something is left on a topic for others. @param isOwn - whether this client has left it */
  note(topic: LeftTopic, isOwn: boolean): void {
    const { name } = topic.keys
    this.#others.set(name, topic)
    if (isOwn) this.#left.add(name)
  }

  /** How soon it matters what peers have on a topic. */
  urgencyOf(name: string): Urgency {
    const { inbox, drivers, invites } = this.#sources
    const groups = [...drivers.values()].filter((driver) => driver.isOn(name))
    if (name === inbox.name || this.#left.has(name) || invites().keys(name) !== undefined) return 'now'
    if (groups.length === 0) return 'soon'
    return groups.some(({ session }) => session.mayOpen(name)) ? 'now' : 'later'
  }

  /**
   * Whether something for others can be kept on a topic: there are bounds to how many.
   * @param besides - topics on which something is to be kept as well
   */
  async hasRoomFor(topic: string, besides: ReadonlySet<string>): Promise<boolean> {
    if (this.#others.has(topic) || besides.has(topic)) return true
    if (!this.#hasRoom(besides)) await this.#forgetEmpty()
    return this.#hasRoom(besides)
  }

  keys(name: string): TopicKeys | undefined {
    const { inbox, drivers } = this.#sources
    if (inbox.name === name) return inbox
    for (const { session } of drivers.values()) {
      const found = session.topics.find((topic) => topic.name === name)
      if (found !== undefined) return found
    }
    return this.#sources.invites().keys(name) ?? this.#others.get(name)?.keys
  }

  /** Whether many leave things on a topic for one owner, who alone takes them: this client's inbox, and those of others. */
  isMailbox(name: string): boolean {
    return name === this.#sources.inbox.name || this.#others.get(name)?.isInbox === true
  }

  /** The inbox first. */
  all(): readonly TopicKeys[] {
    const { inbox, drivers, invites } = this.#sources
    const ofGroups = [...drivers.values()].flatMap(({ session }) => session.topics)
    const topics = [inbox, ...ofGroups, ...invites().topics(), ...[...this.#others.values()].map(({ keys }) => keys)]
    return [...new Map(topics.map((topic) => [topic.name, topic])).values()]
  }

  /** The topics of a group and of its invites. */
  ofGroup(groupId: string): readonly TopicKeys[] {
    const { drivers, invites } = this.#sources
    return [...(drivers.get(groupId)?.session.topics ?? []), ...invites().topics(groupId)]
  }

  driversOn(name: string): readonly GroupDriver[] {
    return [...this.#sources.drivers.values()].filter((driver) => driver.isOn(name))
  }

  #hasRoom(besides: ReadonlySet<string>): boolean {
    return this.#others.size + [...besides].filter((name) => !this.#others.has(name)).length < MAX_OTHERS
  }

  /** Forgets the topics where nothing is left of what was left there; on disk they are until the next start. @returns which */
  async #forgetEmpty(): Promise<string[]> {
    const { archive } = this.#sources
    const empty: string[] = []
    for (const name of [...this.#others.keys()]) {
      await archive.expire(name)
      if ((await archive.count(name)) > 0) continue
      this.#others.delete(name)
      this.#left.delete(name)
      empty.push(name)
    }
    return empty
  }
}

/** On how many topics something of other members is held for others. */
const MAX_OTHERS = 256
