// The groups of a client as they run: each with its session and its driver, brought back from disk, founded, or entered by a Welcome.

import { toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import type { OwnKeyPackage } from '../group/key-packages.ts'
import { GroupSession } from '../session/group-session.ts'
import type { SessionContext } from '../session/session-state.ts'
import type { Welcomed } from '../session/welcomed.ts'
import { foundGroup } from './found-group.ts'
import { Group } from './group.ts'
import { type DriverContext, GroupDriver, type Work } from './group-driver.ts'
import { GroupJournal } from './group-journal.ts'
import { listedGroups } from './group-list.ts'
import { Groups, type NewGroup } from './groups.ts'
import type { InviteDesk } from './invite-desk.ts'
import type { OwnIdentity } from './own-identity.ts'
import { leafOptions } from './own-identity.ts'
import type { Relays } from './relays.ts'

type Shared = Pick<
  DriverContext,
  'wire' | 'store' | 'archive' | 'transport' | 'clock' | 'sync' | 'noteTopic' | 'mayHold'
>

/** What groups run with. */
export interface RunningGroupsHost extends Shared {
  readonly suite: CipherSuite
  readonly own: OwnIdentity
  readonly relays: () => Relays
  readonly invites: () => InviteDesk
  warn(error: unknown): void
}

export class RunningGroups {
  /** As the app sees them. */
  readonly groups: Groups
  /** By the group's id. */
  readonly drivers: ReadonlyMap<string, GroupDriver>
  readonly #drivers = new Map<string, GroupDriver>()
  readonly #host: RunningGroupsHost
  #isStarted = false
  #isClosed = false

  constructor(host: RunningGroupsHost) {
    this.#host = host
    this.drivers = this.#drivers
    this.groups = new Groups(
      (group) => this.#create(group),
      () => host.invites().joining,
    )
  }

  /** With which this device has asked to be added again. */
  get reentryKeyPackages(): readonly OwnKeyPackage[] {
    return [...this.#drivers.values()].flatMap(({ session }) => session.reentryKeyPackages)
  }

  /** Whether an identity is in a group with this client. */
  knows(identity: string): boolean {
    return this.groups.list().some(({ members }) => members.some((one) => one.identity === identity))
  }

  /** Goes on from where a Welcome leads, in a new group or in one that this device was in before. */
  async join(welcomed: Welcomed, work: Pick<Work, 'received' | 'also'>): Promise<Group> {
    const known = this.#drivers.get(toHex(welcomed.group.groupContext.groupId))
    if (known !== undefined) {
      await known.perform(async (nowMs) => ({
        ...work,
        effects: await known.session.rejoin(welcomed, nowMs),
        result: undefined,
      }))
      return this.groups.get(known.id)
    }
    const begun = await GroupSession.join(this.#sessionContext, welcomed, this.#host.clock())
    return this.#enter(await GroupDriver.begin(this.#driverContext, begun, work))
  }

  /** Brings back those that are on disk. */
  async restore(): Promise<void> {
    for (const id of await listedGroups(this.#host.store)) await this.#restoreOne(id)
  }

  /** To be called when the transport runs. */
  start(): void {
    for (const driver of this.#drivers.values()) driver.start()
    this.#isStarted = true
  }

  /** Resolves when what newcomers need to join has been handed out. */
  async handedOut(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#drivers.values()].map((driver) => driver.handedOut(signal)))
  }

  /** Ends all streams. */
  close(): void {
    this.#isClosed = true
    this.groups.close()
    for (const group of this.groups.list()) group.applicants.close()
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    await Promise.all([...this.#drivers.values()].map((driver) => driver.stop()))
  }

  async #create(group: NewGroup): Promise<Group> {
    if (this.#isClosed) fail('CLIENT_CLOSED', 'this client has been closed')
    const { clock } = this.#host
    const begun = await GroupSession.begin(this.#sessionContext, await foundGroup(this.#host, group, clock()), clock())
    return this.#enter(await GroupDriver.begin(this.#driverContext, begun))
  }

  async #restoreOne(id: string): Promise<void> {
    const { store } = this.#host
    const records = new Map<string, Uint8Array>()
    for await (const [name, value] of store.entries(GroupDriver.bucketOf(id))) records.set(name, value)
    const session = await GroupSession.restore(this.#sessionContext, records)
    this.#enter(new GroupDriver(this.#driverContext, session, await GroupJournal.open(store, id)))
  }

  #enter(driver: GroupDriver): Group {
    const group = new Group(driver, this.#driverContext)
    this.#drivers.set(driver.id, driver)
    this.#host.relays().noteTopics()
    driver.onEvent((event) => {
      if (event.type === 'rejected') this.#host.warn(event.error)
    })
    this.groups.enter(group)
    if (this.#isStarted) this.#noteChange(driver)
    return group
  }

  #noteChange(driver: GroupDriver): void {
    if (this.#drivers.has(driver.id)) this.#host.invites().noteChange(driver)
  }

  get #driverContext(): DriverContext {
    const { wire, own, store, transport } = this.#host
    const relays = this.#host.relays()
    return {
      ...this.#host,
      relays,
      journalOf: (groupId) => GroupJournal.open(store, groupId),
      linkSources: () => ({ wire, own, relays: relays.addresses, addresses: transport.addresses() }),
      noteChange: (driver) => this.#noteChange(driver),
    }
  }

  get #sessionContext(): SessionContext {
    const { wire, suite, own } = this.#host
    const { device, credential, inbox } = own
    return { wire, suite, device, leaf: leafOptions(device, credential), inbox: inbox.address }
  }
}
