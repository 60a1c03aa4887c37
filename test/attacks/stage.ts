// A small stage for attacks: devices with real sessions and real MLS, a clock that only the script moves, and a network on
// which the script says who reaches whom. Everything random follows from the seed, so that each run repeats the one before.
import { toHex } from '../../src/bytes.ts'
import { leaveWelcome } from '../../src/client/left-welcome.ts'
import { GROUP_SUITE, suiteOf, WIRE_SUITE } from '../../src/client/suites.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { CoterieError } from '../../src/errors.ts'
import { createGroup } from '../../src/group/create-group.ts'
import { lifetimeOfDays } from '../../src/group/key-packages.ts'
import type { Effects, OutboundAnswer } from '../../src/session/effects.ts'
import { DEFAULT_PERMISSIONS, groupProfileExtension, type Permissions } from '../../src/session/group-profile.ts'
import { type BegunSession, GroupSession } from '../../src/session/group-session.ts'
import type { Intent } from '../../src/session/intents.ts'
import { sessionPolicy } from '../../src/session/session-policy.ts'
import type { SessionSettings } from '../../src/session/settings.ts'
import type { Welcomed } from '../../src/session/welcomed.ts'
import { CommonWork } from '../../src/testing/simulation/common-work.ts'
import { deviceIdentity } from '../../src/testing/simulation/device-identity.ts'
import { simulatedSuite } from '../../src/testing/simulation/simulated-suite.ts'
import { parseFrame } from '../../src/wire/frame.ts'
import { RENDEZVOUS_BYTES } from '../../src/wire/topic.ts'
import { Actor, type OnAir } from './actor.ts'

export interface StageOptions {
  readonly seed: string
  /** The first one founds the group and adds the other members. */
  readonly members: readonly string[]
  /** Devices outside the group. */
  readonly others?: readonly string[]
  /** How many of the members are admins, the first ones. */
  readonly admins?: number
  readonly permissions?: Permissions
  readonly settings?: Partial<SessionSettings>
}

export class Stage {
  nowMs: number = START_MS
  readonly actors: ReadonlyMap<string, Actor>
  /** Who is reached by whose frames, and finds by whom what it missed. */
  reaches: (from: Actor, to: Actor) => boolean = () => true
  /** Everything that was left in inboxes. */
  readonly left: OnAir[] = []
  /** All answers to requests by invites. */
  readonly answers: OutboundAnswer[] = []
  readonly #queue: (OnAir & { readonly atMs: number; readonly to: Actor })[] = []
  readonly #settings: Partial<SessionSettings>

  private constructor(actors: ReadonlyMap<string, Actor>, settings: Partial<SessionSettings>) {
    this.actors = actors
    this.#settings = settings
  }

  /** A group at rest. */
  static async open({
    seed,
    members,
    others = [],
    admins = 2,
    permissions = DEFAULT_PERMISSIONS,
    settings = {},
  }: StageOptions): Promise<Stage> {
    const common = new CommonWork()
    const actors = new Map<string, Actor>()
    for (const name of [...members, ...others]) {
      const [suite, wire] = [GROUP_SUITE, WIRE_SUITE].map((id) =>
        simulatedSuite(suiteOf(nodeProvider, id), { seed: `${seed} ${name} ${id}`, common }),
      ) as [Actor['suite'], Actor['wire']]
      actors.set(name, new Actor(name, await deviceIdentity(suite, wire, name, START_MS), suite, wire))
    }
    // Newcomers would refresh their leaves in the midst of a scene.
    const stage = new Stage(actors, { refreshAfterMs: 1e12, ...settings })
    await stage.#found(members, admins, permissions)
    return stage
  }

  actor(name: string): Actor {
    return this.actors.get(name) ?? raise(`nobody here is called ${name}`)
  }

  cast<const Names extends readonly string[]>(...names: Names): { [I in keyof Names]: Actor } {
    return names.map((name) => this.actor(name)) as { [I in keyof Names]: Actor }
  }

  /** Those who are in the group as they see it themselves. */
  get members(): Actor[] {
    return [...this.actors.values()].filter(({ session }) => session?.isMember === true)
  }

