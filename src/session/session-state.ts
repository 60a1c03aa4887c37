// What a session holds, and the draft on which one call works: it takes effect as a whole, or is dropped.

import { toHex } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { keyPackageRecord } from '../group/key-package-record.ts'
import type { LeafOptions, OwnKeyPackage } from '../group/key-packages.ts'
import type { InboxAddress } from '../wire/inbox.ts'
import { type Rendezvous, topicFromSeed } from '../wire/topic.ts'
import { type Admission, encodeAdmission } from './admission-records.ts'
import type { Delivery } from './effects.ts'
import type { DeviceId, EpochTree, NodeId } from './epoch-tree.ts'
import { HeardVotes } from './heard-votes.ts'
import { KeyTrials } from './key-trials.ts'
import { Ledger } from './ledger.ts'
import type { Overlay } from './overlay.ts'
import {
  encodeOutboxEntry,
  encodeOwnCommit,
  encodePendingIntent,
  type OutboxEntry,
  type OwnCommit,
  type PendingIntent,
} from './own-work.ts'
import {
  encodePeer,
  encodeReceived,
  encodeRecent,
  encodeRequest,
  encodeSpilled,
  encodeStoredVote,
  encodeTopic,
  encodeUnread,
  type Peer,
  type RecentMessage,
  type SpilledFrame,
  type StoredRequest,
  type StoredTopic,
  type StoredVote,
  type UnreadFrame,
} from './peers.ts'
import type { Ranges } from './ranges.ts'
import { encodeStatement, type SessionCounters } from './session-records.ts'
import { DEFAULT_SETTINGS, type SessionSettings } from './settings.ts'
import type { Statement } from './statement.ts'

/** What a session is given once and for all. */
export interface SessionContext {
  /** The suite of frames, topics and inboxes, and the hash of message ids. */
  readonly wire: CipherSuite
  /** The group's suite. */
  readonly suite: CipherSuite
  /** This device's signature key. */
  readonly device: KeyPair
  /** What this device's leaf says. */
  readonly leaf: LeafOptions
  /** Where Welcomes for this device are left. */
  readonly inbox: InboxAddress
  readonly settings?: Partial<SessionSettings>
}

/** The context with everything that follows from it. */
export interface Context extends Omit<SessionContext, 'settings'> {
  readonly settings: SessionSettings
  readonly groupId: Uint8Array
  /** This device. */
  readonly self: DeviceId
  /** Keys of the epochs' frames, which are asked for with every frame. */
  readonly frameKeys: Map<NodeId, Secret>
  readonly trials: KeyTrials
  readonly heardVotes: HeardVotes
}

export function contextOf(given: SessionContext, groupId: Uint8Array): Context {
  const settings = { ...DEFAULT_SETTINGS, ...given.settings }
  return {
    ...given,
    settings,
    groupId,
    self: toHex(given.device.publicKey),
    frameKeys: new Map(),
    trials: new KeyTrials(),
    heardVotes: new HeardVotes(),
  }
}

/** What a session keeps by name. A draft changes it in place, and takes the changes back where it fails. */
export interface Ledgers {
  /** By device. */
  readonly statements: Ledger<Statement>
  /** By device. */
  readonly votes: Ledger<StoredVote>
  /** By name. */
  readonly topics: Ledger<StoredTopic>
  /** By number in this device's log. */
  readonly outbox: Ledger<OutboxEntry>
  /** By number. */
  readonly intents: Ledger<PendingIntent>
  /** By epoch. */
  readonly commits: Ledger<OwnCommit>
  /** Which messages have come, by their sender's device. */
  readonly received: Ledger<Ranges>
  /** By device. */
  readonly peers: Ledger<Peer>
  /** By device and number. */
  readonly recent: Ledger<RecentMessage>
  /** By frame id. */
  readonly unread: Ledger<UnreadFrame>
  /** By frame id. */
  readonly spilled: Ledger<SpilledFrame>
  /** Key packages to be added again with, by reference. */
  readonly entries: Ledger<OwnKeyPackage>
  /** By kind and device. */
  readonly requests: Ledger<StoredRequest>
  /** Requests by invites, by a hash of the contact card. */
  readonly admissions: Ledger<Admission>
}

