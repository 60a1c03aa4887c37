// The session of one group on one device, without I/O, clock or timers: frames and wishes go in, effects come out. Every
// call takes effect as a whole or changes nothing. What a peer did wrong is an event, never an exception.

import { EMPTY } from '../bytes.ts'
import { encodeMessageContent, messageId } from '../content/message-content.ts'
import type { Secret } from '../crypto/secret.ts'
import { CoterieError, fail } from '../errors.ts'
import { encryptMessage } from '../group/application.ts'
import { exportSecret } from '../group/exporter.ts'
import type { GroupState } from '../group/state.ts'
import { readDeviceCredential } from '../identity/device-credential.ts'
import { leafAt, members } from '../tree/ratchet-tree.ts'
import { type Frame, readFrame } from '../wire/frame.ts'
import type { TopicKeys } from '../wire/topic.ts'
import { applyIntent, handOutWelcomes } from './committing.ts'
import type { Effects, SessionMember } from './effects.ts'
import { EpochTree, nodeIdOf } from './epoch-tree.ts'
import { type GroupProfile, identityOf, readGroupProfile } from './group-profile.ts'
import { headOf } from './head.ts'
import type { Intent } from './intents.ts'
import { encodeStoredMessage, type StoredMessage } from './message-record.ts'
import { PayloadKind } from './payload.ts'
import { publish } from './publishing.ts'
import { receiveFrame } from './receiving.ts'
import { rendezvousOf } from './rendezvous.ts'
import { NEW_COUNTERS, restoreSession } from './session-records.ts'
import { Draft, messageKey, type SessionContext, type SessionState } from './session-state.ts'

/** How a session begins: itself, and what is to be written before it is used. */
export interface BegunSession {
  readonly session: GroupSession
  readonly effects: Effects
}

/** What a session tells a developer of itself. */
export interface SessionReport {
  /** The id of the current epoch. */
  readonly head: string
  /** All that are kept, on all branches. `committer` is a device's signature key in hexadecimal. */
  readonly epochs: readonly {
    readonly id: string
    readonly parent: string | undefined
    readonly epoch: bigint
    readonly committer: string | undefined
  }[]
  /** How many frames no key has opened. */
  readonly unread: number
}

export class GroupSession {
  readonly #context: SessionContext
  #state: SessionState
  /** One call at a time. */
  #lane: Promise<unknown> = Promise.resolve()

  private constructor(context: SessionContext, state: SessionState) {
    this.#context = context
    this.#state = state
  }

  /** The session of a group that was just created or joined. */
  static async begin(context: SessionContext, group: GroupState): Promise<BegunSession> {
    const node = {
      id: nodeIdOf(group),
      parent: undefined,
      height: group.groupContext.epoch,
      rendezvous: await rendezvousOf(context.wire, group),
      state: group,
      committer: undefined,
      rank: '',
    }
    const start: SessionState = {
      tree: EpochTree.from([node]),
      head: node.id,
      counters: NEW_COUNTERS,
      outbox: new Map(),
      ownCommits: new Map(),
      known: new Map(),
      unread: [],
    }
    const { state, effects } = new Draft(start, true).finish()
    return { session: new GroupSession(context, state), effects }
  }

  /** A session from its records. @throws CoterieError `STORE_CORRUPT`, `SNAPSHOT_*` (environment) */
  static async restore(
    context: SessionContext,
    suite: GroupState['suite'],
    records: ReadonlyMap<string, Uint8Array>,
  ): Promise<GroupSession> {
    const restored = await restoreSession(suite, context.wire, records)
    const head = headOf(restored.tree, restored.counters.statements)
    const unread = await Promise.all(restored.unread.map(({ topic, bytes }) => readFrame(context.wire, topic, bytes)))
    return new GroupSession(context, { ...restored, head, unread })
  }

  get groupId(): Uint8Array {
    return this.#group.groupContext.groupId.slice()
  }

  get epoch(): bigint {
    return this.#group.groupContext.epoch
  }

