// Frames that no key has opened and for which there is no room: they are in the archive, and so nobody gives them again. When this
// device has come to stand elsewhere they are read there once more, so many at a time, the oldest first.

import { toHex } from '../bytes.ts'
import type { Frame } from '../wire/frame.ts'
import type { Draft } from './draft.ts'
import type { ArchivedName } from './effects.ts'
import { isOnOpenEpoch } from './epoch-tree.ts'
import type { SpilledFrame } from './peers.ts'
import { openAny, receiveUnread } from './receiving.ts'
import type { Context } from './session-state.ts'

/** Asks for the next frames, if it is time to. */
export function readAgain(draft: Draft, nowMs: number): void {
  if (draft.moved) draft.watch = { ...draft.watch, rereading: { from: 0n, atMs: nowMs, isUnderWay: false } }
  const { rereading } = draft.watch
  if (rereading === undefined || rereading.isUnderWay) return
  const { spilled } = draft.ledgers
  if (spilled.size > 0 && rereading.atMs > nowMs) {
    draft.wakeAt(rereading.atMs)
    return
  }
  const left: (ArchivedName & SpilledFrame)[] = []
  for (const [id, frame] of spilled.entries()) {
    if (frame.arrival >= rereading.from && isOnOpenEpoch(draft.tree, frame.topic)) left.push({ ...frame, id })
  }
  left.sort((a, b) => (a.arrival < b.arrival ? -1 : 1))
  draft.watch = { ...draft.watch, rereading: left.length === 0 ? undefined : { ...rereading, isUnderWay: true } }
  for (const { topic, id } of left.slice(0, AT_ONCE)) draft.again.push({ topic, id })
}

/**
 * Takes in frames that were asked for.
 * @param asked - what was asked for: what is not among the frames is not in the archive any more
 */
export async function receiveAgain(
  context: Context,
  draft: Draft,
  asked: readonly ArchivedName[],
  frames: readonly Frame[],
  nowMs: number,
): Promise<void> {
  const { spilled } = draft.ledgers
  const found = new Map(frames.map((frame) => [toHex(frame.id), frame] as const))
  const before = draft.tree.size
  let from = 0n
  let isOfUse = false
  for (const { id } of asked) {
    const arrival = spilled.get(id)?.arrival
    if (arrival === undefined) continue
    from = arrival + 1n
    const frame = found.get(id)
    const isOpened = frame !== undefined && (await openAny(context, draft, frame, nowMs))
    context.trials.forget(id)
    if (frame === undefined || isOpened) spilled.delete(id)
    isOfUse ||= isOpened
  }
  if (draft.tree.size !== before) await receiveUnread(context, draft, nowMs)
  // What is of no use is no reason to read without end.
  draft.watch = { ...draft.watch, rereading: { from, atMs: isOfUse ? nowMs : nowMs + PAUSE_MS, isUnderWay: false } }
}

const AT_ONCE = 256
/** After frames that were of no use. */
const PAUSE_MS = 1_000
