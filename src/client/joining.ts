// Joining by an invite link (spec/invite.md): a request that is left for the members, and kept until a Welcome or a refusal
// answers it, over restarts too.

import { toHex } from '../bytes.ts'
import { CoterieError, fail } from '../errors.ts'
import type { GroupState } from '../group/state.ts'
import { WireFormat } from '../messages/code-points.ts'
import { keyPackageRef } from '../messages/key-package.ts'
import { decodeMlsMessage } from '../messages/mls-message.ts'
import { nodeIdOf } from '../session/epoch-tree.ts'
import { inviteKey } from '../session/group-invites.ts'
import { readGroupInvites } from '../session/group-profile.ts'
import { type BatchPart, bothOf } from '../storage/store.ts'
import type { ArchivableFrame } from '../topics/frame-archive.ts'
import { Sequence } from '../transport/sequence.ts'
import { decodeContactCard, encodeContactCard } from '../wire/contact-card.ts'
import { parseFrame, sealFrame } from '../wire/frame.ts'
import { ANSWER_KEY_BYTES, AnswerReason, inviteChannel, readAnswer, sealAdmissionRequest } from '../wire/invite.ts'
import { type InviteLink, readInviteLink } from '../wire/invite-link.ts'
import type { TopicKeys } from '../wire/topic.ts'
import type { Correspondence } from './correspondence.ts'
import { answerError, GrantedJoins } from './granted-joins.ts'
import type { Group } from './group.ts'
import { decodePendingJoin, encodePendingJoin, type PendingJoin } from './join-records.ts'
import { type InvitePreview, JoiningGroup } from './joining-group.ts'
import { putLeftTopic } from './left-topics.ts'
import type { OwnStock } from './own-stock.ts'
import type { Relays } from './relays.ts'

/** What a client joins by links with. */
export interface JoiningHost extends Correspondence {
  readonly stock: OwnStock
  readonly relays: () => Pick<Relays, 'addresses' | 'use' | 'forget' | 'noteLeft'>
  /** The group of this client that has an invite, if there is one. @param key - see `inviteKey` */
  groupWith(key: string): Group | undefined
}

export class Joining {
  /** Requests that have led into a group. */
  readonly granted: GrantedJoins
  readonly #host: JoiningHost
  /** By what the invite is known by. */
  readonly #pending = new Map<string, Pending>()
  /** One thing at a time; what is under way when the client closes ends before its store does. */
  readonly #turns = new Sequence()
  #isStopped = false

  constructor(host: JoiningHost) {
    this.#host = host
    this.granted = new GrantedJoins(host)
  }

