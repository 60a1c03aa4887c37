// A device in a simulation: carries out what its session asks for as a client does (write, then publish, then tell), dies at
// any of these steps, and comes back with what was on disk.

import { toHex } from '../../bytes.ts'
import { leaveWelcome } from '../../client/left-welcome.ts'
import type { CipherSuite } from '../../crypto/labels.ts'
import { CoterieError } from '../../errors.ts'
import type { GroupState } from '../../group/state.ts'
import type { Effects } from '../../session/effects.ts'
import { type BegunSession, GroupSession } from '../../session/group-session.ts'
import type { Intent } from '../../session/intents.ts'
import { decodeStoredMessage, type StoredMessage } from '../../session/message-record.ts'
import type { SessionContext } from '../../session/session-state.ts'
import type { Welcomed } from '../../session/welcomed.ts'
import { type Frame, MAX_FRAME_BYTES, parseFrame } from '../../wire/frame.ts'
import type { DeviceIdentity } from './device-identity.ts'
import { type ArchivedFrame, archived, Disk } from './disk.ts'
import { noteEvent } from './event-notes.ts'
import { readInbox } from './inbox-reader.ts'
import type { Station } from './network.ts'
import { type CrashStage, PowerFailure } from './power-failure.ts'
import { type Statement, StatementWatch } from './statement-watch.ts'
import type { Surroundings } from './surroundings.ts'
import { short } from './trace.ts'

export interface DeviceOptions {
  readonly index: number
  readonly own: DeviceIdentity
  readonly suite: CipherSuite
  readonly wire: CipherSuite
  /** Whether its own misdeeds are none of the invariants' business. */
  readonly byzantine: boolean
  /** How far its clock is ahead. */
  readonly skewMs: number
  /** What it has signed since this was called last. */
  readonly takeStatements: () => Statement[]
}

export class SimulatedDevice implements Station {
  readonly index: number
  readonly name: string
  readonly own: DeviceIdentity
  readonly byzantine: boolean
  readonly suite: CipherSuite
  readonly wire: CipherSuite
  readonly disk: Disk = new Disk()
  readonly watch: StatementWatch = new StatementWatch()
  /** How often each message has been entered in the log, by id in hexadecimal. */
  readonly received: Map<string, number> = new Map()
  /** Old states of a Byzantine device, the oldest first. */
  readonly snapshots: ReadonlyMap<string, Uint8Array>[] = []
  readonly #world: Surroundings
  readonly #takeStatements: () => Statement[]
  readonly #skewMs: number
  #session: GroupSession | undefined
  #head = ''
  #online = true
  #alive = true
  #doom: CrashStage | undefined
  #cancelPoll: (() => void) | undefined
  #polls = { second: -1, count: 0 }

  constructor(world: Surroundings, options: DeviceOptions) {
    this.#world = world
    this.index = options.index
    this.name = `d${options.index}`
    this.own = options.own
    this.suite = options.suite
    this.wire = options.wire
    this.byzantine = options.byzantine
    this.#takeStatements = options.takeStatements
    this.#skewMs = options.skewMs
  }

  get session(): GroupSession | undefined {
    return this.#session
  }

  /** The epoch that its session is in; empty before there is one. */
  get head(): string {
    return this.#head
  }

  get online(): boolean {
    return this.#online && this.#alive
  }

  get alive(): boolean {
    return this.#alive
  }

  get isMember(): boolean {
    return this.#session?.isMember ?? false
  }

