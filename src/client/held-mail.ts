// What other members have left in inboxes, held here too until it is too old: whoever it is for gets it from any of them.

import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError } from '../errors.ts'
import type { Mail } from '../session/effects.ts'
import type { FrameArchive } from '../topics/frame-archive.ts'
import { type Frame, readFrame } from '../wire/frame.ts'
import { type TopicKeys, topicFromSeed } from '../wire/topic.ts'

/** What mail is held with. */
export interface MailHost {
  readonly wire: CipherSuite
  readonly archive: Pick<FrameArchive, 'bytes' | 'count'>
  /**
   * Whether there is room for a topic's frames, and they are for somebody else.
   * @param besides - topics of which something is to be held as well
   */
  readonly mayHold: (topic: string, besides: ReadonlySet<string>) => Promise<boolean>
}

/** What was left, verified. */
export interface HeldMail {
  readonly topicKeys: TopicKeys
  readonly frames: readonly Frame[]
}

/**
 * Looks at what is to be held: what is not of its topic is left out.
 * What came first stays: nobody pushes out what others have left.
 */
export async function heldMail({ wire, archive, mayHold }: MailHost, mail: readonly Mail[]): Promise<HeldMail[]> {
  const held: HeldMail[] = []
  /** What comes at once counts together. By topic. */
  const coming = new Map<string, Amount>()
  for (const { topicSeed, frames } of mail) {
    if (frames.length > MAX_FRAMES) continue
    const topicKeys = await topicFromSeed(wire, topicSeed)
    const { name } = topicKeys
    if (!(await mayHold(name, new Set(coming.keys())))) continue
    const read = await Promise.all(frames.map((one) => readOrNothing(wire, name, one)))
    const those = read.filter((frame) => frame !== undefined)
    // Nor is there a place for an inbox in which nothing was left.
    if (those.length === 0) continue
    const before = coming.get(name) ?? { bytes: await archive.bytes(name), frames: await archive.count(name) }
    const bytes = before.bytes + those.reduce((sum, frame) => sum + frame.bytes.length, 0)
    if (bytes > MAX_BYTES || before.frames + those.length > MAX_FRAMES) continue
    coming.set(name, { bytes, frames: before.frames + those.length })
    held.push({ topicKeys, frames: those })
  }
  return held
}

interface Amount {
  readonly bytes: number
  readonly frames: number
}

async function readOrNothing(wire: CipherSuite, topic: string, bytes: Uint8Array): Promise<Frame | undefined> {
  try {
    return await readFrame(wire, topic, bytes)
  } catch (error) {
    if (!CoterieError.is(error) || error.origin !== 'peer') throw error
    return undefined
  }
}

/** How much is held for one inbox. */
const MAX_BYTES = 1_048_576
const MAX_FRAMES = 32
