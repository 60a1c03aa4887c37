// What Byzantine members do: with their real keys, by running copies of themselves from what was on their disk. A copy can
// be old, there can be two of them, and what they make can be held back, given to some only, or spoilt.

import { utf8 } from '../../bytes.ts'
import { encodeBody } from '../../content/message-body.ts'
import type { CipherSuite } from '../../crypto/labels.ts'
import { Secret } from '../../crypto/secret.ts'
import { CoterieError } from '../../errors.ts'
import type { Effects, OutboundFrame } from '../../session/effects.ts'
import { GroupSession } from '../../session/group-session.ts'
import { sealFrame } from '../../wire/frame.ts'
import { askForItself, askForOthers, denyMembers, inventVotes, repeatRequests, voteTwice } from './false-words.ts'
import { type Misdoing, publish } from './misdoing.ts'
import type { Misdeed } from './script.ts'

/** Does it, where the device is in a position to. What fails for its doer harms nobody. */
export async function misbehave(misdeed: Misdeed, doing: Misdoing): Promise<void> {
  try {
    await MISDEEDS_DONE[misdeed](doing)
  } catch (error) {
    if (!CoterieError.is(error)) throw error
  }
}

/** A copy of a member, out of its own control and out of everybody's sight. */
class Copy {
  readonly #session: GroupSession
  #nowMs: number

  private constructor(session: GroupSession, nowMs: number) {
    this.#session = session
    this.#nowMs = nowMs
  }

  static async of(
    { device, clock }: Misdoing,
    records: ReadonlyMap<string, Uint8Array> = device.disk.records,
    suite: CipherSuite = device.suite,
  ): Promise<Copy> {
    const copied = new Map([...records].map(([name, value]) => [name, value.slice()] as const))
    return new Copy(await GroupSession.restore({ ...device.context, suite }, copied), clock.nowMs)
  }

  get topics(): GroupSession['topics'] {
    return this.#session.topics
  }

  /** Commits a change of name, however long it has to wait by its own clock. */
  async rename(name: string): Promise<OutboundFrame[]> {
    const effects = await this.#session.submit({ kind: 'rename', name }, this.#nowMs)
    return this.#untilDone(effects)
  }

  async send(text: string): Promise<OutboundFrame[]> {
    const { effects } = await this.#session.send(encodeBody({ kind: 'text', text }), this.#nowMs)
    return [...effects.frames]
  }

  async #untilDone(first: Effects): Promise<OutboundFrame[]> {
    const frames = [...first.frames]
    let { wakeAtMs } = first
    for (let tries = 0; this.#waits && wakeAtMs !== undefined && tries < MAX_POLLS; tries++) {
      this.#nowMs = Math.max(this.#nowMs, wakeAtMs)
      const effects = await this.#session.poll(this.#nowMs)
      frames.push(...effects.frames)
      wakeAtMs = effects.wakeAtMs
    }
    return frames
  }

  get #waits(): boolean {
    return this.#session.inspect().intents.some(({ kind }) => kind === 'rename')
  }
}

const MISDEEDS_DONE: { readonly [misdeed in Misdeed]: (doing: Misdoing) => Promise<void> } = {
  /** A commit on an epoch that is over. */
  async 'late-commit'(doing) {
    const { device, strength } = doing
    const records = device.snapshots[Math.max(0, device.snapshots.length - 1 - 3 * strength)]
    if (records === undefined) return
    const copy = await Copy.of(doing, records)
    publish(doing, await copy.rename(`late ${strength}`))
  },

  /** Two commits on one epoch, each for one half of the group. */
  async 'double-commit'(doing) {
    const [one, other] = [await Copy.of(doing), await Copy.of(doing)]
    const firstHalf = doing.random.between(0, 1)
    publish(doing, await one.rename('one'), (to) => to.index % 2 === firstHalf)
    publish(doing, await other.rename('other'), (to) => to.index % 2 !== firstHalf)
  },

  /** A branch of commits of its own, shown only when it is long. */
  async 'private-chain'(doing) {
    const { clock, strength } = doing
    const copy = await Copy.of(doing)
    const frames: OutboundFrame[] = []
    for (let i = 0; i < strength; i++) frames.push(...(await copy.rename(`private ${i}`)))
    clock.at(clock.nowMs + 500 * strength, () => publish(doing, frames))
  },

  /** A commit that some members cannot process. */
  async 'malformed-commit'(doing) {
    const copy = await Copy.of(doing, doing.device.disk.records, spoiltFor(doing))
    publish(doing, await copy.rename('malformed'))
  },

  async 'flood-commits'(doing) {
    for (let i = 0; i < floodOf(doing, 80); i++) publish(doing, await (await Copy.of(doing)).rename(`flood ${i}`))
  },

  async 'flood-messages'(doing) {
    const copy = await Copy.of(doing)
    for (let i = 0; i < 4 * doing.strength; i++) publish(doing, await copy.send(`flood ${i}`))
  },

  'equal-votes': voteTwice,
  'invented-votes': inventVotes,
  'false-reentry': askForOthers,
  'own-reentry': askForItself,
  'repeated-requests': repeatRequests,
  'false-removals': denyMembers,

  /** Frames of others, once more. */
  async replay(doing) {
    const { device, random, strength } = doing
    for (const { name } of device.session?.topics ?? []) {
      const frames = [...device.disk.frames(name).values()]
      const again = random.shuffled(frames).slice(0, 3 * strength)
      publish(
        doing,
        again.map((bytes) => ({ topic: name, bytes })),
      )
    }
  },

  /** Frames that no key opens. */
  async junk(doing) {
    const { device, clock } = doing
    const topic = device.session?.topics[0]
    if (topic === undefined) return
    for (let i = 0; i < floodOf(doing, 600); i++) {
      const key = new Secret(device.wire.randomBytes(32))
      const payload = utf8('junk '.repeat(1 + (i % 20)))
      const bytes = await sealFrame(device.wire, topic, key, payload, clock.nowMs)
      publish(doing, [{ topic: topic.name, bytes }])
    }
  },
}

/** How many of something: more than anybody keeps if the doer is as strong as can be. */
function floodOf({ strength }: Misdoing, most: number): number {
  return strength === STRONGEST ? most : strength
}

/** A suite whose path secrets some recipients cannot decrypt: about half of them. RFC 9420 §7.6. */
function spoiltFor({ device, random }: Misdoing): CipherSuite {
  const { kem } = device.suite
  return {
    ...device.suite,
    kem: {
      ...kem,
      async encap(publicKey, ikmE) {
        const encapsulated = await kem.encap(publicKey, ikmE)
        if (random.chance(0.5)) return encapsulated
        const wrong = device.suite.randomBytes(kem.sharedSecretLength)
        return { enc: encapsulated.enc, sharedSecret: new Secret(wrong) }
      },
    },
  }
}

const STRONGEST = 12
const MAX_POLLS = 20