  get subscriptions(): ReadonlySet<string> {
    return new Set([this.own.inbox.channel.topic.name, ...this.#groupTopics])
  }

  get holdings(): ReadonlySet<string> {
    return new Set([...this.subscriptions, ...this.disk.topics.map(({ name }) => name)])
  }

  get context(): SessionContext {
    const { device, leaf, inbox } = this.own
    const { settings } = this.#world
    return { wire: this.wire, suite: this.suite, device, leaf, inbox: inbox.address, settings }
  }

  set online(online: boolean) {
    if (this.#online === online) return
    this.#online = online
    this.#world.trace.note(this.name, online ? 'online' : 'offline')
    if (this.online) this.#world.network.appeared(this)
  }

  /** Dies the next time that it carries something out. */
  dieAt(stage: CrashStage): void {
    this.#doom = stage
  }

  /** Comes back after it died, with what was on disk. */
  async restart(): Promise<void> {
    this.#doom = undefined
    if (this.#alive) return
    this.#alive = true
    if (this.disk.hasSession) {
      this.#session = await GroupSession.restore(this.context, this.disk.records)
      this.#schedule(this.#session.wakeAtMs)
    }
    this.#world.trace.note(this.name, `restarted ${this.#place()}`)
    if (this.online) this.#world.network.appeared(this)
  }

  /** Enters the group that it has created. */
  async begin(group: GroupState): Promise<void> {
    await this.#enter(await GroupSession.begin(this.context, group, this.#nowMs), [])
  }

  async #join(welcomed: Welcomed, frame: ArchivedFrame): Promise<void> {
    await this.#enter(await GroupSession.join(this.context, welcomed, this.#nowMs), [frame])
  }

  async #enter({ session, effects }: BegunSession, also: readonly ArchivedFrame[]): Promise<void> {
    this.#session = session
    await this.#surviving(() => this.#carryOut(effects, also))
    this.#world.trace.note(this.name, `entered ${this.#place()}`)
  }

  /** @returns whether it resolved: undefined where the device died meanwhile */
  async send(body: Uint8Array): Promise<StoredMessage | undefined> {
    return this.perform(async (session, nowMs) => {
      // A commit that is due may come behind it in the same call: whom that adds has not been spoken to.
      const { members } = session
      const epoch = this.#head
      const { message, effects } = await session.send(body, nowMs)
      const done = (): void => {
        this.#world.ledger.messageSent(message, members, epoch)
        this.#world.trace.note(this.name, `sent message ${short(toHex(message.id))} ${this.#place()}`)
      }
      return { effects, result: message, done }
    })
  }

  /** @returns whether it resolved: not where the device died meanwhile */
  async submit(intent: Intent): Promise<boolean> {
    const resolved = await this.perform(async (session, nowMs) => ({
      effects: await session.submit(intent, nowMs),
      result: true,
      written: () => this.#world.ledger.wished(this.own.identity, intent),
    }))
    return resolved ?? false
  }

  async hear(topic: string, frames: readonly Uint8Array[]): Promise<void> {
    if (!this.#alive) return
    if (topic === this.own.inbox.channel.topic.name) for (const frame of frames) await this.#hearInInbox(frame)
    if (this.#groupTopics.includes(topic)) await this.#hearInGroup(topic, frames)
  }

  /** Runs an operation of the session and carries out its effects. Nothing happens on a device that is dead. */
  async perform<T>(operation: Operation<T>, also: readonly ArchivedFrame[] = []): Promise<T | undefined> {
    const session = this.#session
    if (session === undefined || !this.#alive) return undefined
    return this.#surviving(async () => {
      this.#takeStatements()
      const { effects, result, written, done } = await operation(session, this.#nowMs)
      await this.#carryOut(effects, also, written)
      done?.()
      return result
    })
  }

  /** As its own clock says. */
  get #nowMs(): number {
    return this.#world.clock.nowMs + this.#skewMs
  }

  get #groupTopics(): string[] {
    return this.#session?.topics.map(({ name }) => name) ?? []
  }

  /** Anything but death is the caller's. */
  async #surviving<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof PowerFailure)) throw error
      this.#world.ledger.counts.crashes++
      this.#world.trace.note(this.name, `dies ${error.stage}`)
      this.#alive = false
      this.#doom = undefined
      this.#session = undefined
      this.#cancelPoll?.()
      return undefined
    }
  }

  #dieIf(stage: CrashStage): void {
    if (this.#doom === stage) throw new PowerFailure(stage)
  }

