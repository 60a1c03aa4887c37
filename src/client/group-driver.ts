// Carries out what a group's session asks for: write, then publish, then tell the app. Owns the group's timer.

import { toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError } from '../errors.ts'
import type { Effects, OutboundFrame, OutboundWelcome, SessionEvent } from '../session/effects.ts'
import type { BegunSession, GroupSession } from '../session/group-session.ts'
import type { Batch, Store } from '../storage/store.ts'
import type { Transport, Unsubscribe, Verdict } from '../transport/transport.ts'
import { type Frame, sealFrame } from '../wire/frame.ts'
import { InboxKind, inboxChannel, sealForInbox } from '../wire/inbox.ts'
import type { TopicKeys } from '../wire/topic.ts'
import type { FrameArchive } from './frame-archive.ts'
import { Signal } from './signal.ts'

/** What all groups of a client share. */
export interface DriverContext {
  readonly wire: CipherSuite
  readonly store: Store
  readonly archive: FrameArchive
  readonly transport: Transport
  readonly clock: () => number
  /** Tells of a topic on which something was left for others, so that they can ask for it. */
  readonly noteTopic: (topic: TopicKeys) => void
}

export class GroupDriver {
  readonly session: GroupSession
  /** Something changed: messages, members, status. */
  readonly changed: Signal = new Signal()
  readonly id: string
  readonly #context: DriverContext
  readonly #listeners = new Set<(event: SessionEvent) => void>()
  readonly #subscriptions = new Map<string, Unsubscribe>()
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Effects are carried out one after the other, in the order in which the session made them. */
  #lane: Promise<unknown> = Promise.resolve()

  constructor(context: DriverContext, session: GroupSession) {
    this.#context = context
    this.session = session
    this.id = toHex(session.groupId)
  }

  /** A group that did not exist here before: on disk when this resolves. */
  static async begin(context: DriverContext, begun: BegunSession, also?: BatchPart): Promise<GroupDriver> {
    const driver = new GroupDriver(context, begun.session)
    await driver.#carryOut(begun.effects, (batch) => {
      batch.put(GROUPS, driver.id, new Uint8Array(0))
      also?.(batch)
    })
    driver.start()
    return driver
  }

  /** The bucket of a group's records. */
  static bucketOf(id: string): string {
    return `group/${id}`
  }

  /** The bucket of a group's messages. */
  static logOf(id: string): string {
    return `log/${id}`
  }

  /** Begins to listen. */
  start(): void {
    this.#followTopics()
    this.#schedule(this.session.wakeAtMs)
  }

  stop(): Promise<unknown> {
    clearTimeout(this.#timer)
    for (const unsubscribe of this.#subscriptions.values()) unsubscribe()
    this.#subscriptions.clear()
    this.changed.close()
    return this.#lane
  }

  onEvent(listener: (event: SessionEvent) => void): Unsubscribe {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Runs an operation of the session and carries out its effects before anything else of this group happens. */
  perform<T>(operation: (nowMs: number) => Promise<{ effects: Effects; result: T }>, also?: BatchPart): Promise<T> {
    const done = this.#lane.then(async () => {
      const { effects, result } = await operation(this.#context.clock())
      await this.#carryOut(effects, also)
      return result
    })
    this.#lane = done.catch(() => undefined)
    return done
  }

  isOn(topic: string): boolean {
    return this.session.topics.some(({ name }) => name === topic)
  }

  /** Decides whether a frame is passed on, and takes it in meanwhile. */
  async judge(topic: string, bytes: Uint8Array): Promise<{ verdict: Verdict; processed: Promise<void> }> {
    const { archive } = this.#context
    let frame: Frame
    try {
      frame = await this.session.check(topic, bytes)
    } catch (error) {
      if (!CoterieError.is(error)) throw error
      return { verdict: 'reject', processed: Promise.resolve() }
    }
    if (await archive.has(topic, toHex(frame.id))) return { verdict: 'ignore', processed: Promise.resolve() }
    const processed = this.perform(
      async (nowMs) => ({ effects: await this.session.receive(frame, nowMs), result: undefined }),
      (batch) => archive.add(batch, topic, frame.id, frame.bytes),
    )
    return { verdict: 'accept', processed }
  }

  async #carryOut(effects: Effects, also?: BatchPart): Promise<void> {
    const { store, archive, transport, wire } = this.#context
    const welcomes = await Promise.all(effects.welcomes.map((welcome) => this.#seal(welcome)))
    const outbound = [...effects.frames, ...welcomes]
    if (effects.writes.length > 0 || outbound.length > 0 || also !== undefined) {
      await store.write((batch) => {
        for (const change of effects.writes) {
          if (change.op === 'put') batch.put(GroupDriver.bucketOf(this.id), change.name, change.value)
          else if (change.op === 'delete') batch.delete(GroupDriver.bucketOf(this.id), change.name)
          else batch.putAt(GroupDriver.logOf(this.id), change.place, change.value)
        }
        for (const { topic, bytes } of outbound) archive.add(batch, topic, wire.hash.digest(bytes), bytes)
        for (const { topicKeys } of welcomes) batch.put(TOPICS, topicKeys.name, topicKeys.keyPair.privateKey.bytes)
        also?.(batch)
      })
    }
    for (const { topicKeys } of welcomes) this.#context.noteTopic(topicKeys)
    effects.afterWrite()
    this.#followTopics()
    // Whoever does not hear a frame now finds it in the archive later.
    await Promise.allSettled(outbound.map(({ topic, bytes }) => transport.publish(topic, bytes)))
    for (const event of effects.events) for (const listener of this.#listeners) listener(event)
    this.changed.notify()
    this.#schedule(effects.wakeAtMs)
  }

  async #seal({ inbox, welcome }: OutboundWelcome): Promise<OutboundFrame & { topicKeys: TopicKeys }> {
    const { wire, clock } = this.#context
    const { topic, frameKey } = await inboxChannel(wire, inbox)
    const payload = await sealForInbox(wire, inbox, { kind: InboxKind.welcome, body: welcome })
    const bytes = await sealFrame(wire, topic, frameKey, payload, clock())
    return { topic: topic.name, bytes, topicKeys: topic }
  }

  /** Listens where the group is, and where it was as long as that matters. */
  #followTopics(): void {
    const names = new Set(this.session.topics.map(({ name }) => name))
    for (const [name, unsubscribe] of this.#subscriptions) {
      if (names.has(name)) continue
      unsubscribe()
      this.#subscriptions.delete(name)
    }
    for (const name of names) {
      if (this.#subscriptions.has(name)) continue
      this.#subscriptions.set(
        name,
        this.#context.transport.subscribe(name, async (bytes) => {
          const { verdict, processed } = await this.judge(name, bytes)
          processed.catch((error: unknown) => this.changed.fail(error))
          return verdict
        }),
      )
    }
  }

  #schedule(wakeAtMs: number | undefined): void {
    clearTimeout(this.#timer)
    if (wakeAtMs === undefined) return
    const delayMs = Math.max(0, wakeAtMs - this.#context.clock())
    this.#timer = setTimeout(() => {
      this.perform(async (nowMs) => ({ effects: await this.session.poll(nowMs), result: undefined })).catch(
        (error: unknown) => this.changed.fail(error),
      )
    }, delayMs)
  }
}

/** Something to write in the same batch. */
export type BatchPart = (batch: Batch) => void

/** The bucket of the seeds of topics on which this client has left something. */
export const TOPICS = 'topics'

/** The bucket that lists the groups. */
export const GROUPS = 'groups'