  /** Carries out everything that is due within a time. */
  async run(ms: number): Promise<void> {
    const endMs = this.nowMs + ms
    for (let polls = 0; ; ) {
      const delivery = this.#queue[0]
      const sleeper = this.#nextToWake()
      const atMs = Math.min(delivery?.atMs ?? Number.POSITIVE_INFINITY, sleeper?.wakeAtMs ?? Number.POSITIVE_INFINITY)
      if (atMs > endMs) break
      polls = atMs > this.nowMs ? 0 : polls + 1
      if (polls > MAX_AT_ONCE) raise('this goes on for ever at one and the same time')
      this.nowMs = Math.max(this.nowMs, atMs)
      if (delivery !== undefined && delivery.atMs <= atMs) {
        this.#queue.shift()
        await this.hear(delivery.to, delivery)
      } else if (sleeper !== undefined) await this.perform(sleeper, (session) => session.poll(this.nowMs))
    }
    this.nowMs = endMs
  }

  /** Runs an operation of a session, as a client does: write, then publish, then tell. */
  async perform(actor: Actor, operation: (session: GroupSession) => Promise<Effects>): Promise<void> {
    const before = actor.topics.join()
    const effects = await operation(actor.here)
    actor.write(effects)
    await this.#carryOut(actor, effects)
    if (effects.sync.length > 0 || actor.topics.join() !== before) this.reconcile(actor)
  }

  submit(actor: Actor, intent: Intent): Promise<void> {
    return this.perform(actor, (session) => session.submit(intent, this.nowMs))
  }

  async say(actor: Actor, text: string): Promise<void> {
    await this.perform(actor, async (session) => (await session.send(Actor.body(text), this.nowMs)).effects)
  }

  /** Hands frames to some, now, whoever made them. */
  async show(frames: readonly OnAir[], to: readonly Actor[]): Promise<void> {
    for (const actor of to) for (const frame of frames) await this.hear(actor, frame)
  }

  /** Everybody gets what others have and they miss; from now on everybody reaches everybody. */
  heal(): void {
    this.reaches = () => true
    for (const actor of this.actors.values()) this.reconcile(actor)
  }

  /** Days pass, and frames that are older than a week go from all archives. */
  async days(count: number, each: () => Promise<void> = async () => undefined): Promise<void> {
    for (let day = 0; day < count; day++) {
      await each()
      await this.run(DAY_MS)
      for (const { archive, wire } of this.actors.values()) {
        for (const [id, { topic, bytes }] of archive) {
          if (parseFrame(wire, topic, bytes).coarseMinutes * 60_000 < this.nowMs - 7 * DAY_MS) archive.delete(id)
        }
      }
    }
  }

  /** Both sides get what they miss. */
  reconcile(actor: Actor): void {
    for (const other of this.actors.values()) {
      if (other === actor || !other.online || !actor.online) continue
      if (this.reaches(other, actor)) for (const frame of other.archive.values()) this.#enqueue(frame, actor)
      if (this.reaches(actor, other)) for (const frame of actor.archive.values()) this.#enqueue(frame, other)
    }
  }

  /** A frame arrives. */
  async hear(actor: Actor, frame: OnAir): Promise<void> {
    if (!actor.online || actor.archive.has(frame.id)) return
    if (frame.topic === actor.own.inbox.channel.topic.name) {
      actor.archive.set(frame.id, frame)
      await this.#hearInInbox(actor, frame)
      return
    }
    if (!actor.topics.includes(frame.topic)) return
    try {
      const checked = await actor.here.check(frame.topic, frame.bytes)
      actor.archive.set(frame.id, frame)
      await this.perform(actor, (session) => session.receive([checked], this.nowMs))
    } catch (error) {
      if (!CoterieError.is(error) || error.origin !== 'peer') throw error
      actor.refused.push(error.code)
    }
  }

