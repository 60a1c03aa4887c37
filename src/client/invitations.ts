// What becomes of a Welcome: joined at once, or kept as a request until the app has decided.

import { toHex } from '../bytes.ts'
import { CoterieError, fail } from '../errors.ts'
import type { OwnKeyPackage } from '../group/key-packages.ts'
import { wipeState } from '../group/wipe.ts'
import { readDeviceCredential } from '../identity/device-credential.ts'
import { identityOf, readGroupProfile } from '../session/group-profile.ts'
import { openWelcome, type Welcomed } from '../session/welcomed.ts'
import { type BatchPart, bothOf } from '../storage/store.ts'
import type { ArchivableFrame } from '../topics/frame-archive.ts'
import { leafAt, members } from '../tree/ratchet-tree.ts'
import type { Correspondence } from './correspondence.ts'
import { Declined } from './declined.ts'
import { type EarlyWelcome, type EarlyWelcomeHost, EarlyWelcomes } from './early-welcomes.ts'
import type { Group } from './group.ts'
import type { Work } from './group-driver.ts'
import {
  decodeRequest,
  encodeRequest,
  type InvitationPreview,
  JoinRequest,
  JoinRequests,
  type KeptRequest,
} from './join-requests.ts'
import type { Joining } from './joining.ts'
import type { OwnStock } from './own-stock.ts'
import { tooMany } from './waiting-room.ts'

/** What invitations are answered with. */
export interface InvitationHost extends Omit<Correspondence, 'transport' | 'noteTopic'> {
  /** Whether invitations wait for the app. */
  readonly ask: boolean
  isMember(groupId: string): boolean
  /** Whether an identity is in a group with this client: its invitations are never dropped for those of strangers. */
  isKnown(identity: string): boolean
  /** A group that this client has, and whether a Welcome to it is needed. */
  group: EarlyWelcomeHost['group']
  /** Key packages that relays hand out. */
  readonly stock: OwnStock
  /** Key packages with which this device has asked groups to be added again. */
  reentryKeyPackages(): readonly OwnKeyPackage[]
  /** What this client has asked for itself. */
  readonly joining: Pick<Joining, 'answeredBy'>
  /** Runs one operation after the other. */
  inTurn<T>(operation: () => Promise<T>): Promise<T>
  /** Goes on from where a Welcome leads. @param work - done together with it */
  enter(welcomed: Welcomed, work: Pick<Work, 'received' | 'also'>): Promise<Group>
}

export class Invitations {
  readonly requests: JoinRequests = new JoinRequests()
  readonly #host: InvitationHost
  readonly #kept = new Map<string, KeptRequest>()
  readonly #early: EarlyWelcomes
  readonly #declined: Declined