/** What each ledger begins with; the order of the entries is that in which they came. */
export type LedgerEntries = {
  readonly [Name in keyof Ledgers]?: Ledgers[Name] extends Ledger<infer V> ? Iterable<readonly [string, V]> : never
}

export function openLedgers(entries: LedgerEntries): Ledgers {
  return {
    statements: new Ledger('statement', encodeStatement, entries.statements),
    votes: new Ledger('vote', encodeStoredVote, entries.votes),
    topics: new Ledger('topic', encodeTopic, entries.topics),
    outbox: new Ledger('outbox', encodeOutboxEntry, entries.outbox, ({ id }) => messageKey(id)),
    intents: new Ledger('intent', encodePendingIntent, entries.intents),
    commits: new Ledger('own', encodeOwnCommit, entries.commits),
    received: new Ledger('received', encodeReceived, entries.received),
    peers: new Ledger('peer', encodePeer, entries.peers),
    recent: new Ledger('recent', encodeRecent, entries.recent),
    unread: new Ledger('unread', encodeUnread, entries.unread),
    spilled: new Ledger('spilled', encodeSpilled, entries.spilled),
    entries: new Ledger('entry', keyPackageRecord, entries.entries),
    requests: new Ledger('request', encodeRequest, entries.requests),
    admissions: new Ledger('admission', encodeAdmission, entries.admissions),
  }
}

/** A removed device that is to be told, until it is. */
export interface PlannedNotice {
  /** Of the request that is answered. */
  readonly generation: bigint
  /** Where the device has asked. */
  readonly topic: string
  readonly atMs: number
  /** Who has told it meanwhile. */
  readonly told: ReadonlySet<DeviceId>
}

/** What a session remembers of time, and may forget: after a restart it waits once more. In milliseconds since 1970. */
export interface Watch {
  /** Since when this device stands where it stands. */
  readonly standingSinceMs: number
  /** Since when what this device wants has been waiting for its turn, over however many epochs. */
  readonly waitingSinceMs: number | undefined
  /** When each fork was noticed, or this device last moved at it; and whether the app knows how it ended. */
  readonly forks: ReadonlyMap<NodeId, { readonly sinceMs: number; readonly told: boolean }>
  readonly votedAtMs: number
  /** The epoch that the last vote was for, the topics on which that has been said, and how often in all. */
  readonly said: { readonly id: NodeId; readonly on: ReadonlySet<string>; readonly times: number } | undefined
  /** Whether it is undecided where the group goes on. */
  readonly open: boolean
  /** Who cannot process the commit that stands in the way, where the group goes on without it; and since when that is plain. */
  readonly alternative: { readonly stuck: ReadonlySet<DeviceId>; readonly sinceMs: number } | undefined
  /** When to look again at where the group goes. */
  readonly lookAtMs: number | undefined
  /** Devices whose messages came and are not acknowledged yet. */
  readonly unacknowledged: ReadonlySet<DeviceId>
  readonly acknowledgeAtMs: number | undefined
  /** Since when the group is known to be where this device has not followed. */
  readonly behindSinceMs: number | undefined
  readonly detached: boolean
  /** When to ask, next time, to be added again, and how often that was. */
  readonly askAtMs: number | undefined
  readonly asked: number
  /** When to tell those who are left behind where this device stands. */
  readonly answerAtMs: number | undefined
  /** On which topics, with the least height behind which those who hear it there do not know who stands. */
  readonly answerOn: ReadonlyMap<string, bigint>
  /** Members who have done so since it was planned. */
  readonly answered: ReadonlySet<DeviceId>
  /** Devices that ask to be added again and were removed, by device. */
  readonly notices: ReadonlyMap<DeviceId, PlannedNotice>
  /** Members who say that this device was removed, since it last asked to be added again. */
  readonly toldRemoved: ReadonlySet<DeviceId>
  /** In which epoch this device has asked to be let go. */
  readonly leavingFrom: NodeId | undefined
  /** Whether commits wait for which there was no room. */
  readonly crowded: boolean
  /** Whether there may be room for them now, so that they are tried again. */
  readonly retryUnread: boolean
  /**
   * How far the archive has been read again since this device came to stand where it stands: what came before has been. Undefined:
   * there is nothing more to read.
   */
  readonly rereading: { readonly from: bigint; readonly atMs: number; readonly isUnderWay: boolean } | undefined
  /** Until when frames that no key opens are nothing special, since this device has just joined. */
  readonly newUntilMs: number
  /** Whether frames came that no key opens, on which topics. */
  readonly strange: ReadonlySet<string>
  readonly strangeVoteAtMs: number
  /** When to say where this device stands, if it hears nothing until then. Undefined: not looked at yet. */
  readonly silenceAtMs: number | undefined
  /** When to look again whether members may be on other topics who hear nothing here. Undefined: not looked at yet. */
  readonly callAtMs: number | undefined
  /** When somebody said on such a topic where the group is. */
  readonly calledAtMs: ReadonlyMap<string, number>
  readonly syncedAtMs: number
  /** Members of whom the app has been told that they do not answer. */
  readonly silent: ReadonlySet<string>
  /** Messages that are missing, by device: since when. */
  readonly gaps: ReadonlyMap<DeviceId, number>
  /** How many messages the app knows to be missing, by the device that sent them. */
  readonly gapsTold: ReadonlyMap<DeviceId, number>
  /** Devices that are to tell what they have before anything is sent to them again, since one of the two came back; how long. */
  readonly awaited: ReadonlyMap<DeviceId, number>
  /** How often messages have been sent more than once again, by number. */
  readonly again: ReadonlyMap<bigint, number>
  /** When to look again at what was sent to a device. */
  readonly outboxAtMs: ReadonlyMap<DeviceId, number>
  /** When messages are no longer kept from those whom their branch had removed. */
  readonly heldUntilMs: number | undefined
  /** When to look again at messages that everybody here has acknowledged and that are kept all the same. */
  readonly forgetAtMs: number | undefined
  /** Whether messages of the outbox may be on branches that this device has left. */
  readonly strayed: boolean
}