  async #found(names: readonly string[], admins: number, permissions: Permissions): Promise<void> {
    const [founder, ...newcomers] = names.map((name) => this.actor(name))
    if (founder === undefined) return raise('a stage without members')
    const profile = {
      name: 'group',
      description: '',
      admins: names.slice(0, admins).map((name) => this.actor(name).own.identity),
      permissions,
      rendezvousSecret: new Secret(founder.wire.randomBytes(RENDEZVOUS_BYTES)),
      invites: [],
    }
    const group = await createGroup(founder.suite, {
      ...founder.own.leaf,
      lifetime: lifetimeOfDays(this.nowMs, 90),
      groupExtensions: [groupProfileExtension(profile)],
      limits: { pastEpochs: 0 },
      policy: sessionPolicy(founder.wire),
    })
    await this.#enter(founder, await GroupSession.begin(founder.context(this.#settings), group, this.nowMs))
    await this.submit(founder, { kind: 'add', newcomers: newcomers.map((actor) => actor.card) })
    await this.run(5_000)
    for (const { name, session } of [founder, ...newcomers]) if (session === undefined) raise(`${name} is not there`)
  }

  async #enter(actor: Actor, { session, effects }: BegunSession): Promise<void> {
    actor.session = session
    actor.write(effects)
    await this.#carryOut(actor, effects)
    this.reconcile(actor)
  }

  async #carryOut(actor: Actor, effects: Effects): Promise<void> {
    effects.afterWrite()
    const published: Uint8Array[] = []
    for (const { topic, bytes, messages } of effects.frames) {
      const frame = actor.onAir(topic, bytes)
      actor.archive.set(frame.id, frame)
      actor.published.push(frame)
      if (this.#publish(actor, frame) > 0) published.push(...messages)
    }
    for (const welcome of effects.welcomes) {
      const { topicKeys, frames } = await leaveWelcome(actor.wire, welcome, this.nowMs)
      for (const bytes of frames) {
        const frame = actor.onAir(topicKeys.name, bytes)
        actor.archive.set(frame.id, frame)
        this.left.push(frame)
        this.#publish(actor, frame)
      }
    }
    this.answers.push(...effects.answers)
    actor.events.push(...effects.events)
    actor.wakeAtMs = effects.wakeAtMs
    if (published.length > 0) {
      await this.perform(actor, (session) => session.markPublished(published, this.nowMs))
    }
    if (effects.again.length > 0) {
      const frames = effects.again.flatMap(({ topic, id }) => {
        const bytes = actor.archive.get(id)?.bytes
        return bytes === undefined ? [] : [parseFrame(actor.wire, topic, bytes)]
      })
      await this.perform(actor, (session) => session.receiveAgain(effects.again, frames, this.nowMs))
    }
    if (effects.events.some(({ type }) => type === 'detached' || type === 'removed')) {
      for (const welcomed of actor.early.splice(0)) await this.#rejoin(actor, welcomed)
    }
  }

  #publish(from: Actor, frame: OnAir): number {
    const listeners = [...this.actors.values()].filter((to) => to !== from && to.online && this.reaches(from, to))
    for (const to of listeners) this.#enqueue(frame, to)
    return listeners.filter((to) => to.topics.includes(frame.topic)).length
  }

  #enqueue(frame: OnAir, to: Actor): void {
    if (to.archive.has(frame.id) || !to.listensTo(frame.topic)) return
    this.#queue.push({ ...frame, to, atMs: this.nowMs + LATENCY_MS })
  }

  async #hearInInbox(actor: Actor, frame: OnAir): Promise<void> {
    const welcomed = await actor.readWelcome(frame.bytes, this.nowMs)
    if (welcomed === undefined) return
    if (actor.session !== undefined) return this.#rejoin(actor, welcomed)
    await this.#enter(actor, await GroupSession.join(actor.context(this.#settings), welcomed, this.nowMs))
  }

  /** A Welcome that comes too early is tried again later. */
  async #rejoin(actor: Actor, welcomed: Welcomed): Promise<void> {
    try {
      await this.perform(actor, (session) => session.rejoin(welcomed, this.nowMs))
    } catch (error) {
      if (!CoterieError.is(error) || error.origin !== 'peer') throw error
      actor.refused.push(error.code)
      actor.early.push(welcomed)
    }
  }

  #nextToWake(): Actor | undefined {
    let first: Actor | undefined
    for (const actor of this.actors.values()) {
      if (!actor.online || actor.wakeAtMs === undefined) continue
      if (first?.wakeAtMs === undefined || actor.wakeAtMs < first.wakeAtMs) first = actor
    }
    return first
  }
}

/** Whether all of them are in one epoch, with the same secrets. */
export function agree(actors: readonly Actor[]): boolean {
  const places = actors.map(({ here }) => `${here.inspect().head} ${toHex(here.export('agree', 32).bytes)}`)
  return new Set(places).size === 1
}

function raise(what: string): never {
  throw new Error(what)
}

/** 1 January 2027, 00:00 UTC. */
const START_MS = 1_798_761_600_000
const DAY_MS = 24 * 3_600_000
const LATENCY_MS = 20
const MAX_AT_ONCE = 20_000