  /** The topics that the group's frames travel on, the current one first: others are of branches and past epochs. */
  get topics(): readonly TopicKeys[] {
    const head = this.#state.tree.at(this.#state.head)
    const topics = [head, ...this.#state.tree.nodes].map(({ rendezvous }) => rendezvous.topic)
    return [...new Map(topics.map((topic) => [topic.name, topic])).values()]
  }

  get profile(): GroupProfile {
    return readGroupProfile(this.#group.groupContext.extensions)
  }

  get isMember(): boolean {
    return this.#group.status === 'active'
  }

  /** When `poll` has work to do; undefined where nothing waits. */
  get wakeAtMs(): number | undefined {
    return new Draft(this.#state, false).finish().effects.wakeAtMs
  }

  get members(): SessionMember[] {
    const { admins } = this.profile
    return [...members(this.#group.tree)].map(({ leafIndex, leafNode }) => {
      const identity = identityOf(leafNode)
      const { name } = readDeviceCredential(leafNode.credential)
      return { identity, name, leafIndex, admin: admins.includes(identity) }
    })
  }

  /** What a developer looks at when something seems wrong. No secrets. */
  inspect(): SessionReport {
    const epochs = this.#state.tree.nodes.map(({ id, parent, height, committer }) => {
      return { id, parent, epoch: height, committer }
    })
    return { head: this.#state.head, epochs, unread: this.#state.unread.length }
  }

  /** RFC 9420 §8.5, in the current epoch. */
  export(label: string, length: number): Secret {
    return exportSecret(this.#group, label, EMPTY, length)
  }

  /**
   * Checks what anyone on the topic can check of a frame, to decide whether it is passed on.
   * @throws CoterieError `FRAME_*` (peer)
   */
  check(topic: string, bytes: Uint8Array): Promise<Frame> {
    return readFrame(this.#context.wire, topic, bytes)
  }

  /** Takes in a frame that `check` has passed. */
  receive(frame: Frame, nowMs: number): Promise<Effects> {
    return this.#run(nowMs, (draft) => receiveFrame(this.#context, draft, frame, nowMs))
  }

  /**
   * Sends a text.
   * @throws CoterieError `MESSAGE_TOO_LARGE`, `GROUP_REMOVED` (caller)
   */
  async send(text: string, nowMs: number): Promise<{ message: StoredMessage; effects: Effects }> {
    let message: StoredMessage | undefined
    const effects = await this.#run(nowMs, async (draft) => {
      message = await this.#send(draft, text, nowMs)
    })
    if (message === undefined) return fail('INTERNAL_INVARIANT', 'a message was not sent')
    return { message, effects }
  }

  /**
   * Commits what this member wants of the group.
   * @throws CoterieError `GROUP_NOT_PERMITTED`, `GROUP_CARD_IS_MEMBER`, `GROUP_UNKNOWN_MEMBER`, `GROUP_REMOVED`, and what
   * `commit` throws
   */
  submit(intent: Intent, nowMs: number): Promise<Effects> {
    return this.#run(nowMs, (draft) => applyIntent(this.#context, draft, intent, nowMs))
  }

  /** Does what had to wait for this time. */
  poll(nowMs: number): Promise<Effects> {
    return this.#run(nowMs, async (draft) => handOutWelcomes(draft, nowMs))
  }

  get #group(): GroupState {
    return this.#state.tree.at(this.#state.head).state
  }

  #run(nowMs: number, work: (draft: Draft) => Promise<void>): Promise<Effects> {
    const result = this.#lane.then(async () => {
      const draft = new Draft(this.#state, false)
      await work(draft)
      await this.#carryOutAgain(draft, nowMs)
      const { state, effects } = draft.finish()
      this.#state = state
      return effects
    })
    this.#lane = result.catch(() => undefined)
    return result
  }

  /** Wishes that lost a race are carried out on the branch that won, unless that has made them void. */
  async #carryOutAgain(draft: Draft, nowMs: number): Promise<void> {
    for (let intent = draft.lostIntents.shift(); intent !== undefined; intent = draft.lostIntents.shift()) {
      try {
        await applyIntent(this.#context, draft, intent, nowMs)
      } catch (error) {
        if (!CoterieError.is(error)) throw error
        draft.events.push({ type: 'rejected', error })
      }
    }
  }

  async #send(draft: Draft, text: string, nowMs: number): Promise<StoredMessage> {
    const node = draft.tree.at(draft.head)
    const { counters } = draft
    const lamport = nextLamport(counters.lamport, node.height)
    const content = { seq: counters.nextSeq, previous: counters.lastMessage, lamport, sentAtMs: nowMs, text }
    const bytes = encodeMessageContent(content)
    const { groupId } = node.state.groupContext
    const deviceKey = this.#context.device.publicKey
    const id = messageId(this.#context.wire, groupId, deviceKey, bytes)
    const sent = await encryptMessage(node.state, bytes)
    draft.tree = draft.tree.with({ ...node, state: sent.state })
    await publish(this.#context, draft, node, PayloadKind.message, sent.message, nowMs)
    const own = leafAt(node.state.tree, node.state.own.leafIndex)
    if (own === undefined) return fail('INTERNAL_INVARIANT', 'a member has no leaf of its own')
    const place = counters.nextPlace
    const { name } = readDeviceCredential(own.credential)
    const message = { id, content, sender: identityOf(own), senderName: name, deviceKey, place }
    draft.log.push({ op: 'log', place, value: encodeStoredMessage(message) })
    draft.known.set(messageKey(id), place)
    draft.outbox.set(content.seq, { seq: content.seq, content: bytes, node: node.id })
    draft.counters = {
      ...counters,
      nextSeq: counters.nextSeq + 1n,
      lastMessage: id,
      lamport,
      nextPlace: place + 1,
    }
    return message
  }
}

/** Later than everything that was seen, and than everything of earlier epochs, which newcomers have not seen. */
function nextLamport(seen: bigint, epoch: bigint): bigint {
  const first = epoch << EPOCH_BITS
  return seen >= first ? seen + 1n : first
}

/** Messages that an epoch has room for in the logical clock, as a power of two. */
const EPOCH_BITS = 32n