export function newWatch(nowMs: number): Watch {
  return {
    standingSinceMs: nowMs,
    waitingSinceMs: undefined,
    forks: new Map(),
    votedAtMs: 0,
    said: undefined,
    open: false,
    alternative: undefined,
    lookAtMs: undefined,
    unacknowledged: new Set(),
    acknowledgeAtMs: undefined,
    behindSinceMs: undefined,
    detached: false,
    askAtMs: undefined,
    asked: 0,
    answerAtMs: undefined,
    answerOn: new Map(),
    answered: new Set(),
    notices: new Map(),
    toldRemoved: new Set(),
    leavingFrom: undefined,
    crowded: false,
    retryUnread: false,
    rereading: { from: 0n, atMs: 0, isUnderWay: false },
    newUntilMs: 0,
    strange: new Set(),
    strangeVoteAtMs: 0,
    silenceAtMs: undefined,
    callAtMs: undefined,
    calledAtMs: new Map(),
    syncedAtMs: 0,
    silent: new Set(),
    gaps: new Map(),
    gapsTold: new Map(),
    awaited: new Map(),
    again: new Map(),
    outboxAtMs: new Map(),
    heldUntilMs: undefined,
    forgetAtMs: undefined,
    strayed: true,
  }
}

/** Never changes but for its ledgers and what was told; a call that succeeds puts another in its place. */
export interface SessionState {
  readonly tree: EpochTree
  readonly counters: SessionCounters
  readonly ledgers: Ledgers
  readonly watch: Watch
  /** What the app knows of its messages' ways, by number. Forgotten with the process. */
  readonly told: Overlay<Delivery>
  /** Opened topics, by name. */
  readonly rendezvous: ReadonlyMap<string, Rendezvous>
}

export function messageKey(id: Uint8Array): string {
  return toHex(id)
}

/** The keys of the topics that are listened to. */
export async function openTopics(wire: CipherSuite, topics: Ledger<StoredTopic>): Promise<Map<string, Rendezvous>> {
  const opened = [...topics.entries()].map(async ([name, { seed, controlKey }]) => {
    const topic = await topicFromSeed(wire, seed)
    return [name, { topic, controlKey: new Secret(controlKey.slice()) }] as const
  })
  return new Map(await Promise.all(opened))
}
