// Carries out what a group's session asks for: write, then publish, then tell the app. Owns the group's timer.

import { toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError } from '../errors.ts'
import type { Effects, SessionEvent } from '../session/effects.ts'
import type { BegunSession, GroupSession } from '../session/group-session.ts'
import type { StoredMessage } from '../session/message-record.ts'
import type { BatchPart, Store } from '../storage/store.ts'
import type { ArchivableFrame, FrameArchive } from '../topics/frame-archive.ts'
import type { Transport, Unsubscribe, Verdict } from '../transport/transport.ts'
import { type Frame, MAX_FRAME_BYTES, parseFrame } from '../wire/frame.ts'
import { InboxKind } from '../wire/inbox.ts'
import type { GroupJournal } from './group-journal.ts'
import { enterGroup } from './group-list.ts'
import { HeardFrames } from './heard-frames.ts'
import { heldMail, type MailHost } from './held-mail.ts'
import type { LinkSources } from './invites.ts'
import { type LeftTopic, putLeftTopic } from './left-topics.ts'
import { type LeftMessage, leaveMessage, leaveWelcome } from './left-welcome.ts'
import { messageLogOf } from './message-log.ts'
import { ownDeliveries } from './own-deliveries.ts'
import type { Relays } from './relays.ts'
import { Signal } from './signal.ts'
import type { TopicSync } from './sync/topic-sync.ts'

/** What all groups of a client share. */
export interface DriverContext {
  readonly wire: CipherSuite
  readonly store: Store
  readonly archive: FrameArchive
  readonly transport: Transport
  readonly clock: () => number
  readonly journalOf: (groupId: string) => Promise<GroupJournal>
  readonly sync: Pick<TopicSync, 'ask' | 'follow' | 'want'>
  readonly relays: Pick<Relays, 'use' | 'keyPackageFor' | 'noteLeft'>
  /** Tells of a topic on which something is left for others, by this client or by other members, so that they get it. */
  readonly noteTopic: (topic: LeftTopic, isOwn: boolean) => void
  /** Whether there is room for what others have left on a topic, and this client does not take it in itself. */
  readonly mayHold: MailHost['mayHold']
  /** What links to this client's groups are made from. */
  readonly linkSources: () => LinkSources
  /** Tells that something of a group may have changed. */
  readonly noteChange: (driver: GroupDriver) => void
}

export class GroupDriver {
  readonly session: GroupSession
  /** Something changed: messages, members, status. */
  readonly changed: Signal = new Signal()
  readonly id: string
  /** The group's messages and events as the app reads them. */
  readonly journal: GroupJournal
  readonly #context: DriverContext
  readonly #listeners = new Set<(event: SessionEvent) => void>()
  readonly #subscriptions = new Map<string, Unsubscribe>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isStopped = false
  readonly #heard = new HeardFrames((topic, frames, from) => this.#receive(topic, frames, from))
  /** How many Welcomes have still to go out, each when its commit has settled; of how many the others have still to be told. */
  #dueWelcomes = 0
  #telling = 0
  /** Effects are carried out one after the other, in the order in which the session made them. */
  #lane: Promise<unknown> = Promise.resolve()

  constructor(context: DriverContext, session: GroupSession, journal: GroupJournal) {
    this.#context = context
    this.session = session
    this.journal = journal
    journal.messages.askForDeliveries(ownDeliveries(session, () => context.linkSources().own.device.publicKey))
    this.id = toHex(session.groupId)
  }

  /** A group that did not exist here before: on disk when this resolves. */
  static async begin(
    context: DriverContext,
    begun: BegunSession,
    { received = [], also }: Pick<Work, 'received' | 'also'> = {},
  ): Promise<GroupDriver> {
    const driver = new GroupDriver(context, begun.session, await context.journalOf(toHex(begun.session.groupId)))
    const enter = enterGroup(driver.id, context.clock())
    const listed: BatchPart = (batch) => {
      enter(batch)
      also?.(batch)
    }
    await driver.#carryOut({ effects: begun.effects, received, also: listed })
    driver.start()
    return driver
  }

  /** The bucket of a group's records. */
  static bucketOf(id: string): string {
    return `group/${id}`
  }

  /** Begins to listen. */
  start(): void {
    this.#followTopics()
    this.#context.noteChange(this)
    this.#schedule(this.session.wakeAtMs)
  }

  stop(): Promise<unknown> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    for (const unsubscribe of this.#subscriptions.values()) unsubscribe()
    this.#subscriptions.clear()
    this.changed.close()
    return this.#lane
  }

  /** So many were added whose Welcomes are to go out. */
  expectWelcomes(count: number): void {
    this.#dueWelcomes += count
  }

  /** Resolves when no Welcome waits any more. Rejects with the signal's reason. */
  async handedOut(signal: AbortSignal): Promise<void> {
    const owes = (): boolean => this.#dueWelcomes + this.#telling > 0 || this.session.owesWelcomes
    for (let seen = this.changed.version; owes() && !this.changed.closed; seen = this.changed.version) {
      await this.changed.after(seen, signal)
    }
  }

