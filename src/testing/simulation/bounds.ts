// How much a device may keep, as spec/ordering.md has it.

import { DEFAULT_SETTINGS } from '../../session/settings.ts'

/** The most that any device ever kept of something. */
export interface Extremes {
  /** Epochs with keys, on all branches. */
  epochs: number
  /** The deepest of them, in epochs behind the head. */
  depth: number
  /** The deepest epoch without keys on the way to the head, in epochs behind it. */
  way: number
  /** The deepest epoch from which a branch went that lost and is remembered, in epochs behind the head. */
  branches: number
  /** Frames that no key has opened. */
  unread: number
  unreadBytes: number
  /** Frames that are in the archive alone, to be read again. */
  spilled: number
  /** Topics that are listened to. */
  topics: number
}

/** What each is, for those who read that there was too much of it. */
export const KEPT: { readonly [what in keyof Extremes]: string } = {
  epochs: 'epochs with keys',
  depth: 'epochs back with keys',
  way: 'epochs back on the way',
  branches: 'epochs back to a branch',
  unread: 'unread frames',
  unreadBytes: 'bytes of unread frames',
  spilled: 'frames to be read again',
  topics: 'topics',
}

export function nothingKept(): Extremes {
  return { epochs: 0, depth: 0, way: 0, branches: 0, unread: 0, unreadBytes: 0, spilled: 0, topics: 0 }
}

export function boundsFor(devices: number): Readonly<Extremes> {
  const { retainedEpochs, rememberedEpochs, branchEpochs, unreadFrames, unreadBytes, leftTopics } = DEFAULT_SETTINGS
  const kept = retainedEpochs + 1
  const epochs = kept + branchEpochs + ALWAYS_ROOM * devices * kept
  return {
    epochs,
    depth: retainedEpochs,
    way: rememberedEpochs,
    branches: retainedEpochs + BRANCH_MEMORY,
    unread: unreadFrames,
    unreadBytes: unreadBytes + unreadFrames * RECORD_BYTES,
    spilled: MOST_SPILLED,
    // One for each epoch that may have keys, and those that were left.
    topics: epochs + leftTopics,
  }
}

/** There is always room for so many commits of each member in an epoch, beside those that there may be beside the way. */
const ALWAYS_ROOM = 2
const BRANCH_MEMORY = 64
const MOST_SPILLED = 16_384
/** What a record of a frame has beside the frame: where it came from and when. */
const RECORD_BYTES = 128