  /** @param written - told when what the operation came to is on disk, whatever happens then */
  async #carryOut(effects: Effects, also: readonly ArchivedFrame[], written?: () => void): Promise<void> {
    const { clock, network } = this.#world
    const statements = this.#takeStatements()
    const welcomes = await Promise.all(effects.welcomes.map((one) => leaveWelcome(this.wire, one, this.#nowMs)))
    const left = welcomes.flatMap(({ topicKeys, frames }) =>
      frames.map((bytes) => ({ topic: topicKeys.name, bytes, messages: [] })),
    )
    const outbound = [...effects.frames, ...left].map((frame) => ({
      ...this.#archived(frame.topic, frame.bytes),
      messages: frame.messages,
    }))
    const writes = effects.writes.length > 0 || outbound.length > 0 || also.length > 0
    if (writes) {
      this.#dieIf('before-write')
      this.disk.write({
        changes: effects.writes,
        frames: [...outbound, ...also],
        topics: welcomes.map(({ topicKeys }) => topicKeys),
      })
      this.#world.ledger.weigh(this.disk)
      this.#lookAround(effects)
      this.#noteWritten(effects, statements)
      written?.()
      this.#dieIf('after-write')
    }
    effects.afterWrite()
    const heard: Uint8Array[] = []
    for (const [i, frame] of outbound.entries()) {
      if (i > 0 || outbound.length === 1) this.#dieIf('between-publishes')
      if (this.#publish(frame) > 0) heard.push(...frame.messages)
    }
    if (writes) this.#dieIf('after-publish')
    for (const event of effects.events) noteEvent(this.#world, this, event, () => this.#place())
    for (const { topic, id } of effects.wanted) network.fetch(this, topic, toHex(id))
    network.sync(this, [...effects.sync, ...welcomes.map(({ topicKeys }) => topicKeys.name)])
    this.#schedule(effects.wakeAtMs)
    if (heard.length > 0) clock.at(clock.nowMs, () => this.#markPublished(heard))
    if (effects.again.length > 0) clock.at(clock.nowMs, () => this.#readAgain(effects.again))
  }

  /** Gives the session what it has asked for of the disk. */
  async #readAgain(asked: Effects['again']): Promise<void> {
    const frames = asked.flatMap(({ topic, id }) => {
      const bytes = this.disk.frames(topic).get(id)
      return bytes === undefined ? [] : [parseFrame(this.wire, topic, bytes)]
    })
    await this.perform(async (session, nowMs) => ({
      effects: await session.receiveAgain(asked, frames, nowMs),
      result: undefined,
    }))
  }

  /** @returns how many listen. What is too large for the topic is only kept for those who ask. */
  #publish({ topic, id, bytes }: ArchivedFrame): number {
    const { network, trace } = this.#world
    trace.absorb(bytes)
    const listeners = bytes.length > MAX_FRAME_BYTES ? 0 : network.publish(this, topic, bytes)
    trace.detail(this.name, `publishes ${short(id)} on ${short(topic)}, ${bytes.length} bytes, ${listeners} listen`)
    return listeners
  }

  async #markPublished(messages: readonly Uint8Array[]): Promise<void> {
    await this.perform(async (session, nowMs) => ({
      effects: await session.markPublished(messages, nowMs),
      result: undefined,
    }))
  }

  #noteWritten(effects: Effects, statements: readonly Statement[]): void {
    for (const change of effects.writes) {
      if (change.op !== 'log') continue
      const id = toHex(decodeStoredMessage(change.place, change.value).id)
      this.received.set(id, (this.received.get(id) ?? 0) + 1)
    }
    for (const statement of statements) {
      this.#world.ledger.counts.commits += statement.kind === 'commit' ? 1 : 0
      this.#world.trace.note(this.name, `states ${statement.number}: ${statement.kind}, ${this.#place()}`)
      this.watch.made(statement)
    }
  }

  /** Finds out where the session is, if that may have changed. */
  #lookAround({ writes }: Effects): void {
    const session = this.#session
    const mayHaveMoved = writes.some((change) => change.op !== 'log' && PLACES.test(change.name))
    if (session === undefined || !mayHaveMoved) return
    const outline = this.#world.ledger.observe(session)
    if (outline.head === this.#head) return
    this.#head = outline.head
    this.#world.ledger.lookBack(outline)
    if (this.byzantine && this.isMember) this.#keepSnapshot()
  }

  async #hearInGroup(topic: string, frames: readonly Uint8Array[]): Promise<void> {
    const fresh: Frame[] = []
    for (const bytes of frames) {
      const frame = await this.#world.frames.read(this.wire, topic, bytes)
      if (frame !== undefined && !this.disk.has(topic, toHex(frame.id))) fresh.push(frame)
    }
    if (fresh.length === 0) return
    await this.perform(
      async (session, nowMs) => ({ effects: await session.receive(fresh, nowMs), result: undefined }),
      fresh.map(({ id, bytes }) => ({ topic, id: toHex(id), bytes })),
    )
  }

  async #hearInInbox(bytes: Uint8Array): Promise<void> {
    if (!this.#alive) return
    const frame = this.#archived(this.own.inbox.channel.topic.name, bytes)
    if (this.disk.has(frame.topic, frame.id)) return
    const found = await readInbox(this, this.#session?.reentryKeyPackages ?? [], bytes, this.#nowMs)
    if (found.kind === 'pointer') this.#world.network.fetch(this, frame.topic, found.id)
    if (found.kind !== 'group') {
      this.disk.write({ changes: [], frames: [frame], topics: [] })
      return
    }
    const { welcomed } = found
    if (this.#session === undefined) await this.#join(welcomed, frame)
    else await this.#rejoin(welcomed, frame)
  }

  /** A Welcome that comes too early comes again. */
  async #rejoin(welcomed: Welcomed, frame: ArchivedFrame): Promise<void> {
    try {
      await this.perform(
        async (session, nowMs) => ({ effects: await session.rejoin(welcomed, nowMs), result: undefined }),
        [frame],
      )
    } catch (error) {
      if (!CoterieError.is(error) || error.origin !== 'peer') throw error
      this.#world.trace.detail(this.name, `does not need what is in the inbox: ${error.message}`)
      if (!error.retryable) this.disk.write({ changes: [], frames: [frame], topics: [] })
    }
  }

  #archived(topic: string, bytes: Uint8Array): ArchivedFrame {
    return archived((preimage) => this.wire.hash.digest(preimage), topic, bytes)
  }

  #schedule(wakeAtMs: number | undefined): void {
    const { clock, ledger } = this.#world
    this.#cancelPoll?.()
    this.#cancelPoll = undefined
    if (wakeAtMs === undefined) return
    this.#cancelPoll = clock.at(wakeAtMs - this.#skewMs, async () => {
      const second = Math.floor(clock.nowMs / 1_000)
      this.#polls = { second, count: this.#polls.second === second ? this.#polls.count + 1 : 1 }
      if (this.#polls.count > MAX_POLLS_A_SECOND) {
        const what = `${this.name} wants to be polled without end`
        ledger.violations.push({ invariant: 'comes-to-rest', what })
        return
      }
      await this.perform(async (session, nowMs) => ({ effects: await session.poll(nowMs), result: undefined }))
    })
  }

  #keepSnapshot(): void {
    this.snapshots.push(this.disk.records)
    if (this.snapshots.length > MAX_SNAPSHOTS) this.snapshots.shift()
  }

  #place(): string {
    const session = this.#session
    return session === undefined ? 'without a group' : `in epoch ${session.epoch} ${short(this.#head)}`
  }
}

type Operation<T> = (
  session: GroupSession,
  nowMs: number,
) => Promise<{
  readonly effects: Effects
  readonly result: T
  /** Told when it is on disk. */
  readonly written?: () => void
  /** Told when all of it is done. */
  readonly done?: () => void
}>

/** Records that tell of epochs. */
const PLACES = /^(?:node\/|counters$)/
const MAX_POLLS_A_SECOND = 200
const MAX_SNAPSHOTS = 40
