// A device on the stage: its session, its disk, and everything that its app was told.
import { toHex } from '../../src/bytes.ts'
import { decodeBody, encodeBody } from '../../src/content/message-body.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { CoterieError, type ErrorCode } from '../../src/errors.ts'
import type { Effects, SessionEvent } from '../../src/session/effects.ts'
import type { GroupSession } from '../../src/session/group-session.ts'
import type { Newcomer } from '../../src/session/intents.ts'
import type { SessionContext } from '../../src/session/session-state.ts'
import type { SessionSettings } from '../../src/session/settings.ts'
import { openWelcome, type Welcomed } from '../../src/session/welcomed.ts'
import type { DeviceIdentity } from '../../src/testing/simulation/device-identity.ts'
import { openFrame, readFrame } from '../../src/wire/frame.ts'
import { InboxKind, openFromInbox } from '../../src/wire/inbox.ts'

/** A frame as everybody on its topic sees it. */
export interface OnAir {
  readonly topic: string
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly id: string
  readonly bytes: Uint8Array
}

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { readonly type: T }>

export class Actor {
  readonly name: string
  readonly own: DeviceIdentity
  readonly suite: CipherSuite
  readonly wire: CipherSuite
  /** Whether it hears, and is polled. */
  online = true
  session: GroupSession | undefined
  wakeAtMs: number | undefined
  /** What it has told its app, the oldest first. */
  readonly events: SessionEvent[] = []
  /** Why it did not take what came. */
  readonly refused: ErrorCode[] = []
  /** Frames that it holds, by id. */
  readonly archive: Map<string, OnAir> = new Map()
  /** Its own ones on the group's topics. */
  readonly published: OnAir[] = []
  /** Where Welcomes led that came too early. */
  readonly early: Welcomed[] = []
  #records = new Map<string, Uint8Array>()

  constructor(name: string, own: DeviceIdentity, suite: CipherSuite, wire: CipherSuite) {
    this.name = name
    this.own = own
    this.suite = suite
    this.wire = wire
  }

  static body(text: string): Uint8Array {
    return encodeBody({ kind: 'text', text })
  }

  get here(): GroupSession {
    if (this.session === undefined) throw new Error(`${this.name} is in no group`)
    return this.session
  }

  get head(): string {
    return this.here.inspect().head
  }

  get device(): string {
    return toHex(this.own.device.publicKey)
  }

  get topics(): string[] {
    return this.session?.topics.map(({ name }) => name) ?? []
  }

  get card(): Newcomer {
    return { keyPackage: this.own.keyPackage.keyPackage, inbox: this.own.inbox.address }
  }

  /** A copy of what is on disk. */
  get records(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#records].map(([name, value]) => [name, value.slice()] as const))
  }

  /** The texts of the messages that came, in the order in which they came. */
  get texts(): string[] {
    return this.told('message').map(({ message }) => {
      const body = decodeBody(message.content.body)
      return body.kind === 'text' ? body.text : body.kind
    })
  }

  /** The events of one kind. */
  told<T extends SessionEvent['type']>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type)
  }

  /** The codes of what it rejected inside frames. */
  get rejected(): ErrorCode[] {
    return this.told('rejected').map(({ error }) => error.code)
  }

  knows(epoch: string): boolean {
    return this.here.inspect().epochs.some(({ id }) => id === epoch)
  }

  /** How many epochs it has the keys of. */
  get keys(): number {
    return this.here.inspect().epochs.filter(({ hasKeys }) => hasKeys).length
  }

  listensTo(topic: string): boolean {
    return topic === this.own.inbox.channel.topic.name || this.topics.includes(topic)
  }

  context(settings: Partial<SessionSettings>): SessionContext {
    const { device, leaf, inbox } = this.own
    return { wire: this.wire, suite: this.suite, device, leaf, inbox: inbox.address, settings }
  }

  write({ writes }: Effects): void {
    for (const change of writes) {
      if (change.op === 'put') this.#records.set(change.name, change.value.slice())
      else if (change.op === 'delete') this.#records.delete(change.name)
    }
  }

  onAir(topic: string, bytes: Uint8Array): OnAir {
    return { topic, id: toHex(this.wire.hash.digest(bytes)), bytes }
  }

  /** Undefined where what was left is of no use to this device. */
  async readWelcome(bytes: Uint8Array, nowMs: number): Promise<Welcomed | undefined> {
    try {
      return await this.join(await this.openInbox(bytes), nowMs)
    } catch (error) {
      if (!CoterieError.is(error) || error.origin !== 'peer') throw error
      this.refused.push(error.code)
      return undefined
    }
  }

  /** @throws CoterieError what is wrong with what was left in its inbox */
  async openInbox(bytes: Uint8Array): Promise<Uint8Array> {
    const { channel, keyPair, address } = this.own.inbox
    const frame = await readFrame(this.wire, channel.topic.name, bytes)
    const left = await openFromInbox(this.wire, keyPair, address, openFrame(this.wire, channel.frameKey, frame))
    if (left.kind !== InboxKind.welcome) throw new Error('something else than a Welcome was left')
    return left.body
  }

  /** @throws CoterieError where the Welcome is not for this device */
  join(welcome: Uint8Array, nowMs: number): Promise<Welcomed> {
    const keyPackages = [this.own.keyPackage, ...(this.session?.reentryKeyPackages ?? [])]
    return openWelcome(this, welcome, keyPackages, nowMs)
  }
}
