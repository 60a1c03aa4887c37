// What becomes of a Welcome: joined at once, or kept as a request until the app has decided.

import { toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import { joinGroup, welcomeSigner } from '../group/join-welcome.ts'
import type { OwnKeyPackage } from '../group/key-packages.ts'
import { ownKeyPair } from '../group/own-copy.ts'
import type { GroupState } from '../group/state.ts'
import { wipeState } from '../group/wipe.ts'
import { readDeviceCredential } from '../identity/device-credential.ts'
import { identityOf, readGroupProfile } from '../session/group-profile.ts'
import { sessionPolicy } from '../session/session-policy.ts'
import type { Store } from '../storage/store.ts'
import type { ArchivableFrame, FrameArchive } from '../topics/frame-archive.ts'
import { leafAt, members } from '../tree/ratchet-tree.ts'
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
import type { OwnIdentity } from './own-identity.ts'
import type { OwnStock } from './own-stock.ts'

/** What invitations are answered with. */
export interface InvitationHost {
  readonly suite: CipherSuite
  readonly wire: CipherSuite
  readonly store: Store
  readonly archive: FrameArchive
  readonly own: OwnIdentity
  readonly clock: () => number
  /** Whether invitations wait for the app. */
  readonly ask: boolean
  isMember(groupId: string): boolean
  /** Key packages that relays hand out. */
  readonly stock: OwnStock
  /** Key packages with which this device has asked groups to be added again. */
  reentryKeyPackages(): readonly OwnKeyPackage[]
  /** Runs one operation after the other. */
  inTurn<T>(operation: () => Promise<T>): Promise<T>
  /** Goes on from where a Welcome leads. @param work - done together with it */
  enter(state: GroupState, work: Pick<Work, 'received' | 'also'>): Promise<Group>
  warn(error: CoterieError): void
}

export class Invitations {
  readonly requests: JoinRequests = new JoinRequests()
  readonly #host: InvitationHost
  readonly #kept = new Map<string, KeptRequest>()

  constructor(host: InvitationHost) {
    this.#host = host
  }

  /** Brings back the requests that are on disk. */
  async restore(): Promise<void> {
    const found: KeptRequest[] = []
    for await (const [id, value] of this.#host.store.entries(REQUESTS)) found.push(decodeRequest(id, value))
    for (const request of found.sort(byAge)) this.#enter(request)
  }

  /**
   * Takes a Welcome. To be called one after the other.
   * @param frame - what the Welcome came in, archived together with what it leads to: it takes effect once
   * @throws CoterieError what `joinGroup` throws
   */
  async take(welcome: Uint8Array, frame: ArchivableFrame): Promise<void> {
    const state = await this.#join(welcome)
    // Whoever is in the group already has been asked before.
    if (!this.#host.ask || this.#host.isMember(toHex(state.groupContext.groupId))) {
      await this.#host.enter(state, { received: [frame], also: this.#host.stock.spend(welcome) })
      return
    }
    try {
      await this.#keep(state, welcome, frame)
    } finally {
      wipeState(state, [])
    }
  }

  async #keep(state: GroupState, welcome: Uint8Array, frame: ArchivableFrame): Promise<void> {
    const { suite, wire, archive, clock } = this.#host
    const preview = previewOf(state, await welcomeSigner(suite, welcome, this.#keyPackages))
    const id = toHex(wire.hash.digest(welcome))
    const request = { ...preview, id, receivedAtMs: clock(), epoch: state.groupContext.epoch, welcome }
    // Somebody who invites again has made a new Welcome: the latest is the one to join by.
    const same = [...this.#kept.values()].find((other) => isSameInvitation(other, request))
    const isNews = same === undefined || same.epoch < request.epoch
    const others = [...this.#kept.values()].filter((other) => other !== same)
    const dropped = same === undefined ? others.slice(0, Math.max(0, others.length + 1 - MAX_REQUESTS)) : []
    const gone = isNews && same !== undefined ? [same, ...dropped] : dropped
    await archive.write([frame], (batch) => {
      for (const other of gone) batch.delete(REQUESTS, other.id)
      if (isNews) batch.put(REQUESTS, id, encodeRequest(request))
    })
    for (const other of gone) this.#leave(other.id)
    if (isNews) this.#enter(request)
    for (const { group } of dropped) {
      this.#host.warn(
        new CoterieError('REQUEST_DROPPED', `too many invitations wait: the oldest, to ${group.name}, was dropped`),
      )
    }
  }

  async #accept(id: string): Promise<Group> {
    const request = this.#find(id)
    const state = await this.#join(request.welcome)
    const answered = [...this.#kept.values()].filter(({ group }) => group.id === request.group.id)
    const spend = this.#host.stock.spend(request.welcome)
    const group = await this.#host.enter(state, {
      also: (batch) => {
        spend(batch)
        for (const other of answered) batch.delete(REQUESTS, other.id)
      },
    })
    for (const other of answered) this.#leave(other.id)
    return group
  }

  async #decline(id: string): Promise<void> {
    this.#find(id)
    await this.#host.store.write((batch) => batch.delete(REQUESTS, id))
    this.#leave(id)
  }

  #join(welcome: Uint8Array): Promise<GroupState> {
    const { suite, wire, clock } = this.#host
    return joinGroup(suite, welcome, this.#keyPackages.map(lent), {
      nowMs: clock(),
      policy: sessionPolicy(wire),
      // The session keeps past epochs itself, as whole states.
      limits: { pastEpochs: 0 },
    })
  }

  get #keyPackages(): readonly OwnKeyPackage[] {
    return [...this.#host.own.keyPackages, ...this.#host.stock.keyPackages, ...this.#host.reentryKeyPackages()]
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

function previewOf(state: GroupState, signer: number): InvitationPreview {
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

/** With private keys of its own: the state takes them over, and the card's key package is used more than once. */
function lent(own: OwnKeyPackage): OwnKeyPackage {
  const { initKeyPair, encryptionKeyPair, signatureKeyPair } = own.secrets
  const secrets = {
    initKeyPair: ownKeyPair(initKeyPair),
    encryptionKeyPair: ownKeyPair(encryptionKeyPair),
    signatureKeyPair: ownKeyPair(signatureKeyPair),
  }
  return { ...own, secrets }
}

function isSameInvitation(a: KeptRequest, b: KeptRequest): boolean {
  return a.group.id === b.group.id && a.invitedBy.identity === b.invitedBy.identity
}

function byAge(a: KeptRequest, b: KeptRequest): number {
  return a.receivedAtMs - b.receivedAtMs || (a.id < b.id ? -1 : 1)
}

/** The bucket of the requests. */
const REQUESTS = 'requests'
/** How many requests are kept. */
const MAX_REQUESTS = 100