  onEvent(listener: (event: SessionEvent) => void): Unsubscribe {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Runs an operation of the session and carries out its effects before anything else of this group happens. */
  perform<T>(operation: (nowMs: number) => Promise<Outcome<T>>): Promise<T> {
    const done = this.#lane.then(async () => {
      const outcome = await operation(this.#context.clock())
      if (outcome.effects !== undefined) await this.#carryOut({ ...outcome, effects: outcome.effects })
      return outcome.result
    })
    this.#lane = done.catch(() => undefined)
    return done
  }

  isOn(topic: string): boolean {
    return this.session.topics.some(({ name }) => name === topic)
  }

  /** Decides whether a frame is passed on, and takes it in meanwhile. */
  async judge(topic: string, bytes: Uint8Array, from: string): Promise<{ verdict: Verdict; processed: Promise<void> }> {
    if (bytes.length > MAX_FRAME_BYTES) return { verdict: 'reject', processed: Promise.resolve() }
    let frame: Frame
    try {
      frame = await this.session.check(topic, bytes)
    } catch (error) {
      if (!CoterieError.is(error)) throw error
      return { verdict: 'reject', processed: Promise.resolve() }
    }
    if (await this.#context.archive.has(topic, toHex(frame.id))) {
      return { verdict: 'ignore', processed: Promise.resolve() }
    }
    return { verdict: 'accept', processed: this.#heard.take(topic, frame, from) }
  }

  /** Takes in frames that came by another way than the topic, whose signatures have been verified, in this order. */
  take(topic: string, frames: readonly Frame[], from: string): Promise<void> {
    return this.#receive(topic, frames, from)
  }

  /** In one batch; what came in the meantime by another way is left out. */
  #receive(topic: string, frames: readonly Frame[], from: string): Promise<void> {
    return this.perform(async (nowMs) => {
      const fresh: Frame[] = []
      for (const frame of frames) {
        if (!(await this.#context.archive.has(topic, toHex(frame.id)))) fresh.push(frame)
      }
      const effects = fresh.length === 0 ? undefined : await this.session.receive(fresh, nowMs)
      return { effects, result: undefined, received: fresh, from }
    })
  }

  async #carryOut(work: Work): Promise<void> {
    try {
      await this.#carryOutWhole(work)
    } catch (error) {
      // The session has gone on from what is not on disk. Whoever waits for something new waits in vain.
      this.changed.fail(error)
      throw error
    }
  }

  async #carryOutWhole({ effects, also, sent, received = [], from }: Work): Promise<void> {
    const { archive, transport, wire, clock } = this.#context
    const nowMs = clock()
    const inInboxes = await Promise.all([
      ...effects.welcomes.map((welcome) => leaveWelcome(wire, welcome, nowMs)),
      ...effects.answers.map(({ inbox, body }) => leaveMessage(wire, inbox, { kind: InboxKind.answer, body }, nowMs)),
    ])
    const left = inInboxes.flatMap(({ topicKeys, frames: those }) =>
      those.map((bytes) => ({ topic: topicKeys.name, bytes, messages: [] })),
    )
    const held = await heldMail(this.#context, effects.mail)
    const kept = [...inInboxes, ...held].map(({ topicKeys: keys }) => ({ keys, isInbox: true }))
    const isOwn = new Set(inInboxes.map(({ topicKeys }) => topicKeys.name))
    const outbound = [...effects.frames, ...left]
    const entry = await this.journal.entryFor(effects.events, sent)
    const own = outbound.map(({ topic, bytes }) => parseFrame(wire, topic, bytes))
    const frames = [...received, ...held.flatMap((mail) => mail.frames), ...own]
    if (effects.writes.length + effects.events.length + frames.length > 0 || also !== undefined) {
      await archive.write(frames, (batch) => {
        for (const change of effects.writes) {
          if (change.op === 'put') batch.put(GroupDriver.bucketOf(this.id), change.name, change.value)
          else if (change.op === 'delete') batch.delete(GroupDriver.bucketOf(this.id), change.name)
          else batch.putAt(messageLogOf(this.id), change.place, change.value)
        }
        for (const topic of kept) putLeftTopic(topic)(batch)
        entry.write(batch)
        also?.(batch)
      })
    }
    for (const topic of kept) this.#context.noteTopic(topic, isOwn.has(topic.keys.name))
    effects.afterWrite()
    const failed = effects.events.filter((event) => event.type === 'intent-failed' && event.intent.kind === 'add')
    const handedOut = effects.welcomes.filter(({ isAgain }) => !isAgain)
    this.#dueWelcomes = Math.max(0, this.#dueWelcomes - handedOut.length - failed.length)
    this.#followTopics()
    this.#tellOfMail(inInboxes.slice(0, effects.welcomes.length))
    await this.#reach(effects.reach)
    this.#context.relays.noteLeft(outbound.map(({ topic }) => topic))
    // Whoever does not hear a frame now finds it in the archive later; so does everybody with one that is too large.
    const published = outbound.filter(({ bytes }) => bytes.length <= MAX_FRAME_BYTES)
    const heard = await Promise.allSettled(published.map(({ topic, bytes }) => transport.publish(topic, bytes)))
    const sentOut = published.filter((_, at) => {
      const result = heard[at]
      return result?.status === 'fulfilled' && result.value.peers > 0
    })
    this.#markPublished(sentOut.flatMap(({ messages }) => messages))
    for (const { topic, bytes } of outbound) if (bytes.length > MAX_FRAME_BYTES) this.#context.sync.ask(topic)
    for (const pointer of effects.wanted) this.#context.sync.want(pointer, from)
    for (const topic of effects.sync) this.#context.sync.ask(topic)
    for (const event of effects.events) for (const listener of this.#listeners) listener(event)
    await this.journal.tell(entry)
    this.#context.noteChange(this)
    if (effects.again.length > 0) this.#readAgain(effects.again).catch((error: unknown) => this.changed.fail(error))
    this.changed.notify()
    this.#schedule(effects.wakeAtMs)
  }

  /** Gives the session what it has asked for of the archive. */
  async #readAgain(asked: Effects['again']): Promise<void> {
    const { archive, wire } = this.#context
    await this.perform(async (nowMs) => {
      if (this.#isStopped) return { effects: undefined, result: undefined }
      const frames: Frame[] = []
      for (const { topic, id } of asked) {
        const bytes = await archive.get(topic, id)
        if (bytes !== undefined) frames.push(parseFrame(wire, topic, bytes))
      }
      return { effects: await this.session.receiveAgain(asked, frames, nowMs), result: undefined }
    })
  }

  /** So that what was left gets there through others too. */
  #tellOfMail(left: readonly LeftMessage[]): void {
    if (left.length === 0) return
    const mail = left.map(({ topicKeys, frames }) => ({ topicSeed: topicKeys.keyPair.privateKey.bytes, frames }))
    this.#telling++
    this.perform(async (nowMs) => ({ effects: await this.session.tellOfMail(mail, nowMs), result: undefined }))
      .catch((error: unknown) => this.changed.fail(error))
      .finally(() => {
        this.#telling--
        this.changed.notify()
      })
  }

  /** So that what was left for them gets there; they may be off. */
  async #reach(reach: Effects['reach']): Promise<void> {
    for (const { addresses, relays } of reach) {
      await this.#context.relays.use(this.id, relays)
      for (const address of addresses) this.#context.transport.connect(address).catch(() => undefined)
    }
  }

