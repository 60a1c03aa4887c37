// The session of one group on one device, without I/O, clock or timers: frames and wishes go in, effects come out. Every
// call takes effect as a whole or changes nothing. What a peer did wrong is an event, never an exception.

import { EMPTY, toHex } from '../bytes.ts'
import type { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import { exportSecret } from '../group/exporter.ts'
import type { OwnKeyPackage } from '../group/key-packages.ts'
import type { GroupState } from '../group/state.ts'
import { readDeviceCredential } from '../identity/device-credential.ts'
import { members } from '../tree/ratchet-tree.ts'
import { type Frame, readFrame } from '../wire/frame.ts'
import type { AdmissionRequest } from '../wire/invite.ts'
import type { TopicKeys } from '../wire/topic.ts'
import type { Admission } from './admission-records.ts'
import { applicants, decide, takeAdmission } from './admissions.ts'
import { checkIntent } from './committing.ts'
import { deliveryOf, recipientsOf } from './deliveries.ts'
import { Draft } from './draft.ts'
import type { ArchivedName, Delivery, Effects, Mail, SessionMember } from './effects.ts'
import { EpochTree, isOnOpenEpoch, isOpen, type NodeId, nodeIdOf, type OpenEpoch } from './epoch-tree.ts'
import type { GroupInvite } from './group-invites.ts'
import { type GroupProfile, identityOf, readGroupInvites, readGroupProfile } from './group-profile.ts'
import { owesWelcomes } from './handing-out.ts'
import { isInVain, leaveInVain } from './in-vain.ts'
import { type Outline, outlineOf, reportOf, type SessionReport } from './inspecting.ts'
import type { Intent } from './intents.ts'
import { tellOfMail } from './mail.ts'
import type { StoredMessage } from './message-record.ts'
import { sendMessage } from './messages.ts'
import { notePublished } from './outbox.ts'
import { Overlay } from './overlay.ts'
import { isMember, requireMember } from './own-membership.ts'
import { withPast } from './past.ts'
import { meetMembers } from './peer-news.ts'
import { receiveFrames, receiveUnread } from './receiving.ts'
import { checkLeave, reenter } from './repair.ts'
import { receiveAgain } from './rereading.ts'
import { restoreSession } from './restoring.ts'
import { rootNode } from './root-node.ts'
import {
  type Context,
  contextOf,
  newWatch,
  openLedgers,
  openTopics,
  type SessionContext,
  type SessionState,
} from './session-state.ts'
import { comeBack, tend } from './tending.ts'
import { canRejoin, needsWelcome } from './welcome-needs.ts'
import type { Welcomed } from './welcomed.ts'

/** How a session begins: itself, and what is to be written before it is used. */
export interface BegunSession {
  readonly session: GroupSession
  readonly effects: Effects
}

export class GroupSession {
  readonly #context: Context
  #state: SessionState
  #wakeAtMs: number | undefined
  /** One call at a time. */
  #lane: Promise<unknown> = Promise.resolve()

  private constructor(context: Context, state: SessionState, wakeAtMs: number | undefined) {
    this.#context = context
    this.#state = state
    this.#wakeAtMs = wakeAtMs
  }

  /** The session of a group that this device has created. */
  static begin(given: SessionContext, group: GroupState, nowMs: number): Promise<BegunSession> {
    return GroupSession.#enter(given, { group, past: [] }, nowMs, false)
  }

  /** The session of a group that this device joins. */
  static join(given: SessionContext, welcomed: Welcomed, nowMs: number): Promise<BegunSession> {
    return GroupSession.#enter(given, welcomed, nowMs, true)
  }

  static async #enter(
    given: SessionContext,
    { group, past }: Pick<Welcomed, 'group' | 'past'>,
    nowMs: number,
    joined: boolean,
  ): Promise<BegunSession> {
    const context = contextOf(given, group.groupContext.groupId.slice())
    const { node: root, rendezvous } = await rootNode(context.wire, group)
    const [node, ...outlines] = withPast(context.wire, root, past)
    const start: SessionState = {
      tree: EpochTree.from([node, ...outlines]),
      counters: {
        nextSeq: 0n,
        lastMessage: EMPTY,
        lamport: 0n,
        statement: 0n,
        nextPlace: 0,
        nextIntent: 0n,
        arrivals: 0n,
        stand: node.id,
        voted: undefined,
        gone: false,
      },
      ledgers: openLedgers({}),
      watch: { ...newWatch(nowMs), newUntilMs: nowMs + context.settings.newcomerMs },
      told: new Overlay(),
      rendezvous: new Map(),
    }
    const draft = new Draft(start, true)
    draft.openTopic(rendezvous)
    meetMembers(context, draft, node, nowMs)
    // Whoever came by a Welcome gives its leaf fresh keys after a while.
    if (joined) wish(draft, { kind: 'refresh' }, nowMs)
    await tend(context, draft, nowMs)
    const { state, effects } = draft.finish()
    return { session: new GroupSession(context, state, effects.wakeAtMs), effects }
  }

  /** A session from its records. @throws CoterieError `STORE_CORRUPT`, `SNAPSHOT_*` (environment) */
  static async restore(given: SessionContext, records: ReadonlyMap<string, Uint8Array>): Promise<GroupSession> {
    const { tree, counters, ledgers } = restoreSession(given.suite, records)
    const here = tree.at(counters.stand)
    if (!isOpen(here)) return fail('STORE_CORRUPT', "a group's current epoch has no keys")
    const context = contextOf(given, here.state.groupContext.groupId.slice())
    const rendezvous = await openTopics(context.wire, ledgers.topics)
    // Everybody is told once more what has come: what was about to be told is not remembered.
    const unacknowledged = new Set([...ledgers.received.entries()].map(([device]) => device))
    const watch = { ...newWatch(0), unacknowledged, acknowledgeAtMs: unacknowledged.size === 0 ? undefined : 0 }
    return new GroupSession(context, { tree, counters, ledgers, rendezvous, watch, told: new Overlay() }, 0)
  }

  get groupId(): Uint8Array {
    return this.#context.groupId.slice()
  }

  get epoch(): bigint {
    return this.#here.height
  }

  /** The topics that the group's frames travel on, the current one first: others are of branches and past epochs. */
  get topics(): readonly TopicKeys[] {
    const current = this.#state.rendezvous.get(this.#here.topic)
    const others = [...this.#state.rendezvous.values()].filter((one) => one !== current)
    return [...(current === undefined ? [] : [current]), ...others].map(({ topic }) => topic)
  }

  /** Whether frames on a topic may be under keys that this device has. */
  mayOpen(topic: string): boolean {
    return isOnOpenEpoch(this.#state.tree, topic)
  }

  get profile(): GroupProfile {
    return readGroupProfile(this.#here.state.groupContext.extensions)
  }

  get isMember(): boolean {
    return isMember(this.#context, this.#view)
  }

  /** When `poll` has work to do; undefined where nothing waits. */
  get wakeAtMs(): number | undefined {
    return this.#wakeAtMs
  }

  get members(): SessionMember[] {
    const { admins } = this.profile
    return [...members(this.#here.state.tree)].map(({ leafIndex, leafNode }) => {
      const identity = identityOf(leafNode)
      const { name } = readDeviceCredential(leafNode.credential)
      return { identity, name, leafIndex, admin: admins.includes(identity) }
    })
  }

  /** The key packages with which this device has asked to be added again. */
  get reentryKeyPackages(): readonly OwnKeyPackage[] {
    return [...this.#state.ledgers.entries.values()]
  }

  /** What a developer looks at when something seems wrong. No secrets. */
  inspect(): SessionReport {
    return reportOf(this.#context, this.#state)
  }

  /** What of that takes no weighing of branches: to be asked again and again. */
  get outline(): Outline {
    return outlineOf(this.#state)
  }

  /**
   * RFC 9420 §8.5, in the current epoch.
   * @throws CoterieError `GROUP_REMOVED`, `GROUP_WELCOME_AWAITED`, `ARGUMENT_INVALID` (caller)
   */
  export(label: string, length: number): Secret {
    if (this.isMember && this.#here.state.status !== 'active') {
      fail('GROUP_WELCOME_AWAITED', 'the group has added this device again, and its Welcome has not come yet')
    }
    return exportSecret(this.#here.state, label, EMPTY, length)
  }

  /** How far an own message has come. */
  deliveryOf(messageId: Uint8Array): Delivery | undefined {
    const id = toHex(messageId)
    const [, entry] = this.#state.ledgers.outbox.find(id) ?? []
    if (entry !== undefined) return deliveryOf(this.#context, this.#view, entry)
    // What is no longer in the outbox has reached everybody.
    const { of } = deliveryOf(this.#context, this.#view, { seq: this.#state.counters.nextSeq, publishedAtMs: 0 })
    return { state: 'delivered', by: of, of, missing: [] }
  }

  /** The identities of members who have acknowledged a message of this device; none for others' messages. */
  deliveredTo({ deviceKey, content }: Pick<StoredMessage, 'deviceKey' | 'content'>): readonly string[] {
    if (toHex(deviceKey) !== this.#context.self) return []
    return [...recipientsOf(this.#context, this.#view, content.seq)].filter(([, hasIt]) => hasIt).map(([who]) => who)
  }

  /**
   * Checks what anyone on the topic can check of a frame, to decide whether it is passed on.
   * @throws CoterieError `FRAME_*` (peer)
   */
  check(topic: string, bytes: Uint8Array): Promise<Frame> {
    return readFrame(this.#context.wire, topic, bytes)
  }

  /** Takes in frames that `check` has passed. */
  receive(frames: readonly Frame[], nowMs: number): Promise<Effects> {
    return this.#run(nowMs, (draft) => receiveFrames(this.#context, draft, frames, nowMs))
  }

  /**
   * Takes in frames that `Effects.again` has asked for.
   * @param asked - all of these
   * @param frames - those that are in the archive still; `check` passed them when they came
   */
  receiveAgain(asked: readonly ArchivedName[], frames: readonly Frame[], nowMs: number): Promise<Effects> {
    return this.#run(nowMs, (draft) => receiveAgain(this.#context, draft, asked, frames, nowMs))
  }

  /**
   * Sends a message.
   * @param body - from `encodeBody`
   * @throws CoterieError `MESSAGE_TOO_LARGE`, `GROUP_REMOVED` (caller)
   */
  async send(body: Uint8Array, nowMs: number): Promise<{ message: StoredMessage; effects: Effects }> {
    let message: StoredMessage | undefined
    const effects = await this.#run(nowMs, async (draft) => {
      message = await sendMessage(this.#context, draft, body, nowMs)
    })
    if (message === undefined) return fail('INTERNAL_INVARIANT', 'a message was not sent')
    return { message, effects }
  }

  /**
   * Takes up a wish: carried out at once where the group is calm, and otherwise as soon as it is.
   * @throws CoterieError `GROUP_NOT_PERMITTED`, `GROUP_CARD_IS_MEMBER`, `GROUP_UNKNOWN_MEMBER`, `GROUP_REMOVED`,
   * `GROUP_LAST_ADMIN`, `KEY_PACKAGE_*`, `LEAF_*`, `IDENTITY_*`
   */
  submit(intent: Intent, nowMs: number): Promise<Effects> {
    return this.#run(nowMs, async (draft) => {
      requireMember(this.#context, draft)
      await checkIntent(this.#context, draft, intent, nowMs)
      if (intent.kind === 'leave' && !checkLeave(draft)) {
        draft.counters = { ...draft.counters, gone: true }
        draft.events.push({ type: 'removed' })
      } else wish(draft, intent)
    })
  }

  /** The group's invites, used-up and revoked ones that have not expired included. */
  get invites(): readonly GroupInvite[] {
    return readGroupInvites(this.#here.state.groupContext.extensions)
  }

  /**
   * Takes in a request that came by an invite.
   * @param invite - see `inviteKey`
   * @param from - the peer that passed it on
   */
  takeRequest(invite: string, request: AdmissionRequest, from: string, nowMs: number): Promise<Effects> {
    return this.#run(nowMs, (draft) => takeAdmission(this.#context, draft, { invite, request, from }, nowMs))
  }

  /** Requests that wait for this member's decision, the oldest first; by their keys. None where this member is no admin. */
  applicants(nowMs: number): (readonly [key: string, Admission])[] {
    return applicants(this.#view, nowMs)
  }

  /**
   * Decides about a request.
   * @param key - from `applicants`
   * @throws CoterieError `REQUEST_UNKNOWN`, `GROUP_NOT_PERMITTED`, `INVITE_*`
   */
  decide(key: string, decision: 'approved' | 'refused', nowMs: number): Promise<Effects> {
    return this.#run(nowMs, async (draft) => decide(draft, key, decision, nowMs))
  }

  /** Tells the other members what this device has left in inboxes, so that they hold it too. */
  tellOfMail(mail: readonly Mail[], nowMs: number): Promise<Effects> {
    return this.#run(nowMs, (draft) => tellOfMail(this.#context, draft, mail, nowMs))
  }

  /** Does what had to wait for this time. */
  poll(nowMs: number): Promise<Effects> {
    return this.#run(nowMs, async (draft) => {
      draft.news = true
      if (!draft.watch.retryUnread) return
      draft.watch = { ...draft.watch, crowded: false, retryUnread: false }
      await receiveUnread(this.#context, draft, nowMs)
    })
  }

  /**
   * Takes note that own messages have gone to somebody.
   * @param messageIds - from `OutboundFrame.messages`
   */
  markPublished(messageIds: readonly Uint8Array[], nowMs: number): Promise<Effects> {
    return this.#run(nowMs, async (draft) => notePublished(this.#context, draft, messageIds, nowMs))
  }

  /**
   * Goes on from where a Welcome leads, which came for a group that this device is in already: because it asked to be added
   * again, or because the branch that it was added on has lost. Nothing happens where the epoch is known.
   * @throws CoterieError `GROUP_WELCOME_EARLY` (peer) where nothing shows, as yet, that this device needs it
   */
  rejoin(welcomed: Welcomed, nowMs: number): Promise<Effects> {
    return this.#run(nowMs, async (draft) => {
      const { group } = welcomed
      const known = draft.tree.get(nodeIdOf(group))
      if (known?.state?.status === 'active') return
      if (!canRejoin(this.#context, draft, welcomed))
        fail('GROUP_WELCOME_EARLY', 'a Welcome for a group that this device is in')
      await reenter(this.#context, draft, welcomed, nowMs)
      await receiveUnread(this.#context, draft, nowMs)
    })
  }

  /** Whether this device was let in on a branch that has lost. @param entered - the epoch that its Welcome led to */
  isInVain(entered: NodeId): boolean {
    return isInVain(this.#context, this.#view, entered)
  }

  /** Gives up being in the group, if it is in vain: others have said that nobody lets this device in there. */
  leaveInVain(entered: NodeId, nowMs: number): Promise<Effects> {
    return this.#run(nowMs, async (draft) => leaveInVain(this.#context, draft, entered))
  }

  /** Whether this device has added somebody whose Welcome has not been handed out. */
  get owesWelcomes(): boolean {
    return owesWelcomes(this.#view)
  }

  /** Whether something shows that this device is not where the group is, so that a Welcome to it would help. */
  get needsWelcome(): boolean {
    return needsWelcome(this.#context, this.#view)
  }

  get #here(): OpenEpoch {
    return this.#view.here
  }

  get #view(): Draft {
    return new Draft(this.#state, false)
  }

  #run(nowMs: number, work: (draft: Draft) => Promise<void>): Promise<Effects> {
    const result = this.#lane.then(async () => {
      const draft = new Draft(this.#state, false)
      // After a restart nothing is known of the time before.
      const isBack = draft.watch.standingSinceMs === 0
      if (isBack) draft.watch = { ...draft.watch, standingSinceMs: nowMs }
      try {
        if (isBack) comeBack(draft)
        await work(draft)
        await tend(this.#context, draft, nowMs)
      } catch (error) {
        draft.drop()
        this.#context.trials.clear()
        throw error
      }
      const { state, effects } = draft.finish()
      this.#state = state
      this.#wakeAtMs = effects.wakeAtMs
      return effects
    })
    this.#lane = result.catch(() => undefined)
    return result
  }
}

/** @param sinceMs - of a refresh, which waits for a calm moment */
function wish(draft: Draft, intent: Intent, sinceMs?: number): void {
  const number = draft.counters.nextIntent
  draft.counters = { ...draft.counters, nextIntent: number + 1n }
  draft.ledgers.intents.set(`${number}`, { number, intent, queued: sinceMs !== undefined, sinceMs })
}