  /** Those that wait for an answer, the oldest first. */
  get list(): readonly JoiningGroup[] {
    return [...this.#pending.values()].map(({ shown }) => shown)
  }

  /** Whether something is carried for a request: see `Relays.use`. */
  has(key: string): boolean {
    return key.startsWith(PREFIX) && this.#pending.has(key.slice(PREFIX.length))
  }

  /** @throws CoterieError `INVITE_MALFORMED`, `INVITE_SIGNATURE`, `INVITE_EXPIRED` */
  async preview(url: string): Promise<InvitePreview> {
    return previewOf(await this.#read(url))
  }

  /** Asks to be let in; on disk when this resolves. @throws CoterieError `INVITE_*`, `ARGUMENT_INVALID`, `CLIENT_CLOSED` */
  ask(text: string, note: string): Promise<JoiningGroup> {
    return this.#turns.run(() => this.#askBy(text.trim(), note))
  }

  /** Brings back what is on disk. */
  async restore(): Promise<void> {
    await this.granted.restore()
    const found: PendingJoin[] = []
    for await (const [, value] of this.#host.store.entries(JOINS)) found.push(decodePendingJoin(value))
    for (const record of found.sort((a, b) => a.requestedAtMs - b.requestedAtMs)) {
      await this.#enter(record, await readInviteLink(this.#host.wire, record.url))
    }
  }

  /** Asks again for all that wait. To be called when the transport runs. */
  start(): void {
    for (const pending of this.#pending.values()) this.#askSoon(pending)
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const { timer, shown } of this.#pending.values()) {
      clearTimeout(timer)
      shown.close()
    }
    await this.#turns.run(async () => undefined)
  }

  /** What a Welcome that answers a request brings with it; undefined where it is another. */
  answeredBy(
    welcome: Uint8Array,
    entered: GroupState,
  ): { also: BatchPart; done: (group: Group) => Promise<void> } | undefined {
    const message = decodeMlsMessage(welcome)
    if (message.wireFormat !== WireFormat.welcome) return undefined
    const references = new Set(message.welcome.secrets.map(({ newMember }) => toHex(newMember)))
    const invites = new Set(readGroupInvites(entered.groupContext.extensions).map(inviteKey))
    const groupId = toHex(entered.groupContext.groupId)
    const epoch = nodeIdOf(entered)
    const pending = [...this.#pending.values()].find(({ reference }) => references.has(reference))
    // Whoever read the request could add this client to some other group by it: that one nobody asked for.
    if (pending !== undefined && invites.has(pending.key)) {
      const { answerKey, requestedAtMs } = pending.record
      const granted = { answerKey, requestedAtMs, epoch, reason: undefined }
      return {
        also: bothOf((batch) => batch.delete(JOINS, pending.topic.name), this.granted.keep(groupId, granted)),
        done: async (group) => {
          this.#end(pending)
          this.granted.note(group.id, granted)
          pending.shown.settle({ group })
          await this.#host.relays().use(group.id, pending.link.relays)
          await this.#host.relays().forget(PREFIX + pending.key)
        },
      }
    }
    return this.granted.letInAfterAll(references, invites, groupId, epoch)
  }

  /** What was left in the inbox to say that a request is in vain. */
  async takeAnswer(body: Uint8Array, frame: ArchivableFrame): Promise<void> {
    const { wire, archive } = this.#host
    for (const pending of this.#pending.values()) {
      const reason = readAnswer(wire, pending.record.answerKey, body)
      if (reason === undefined) continue
      const { answerKey, requestedAtMs } = pending.record
      const answered = { answerKey, requestedAtMs, invite: pending.key, reason }
      const forget: BatchPart = (batch) => batch.delete(JOINS, pending.topic.name)
      await archive.write([frame], bothOf(forget, this.granted.keepAnswered(pending.reference, answered)))
      this.granted.noteAnswered(pending.reference, answered)
      await this.#fail(pending, reason)
      return
    }
    await archive.write([frame], this.granted.takeAnswer(body))
  }

  async #askBy(url: string, note: string): Promise<JoiningGroup> {
    if (this.#isStopped) fail('CLIENT_CLOSED', 'this client has been closed')
    const link = await this.#read(url)
    const key = inviteKeyOf(link)
    const joined = this.#host.groupWith(key)
    if (joined?.isMember === true) {
      const record = { url, note, requestedAtMs: this.#host.clock() }
      const shown = new JoiningGroup(previewOf(link), record, async () => undefined)
      shown.settle({ group: joined })
      return shown
    }
    const known = this.#pending.get(key)
    const pending = known ?? (await this.#begin(url, link, note))
    if (known !== undefined) await this.#goOn(known, url, link)
    return pending.shown
  }

  async #read(url: string): Promise<InviteLink> {
    const link = await readInviteLink(this.#host.wire, url)
    if (this.#host.clock() >= Number(link.expiresAt) * 1_000) fail('INVITE_EXPIRED', 'this link has expired')
    return link
  }

  async #begin(url: string, link: InviteLink, note: string): Promise<Pending> {
    const { wire, store, stock, own, transport, clock } = this.#host
    if (this.#pending.size >= MAX_PENDING) fail('INVITE_LIMIT', `at most ${MAX_PENDING} requests can wait`)
    const [made] = await stock.make(1)
    if (made === undefined) return fail('INVITE_LIMIT', 'too many key packages of this device are in use')
    const ownRelays = this.#host.relays().addresses
    const card = await encodeContactCard(wire, own.device, {
      keyPackage: made.keyPackage,
      inbox: own.inbox.address,
      addresses: transport.addresses(),
      relays: ownRelays.length > 0 ? ownRelays : link.relays.filter((address) => transport.isAddress(address)),
    })
    const record = {
      url,
      card,
      answerKey: wire.randomBytes(ANSWER_KEY_BYTES),
      note,
      requestedAtMs: clock(),
      frameId: '',
    }
    const { topic } = await inviteChannel(wire, link.topicSeed)
    // Refuses too long a note before anything is on disk.
    await sealAdmissionRequest(wire, link, record)
    await store.write((batch) => batch.put(JOINS, topic.name, encodePendingJoin(record)))
    const pending = await this.#enter(record, link)
    this.#askSoon(pending)
    return pending
  }

  async #enter(record: PendingJoin, link: InviteLink): Promise<Pending> {
    const { wire, suite } = this.#host
    const { keyPackage } = await decodeContactCard(wire, record.card)
    const key = inviteKeyOf(link)
    const shown = new JoiningGroup(previewOf(link), record, () => this.#turns.run(() => this.#cancel(key)))
    const { topic } = await inviteChannel(wire, link.topicSeed)
    const pending: Pending = {
      ...{ key, record, link, topic, shown, timer: undefined, tries: 0, leftAtMs: this.#host.clock() },
      reference: toHex(keyPackageRef(suite, keyPackage)),
    }
    this.#pending.set(key, pending)
    return pending
  }

  /** Asked again, perhaps by a link with other addresses. */
  async #goOn(pending: Pending, url: string, link: InviteLink): Promise<void> {
    pending.record = { ...pending.record, url }
    pending.link = link
    pending.tries = 0
    await this.#host.store.write((batch) => batch.put(JOINS, pending.topic.name, encodePendingJoin(pending.record)))
    this.#askSoon(pending)
  }

  #askSoon(pending: Pending): void {
    this.#turns.run(() => this.#ask(pending)).catch((error: unknown) => this.#host.warn(error))
  }

  /** Leaves the request where members find it, and tries to reach some. */
  async #ask(pending: Pending): Promise<void> {
    if (!this.#waits(pending)) return
    const { archive, transport, clock } = this.#host
    const { link, topic } = pending
    const leftMs = Number(link.expiresAt) * 1_000 - clock()
    if (leftMs <= 0) {
      await this.#host.store.write((batch) => batch.delete(JOINS, topic.name))
      await this.#fail(pending, AnswerReason.expired)
      return
    }
    this.#plan(pending, Math.min(leftMs, LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** pending.tries++))
    const isOld = clock() - pending.leftAtMs > AGAIN_MS
    if (isOld || !(await archive.has(topic.name, pending.record.frameId))) await this.#leave(pending)
    if (!this.#waits(pending)) return
    this.#host.noteTopic({ keys: topic, isInbox: false })
    await this.#host.relays().use(PREFIX + pending.key, link.relays)
    for (const address of link.addresses) {
      // They may be off: others, or a relay, have it then.
      transport.connect(address).catch(() => undefined)
    }
  }

  async #leave(pending: Pending): Promise<void> {
    const { wire, archive, transport, clock } = this.#host
    const { record, link, topic } = pending
    const { frameKey } = await inviteChannel(wire, link.topicSeed)
    const bytes = await sealFrame(wire, topic, frameKey, await sealAdmissionRequest(wire, link, record), clock())
    const frame = parseFrame(wire, topic.name, bytes)
    // It may have been answered meanwhile.
    if (!this.#waits(pending)) return
    pending.record = { ...record, frameId: toHex(frame.id) }
    pending.leftAtMs = clock()
    await archive.write([frame], (batch) => {
      putLeftTopic({ keys: topic, isInbox: false })(batch)
      batch.put(JOINS, topic.name, encodePendingJoin(pending.record))
    })
    this.#host.relays().noteLeft([topic.name])
    await transport.publish(topic.name, bytes)
  }

  #plan(pending: Pending, delayMs: number): void {
    clearTimeout(pending.timer)
    if (this.#isStopped) return
    // Whoever waits for an answer keeps the program from ending, until the client is closed.
    pending.timer = setTimeout(() => this.#askSoon(pending), delayMs)
  }

  async #cancel(key: string): Promise<void> {
    const pending = this.#pending.get(key)
    if (pending === undefined) return
    await this.#host.store.write((batch) => batch.delete(JOINS, pending.topic.name))
    this.#end(pending)
    pending.shown.settle({ error: new CoterieError('INVITE_CANCELLED', 'joining was given up') })
    await this.#takeBack(pending)
  }

  async #fail(pending: Pending, reason: AnswerReason): Promise<void> {
    this.#end(pending)
    pending.shown.settle({ error: answerError(reason) })
    await this.#takeBack(pending)
  }

  #waits(pending: Pending): boolean {
    return !this.#isStopped && this.#pending.get(pending.key) === pending
  }

  #end(pending: Pending): void {
    clearTimeout(pending.timer)
    this.#pending.delete(pending.key)
  }

  async #takeBack({ key, topic }: Pending): Promise<void> {
    await this.#host.archive.clear(topic.name)
    await this.#host.relays().forget(PREFIX + key)
  }
}

interface Pending {
  readonly key: string
  record: PendingJoin
  link: InviteLink
  readonly topic: TopicKeys
  /** The key package's, in hexadecimal. */
  readonly reference: string
  readonly shown: JoiningGroup
  timer: ReturnType<typeof setTimeout> | undefined
  /** How often the link's addresses were tried. */
  tries: number
  /** When the request was left, or was found to be. */
  leftAtMs: number
}

function inviteKeyOf({ topicSeed }: InviteLink): string {
  return toHex(topicSeed)
}

function previewOf({ groupName, invitedBy, expiresAt, approve }: InviteLink): InvitePreview {
  const { identity, name } = invitedBy
  const expires = new Date(Number(expiresAt) * 1_000)
  return { group: { name: groupName }, invitedBy: { identity, name }, expiresAt: expires, needsApproval: approve }
}

/** The bucket of requests that wait, by the topic that they were left on. */
const JOINS = 'joins'
/** What relays are used for until there is a group. */
const PREFIX = 'join/'
const MAX_PENDING = 100
/** Sooner than others forget a request. */
const AGAIN_MS = 3 * 86_400_000
/** Between two times that the link's addresses are tried; doubles each time. */
const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 600_000