  #markPublished(messages: readonly Uint8Array[]): void {
    if (messages.length === 0) return
    this.perform(async (nowMs) => ({
      effects: await this.session.markPublished(messages, nowMs),
      result: undefined,
    })).catch((error: unknown) => this.changed.fail(error))
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
      const unsubscribe = this.#subscribe(name)
      if (unsubscribe === undefined) return
      this.#subscriptions.set(name, unsubscribe)
      this.#context.sync.follow(name)
    }
  }

  /** @returns undefined where the client closes, and nobody is heard any more: what is on disk by then is done all the same */
  #subscribe(name: string): Unsubscribe | undefined {
    try {
      return this.#context.transport.subscribe(name, async (bytes, from) => {
        const { verdict, processed } = await this.judge(name, bytes, from)
        const over = processed.catch((error: unknown) => this.changed.fail(error))
        // Whoever sends faster than that waits, so that nothing piles up here.
        if (this.#heard.size > MAX_UNPROCESSED) await over
        return verdict
      })
    } catch (error) {
      if (CoterieError.is(error, 'TRANSPORT_STOPPED')) return undefined
      throw error
    }
  }

  #schedule(wakeAtMs: number | undefined): void {
    clearTimeout(this.#timer)
    // What is carried out while the client closes plans nothing: a timer would keep the program from ending.
    if (wakeAtMs === undefined || this.#isStopped) return
    const delayMs = Math.max(0, wakeAtMs - this.#context.clock())
    this.#timer = setTimeout(() => {
      this.perform(async (nowMs) => ({ effects: await this.session.poll(nowMs), result: undefined })).catch(
        (error: unknown) => this.changed.fail(error),
      )
    }, delayMs)
  }
}

/** What an operation came to. */
interface Outcome<T> extends Omit<Work, 'effects'> {
  /** To be carried out; undefined where nothing is to be done. */
  readonly effects: Effects | undefined
  readonly result: T
}

/** What is to be carried out. */
export interface Work {
  readonly effects: Effects
  /** Frames that the effects are of, for the archive. */
  readonly received?: readonly ArchivableFrame[]
  /** Who gave them. */
  readonly from?: string
  /** To be written together with the effects. */
  readonly also?: BatchPart
  /** A message of this device's own that the effects write. */
  readonly sent?: StoredMessage
}

/** So much is passed on before it has been taken in. */
const MAX_UNPROCESSED = 64