  constructor(host: InvitationHost) {
    this.#host = host
    this.#declined = new Declined(host.store)
    this.#early = new EarlyWelcomes({
      ...host,
      group: (groupId) => host.group(groupId),
      retry: (welcome, also) => host.inTurn(() => this.#use(welcome, '', { also })),
      warn: (error) => host.warn(error),
    })
  }

  /** Brings back the requests that are on disk. */
  async restore(): Promise<void> {
    const found: KeptRequest[] = []
    for await (const [id, value] of this.#host.store.entries(REQUESTS)) found.push(decodeRequest(id, value))
    for (const request of found.sort(byAge)) this.#enter(request)
    await this.#declined.restore(this.#host.clock())
    await this.#early.restore()
  }

  /**
   * Takes a Welcome. To be called one after the other.
   * @param frame - what the Welcome came in, archived together with what it leads to: it takes effect once
   * @param from - the peer that passed it on
   * @throws CoterieError what `joinGroup` throws
   */
  async take(welcome: Uint8Array, frame: ArchivableFrame, from: string): Promise<void> {
    try {
      await this.#use(welcome, from, { received: [frame] })
    } catch (error) {
      if (!CoterieError.is(error, 'GROUP_WELCOME_EARLY')) throw error
      await this.#early.keep(await this.#earlyOf(welcome), frame)
    }
  }

  /** @param work - done together with what becomes of it */
  async #use(welcome: Uint8Array, from: string, work: Pick<Work, 'received' | 'also'>): Promise<void> {
    const { received = [], also } = work
    const welcomed = await this.#open(welcome)
    const asked = this.#host.joining.answeredBy(welcome, welcomed.group)
    // Whoever is in the group already has been asked before, and whoever has used a link has asked.
    const isAsked = asked !== undefined || this.#host.isMember(toHex(welcomed.group.groupContext.groupId))
    if (isAsked || !this.#host.ask) {
      const spend = bothOf(this.#host.stock.spend(welcome), asked?.also)
      const group = await this.#host.enter(welcomed, { received, also: bothOf(spend, also) })
      await asked?.done(group)
      return
    }
    try {
      await this.#keep(welcomed, { welcome, from }, received, also)
    } finally {
      wipeState(welcomed.group, [])
    }
  }

  async #earlyOf(welcome: Uint8Array): Promise<EarlyWelcome> {
    const welcomed = await this.#open(welcome)
    const { invitedBy } = previewOf(welcomed)
    const { groupId, epoch } = welcomed.group.groupContext
    wipeState(welcomed.group, [])
    return { groupId: toHex(groupId), inviter: invitedBy.identity, epoch, welcome }
  }

  async #keep(
    welcomed: Welcomed,
    { welcome, from }: Pick<KeptRequest, 'welcome' | 'from'>,
    frames: readonly ArchivableFrame[],
    also?: BatchPart,
  ): Promise<void> {
    const { wire, archive, clock } = this.#host
    const preview = previewOf(welcomed)
    const id = toHex(wire.hash.digest(welcome))
    const { epoch } = welcomed.group.groupContext
    const request = { ...preview, id, receivedAtMs: clock(), from, epoch, welcome }
    // Somebody who invites again has made a new Welcome: the latest is the one to join by.
    const same = [...this.#kept.values()].find((other) => isSameInvitation(other, request))
    const isNews = !this.#declined.has(id) && (same === undefined || same.epoch < request.epoch)
    const others = [...this.#kept.values()].filter((other) => other !== same)
    const dropped = isNews ? this.#tooMany([...others, request]) : []
    const gone = isNews && same !== undefined ? [same, ...dropped] : dropped
    const stays = isNews && !dropped.includes(request)
    await archive.write(frames, (batch) => {
      also?.(batch)
      for (const other of gone) batch.delete(REQUESTS, other.id)
      if (stays) batch.put(REQUESTS, id, encodeRequest(request))
    })
    for (const other of gone) this.#leave(other.id)
    if (stays) this.#enter(request)
    for (const { group } of dropped) {
      this.#host.warn(
        new CoterieError('REQUEST_DROPPED', `too many invitations wait: one to ${group.name} was dropped`),
      )
    }
  }

  /** @param all - in the order in which they came */
  #tooMany(all: readonly KeptRequest[]): readonly KeptRequest[] {
    const waiting = all.map((request) => ({ identity: request.invitedBy.identity, from: request.from, request }))
    return tooMany(waiting, (identity) => this.#host.isKnown(identity)).map(({ request }) => request)
  }

  async #accept(id: string): Promise<Group> {
    const request = this.#find(id)
    const welcomed = await this.#open(request.welcome)
    const answered = [...this.#kept.values()].filter(({ group }) => group.id === request.group.id)
    const spend = this.#host.stock.spend(request.welcome)
    const group = await this.#host.enter(welcomed, {
      also: bothOf(spend, (batch) => {
        for (const other of answered) batch.delete(REQUESTS, other.id)
      }),
    })
    for (const other of answered) this.#leave(other.id)
    return group
  }

  async #decline(id: string): Promise<void> {
    this.#find(id)
    const noteDeclined = this.#declined.add(id, this.#host.clock())
    await this.#host.store.write((batch) => {
      batch.delete(REQUESTS, id)
      noteDeclined(batch)
    })
    this.#leave(id)
  }

  #open(welcome: Uint8Array): Promise<Welcomed> {
    return openWelcome(this.#host, welcome, this.#keyPackages, this.#host.clock())
  }

  get #keyPackages(): readonly OwnKeyPackage[] {
    return [...this.#host.own.keyPackages.all, ...this.#host.stock.keyPackages, ...this.#host.reentryKeyPackages()]
  }

  #find(id: string): KeptRequest {
    return this.#kept.get(id) ?? fail('REQUEST_UNKNOWN', 'this invitation has been answered, or was dropped')
  }

  #enter(request: KeptRequest): void {
    this.#kept.set(request.id, request)
    this.requests.enter(
      new JoinRequest(request, {
        accept: (id) => this.#host.inTurn(() => this.#accept(id)),
        decline: (id) => this.#host.inTurn(() => this.#decline(id)),
      }),
    )
  }

  #leave(id: string): void {
    this.#kept.delete(id)
    this.requests.remove(id)
  }
}

function previewOf({ group: state, signer }: Welcomed): InvitationPreview {
  const { name, description, admins } = readGroupProfile(state.groupContext.extensions)
  const inviter = leafAt(state.tree, signer) ?? fail('JOIN_SIGNER', 'a Welcome of nobody in the group')
  const others = [...members(state.tree)].filter(({ leafIndex }) => leafIndex !== state.own.leafIndex)
  return {
    group: {
      id: toHex(state.groupContext.groupId),
      name,
      description,
      members: others.map(({ leafNode }) => {
        const identity = identityOf(leafNode)
        return { identity, name: readDeviceCredential(leafNode.credential).name, admin: admins.includes(identity) }
      }),
    },
    invitedBy: { identity: identityOf(inviter), name: readDeviceCredential(inviter.credential).name },
  }
}

function isSameInvitation(a: KeptRequest, b: KeptRequest): boolean {
  return a.group.id === b.group.id && a.invitedBy.identity === b.invitedBy.identity
}

function byAge(a: KeptRequest, b: KeptRequest): number {
  return a.receivedAtMs - b.receivedAtMs || (a.id < b.id ? -1 : 1)
}

/** The bucket of the requests. */
const REQUESTS = 'requests'
