// Who takes a device's store and can open it, and has recorded everything that travelled: which messages it reads.
import { decodeApplicationData } from '../../src/content/application-data.ts'
import { decodeBody } from '../../src/content/message-body.ts'
import { decodeMessageContent } from '../../src/content/message-content.ts'
import { CoterieError } from '../../src/errors.ts'
import { exportSecret } from '../../src/group/exporter.ts'
import type { OwnKeyPackage } from '../../src/group/key-packages.ts'
import { processMessage } from '../../src/group/process-message.ts'
import type { GroupState } from '../../src/group/state.ts'
import { nodeIdOf } from '../../src/session/epoch-tree.ts'
import { decodePayload } from '../../src/session/payload.ts'
import { restoreSession } from '../../src/session/restoring.ts'
import { sessionPolicy } from '../../src/session/session-policy.ts'
import { openWelcome } from '../../src/session/welcomed.ts'
import { isForKey, openFrame, readFrame } from '../../src/wire/frame.ts'
import type { Actor, OnAir } from './actor.ts'
import type { Stage } from './stage.ts'

export interface Loot {
  /** Readable with the keys of the messages' own epochs, as they are in the store. */
  readonly direct: ReadonlySet<string>
  /** Readable in epochs that the thief has entered again from one that it has the keys of, by recorded commits. */
  readonly again: ReadonlySet<string>
}

/** What the store gives away by the epochs that it keeps. */
export async function plunder(stage: Stage, victim: Actor): Promise<Loot> {
  const thief = new Thief(stage, victim)
  const { tree } = restoreSession(victim.suite, victim.records)
  const direct = new Set<string>()
  const again = new Set<string>()
  for (const { state } of tree.open()) {
    for (const text of await thief.texts(state)) direct.add(text)
    for (const next of await thief.epochsAfter(state)) for (const text of await thief.textsFrom(next)) again.add(text)
  }
  return { direct, again }
}

/** What key packages give away that the device keeps: by Welcomes that have led it into the group. */
export async function plunderWelcomes(
  stage: Stage,
  victim: Actor,
  keyPackages: readonly OwnKeyPackage[],
): Promise<ReadonlySet<string>> {
  const thief = new Thief(stage, victim)
  const found = new Set<string>()
  for (const { topic, bytes } of stage.left) {
    if (topic !== victim.own.inbox.channel.topic.name) continue
    const group = await orNothing(async () => {
      const welcome = await victim.openInbox(bytes)
      return (await openWelcome(victim, welcome, keyPackages, stage.nowMs)).group
    })
    if (group !== undefined) for (const text of await thief.textsFrom(group)) found.add(text)
  }
  return found
}

class Thief {
  readonly #stage: Stage
  readonly #victim: Actor
  readonly #recorded: readonly OnAir[]

  constructor(stage: Stage, victim: Actor) {
    this.#stage = stage
    this.#victim = victim
    this.#recorded = [...stage.actors.values()].flatMap(({ published }) => published)
  }

  /** Of an epoch, and of all that it leads to. */
  async textsFrom(state: GroupState): Promise<Set<string>> {
    const found = new Set(await this.texts(state))
    for (const next of await this.epochsAfter(state)) for (const text of await this.textsFrom(next)) found.add(text)
    return found
  }

  /** The messages that a state has the keys of. Nothing keeps the thief from reading as if it were another member. */
  async texts(state: GroupState): Promise<string[]> {
    const found: string[] = []
    for (const body of await this.#openedWith(state)) {
      for (const leafIndex of [state.own.leafIndex, state.own.leafIndex + 1]) {
        const reader = { ...state, own: { ...state.own, leafIndex } }
        const read = await orNothing(() => processMessage(reader, body, this.#judgement))
        if (read?.kind === 'application') found.push(...textsIn(read.data))
      }
    }
    return found
  }

  /** The epochs that recorded commits begin, as the state of their parent opens them. */
  async epochsAfter(state: GroupState): Promise<GroupState[]> {
    const found = new Map<string, GroupState>()
    for (const body of await this.#openedWith(state)) {
      const done = await orNothing(() => processMessage(state, body, this.#judgement))
      if (done?.kind === 'commit' && done.state.status === 'active') found.set(nodeIdOf(done.state), done.state)
    }
    return [...found.values()]
  }

  async #openedWith(state: GroupState): Promise<Uint8Array[]> {
    const { wire } = this.#victim
    const key = exportSecret(state, 'coterie frame', new Uint8Array(0), 32)
    const bodies: Uint8Array[] = []
    for (const { topic, bytes } of this.#recorded) {
      const frame = await readFrame(wire, topic, bytes)
      if (isForKey(wire, frame, key)) bodies.push(decodePayload(openFrame(wire, key, frame)).body)
    }
    return bodies
  }

  get #judgement() {
    return { nowMs: this.#stage.nowMs, policy: sessionPolicy(this.#victim.wire) }
  }
}

function textsIn(data: Uint8Array): string[] {
  return decodeApplicationData(data).messages.flatMap((content) => {
    const body = decodeBody(decodeMessageContent(content).body)
    return body.kind === 'text' ? [body.text] : []
  })
}

/** What the keys do not open stays closed. */
async function orNothing<T>(attempt: () => Promise<T>): Promise<T | undefined> {
  try {
    return await attempt()
  } catch (error) {
    if (!CoterieError.is(error)) throw error
    return undefined
  }
}
