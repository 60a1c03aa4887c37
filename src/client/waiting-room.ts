// How much of what others have left waits for the app, and which of it has to go where that is too much: no flood hides what
// came by others.

import { type Arrived, lastOfMost } from '../session/last-of-most.ts'

/** What waits. */
export interface Waiting extends Arrived {
  /** Who has left it. */
  readonly identity: string
}

/**
 * Which have to go: the oldest of each identity of which too many wait; then of those who are known the oldest, and of strangers the
 * latest that came by the peer by which most have come.
 * @param all - in the order in which they came
 * @param isKnown - whether an identity is in a group with this client: such have room of their own
 */
export function tooMany<T extends Waiting>(all: readonly T[], isKnown: (identity: string) => boolean): readonly T[] {
  const byIdentity = new Map<string, T[]>()
  for (const one of all) byIdentity.set(one.identity, [...(byIdentity.get(one.identity) ?? []), one])
  const gone = [...byIdentity.values()].flatMap((those) => oldestOf(those, MAX_OF_ONE))
  const left = all.filter((one) => !gone.includes(one))
  const known = left.filter(({ identity }) => isKnown(identity))
  gone.push(...oldestOf(known, MAX_WAITING))
  const strangers = left.filter(({ identity }) => !isKnown(identity))
  while (strangers.length > MAX_WAITING) {
    const last = lastOfMost(strangers)
    if (last === undefined) break
    strangers.splice(strangers.indexOf(last), 1)
    gone.push(last)
  }
  return gone
}

export function oldestOf<T>(all: readonly T[], most: number): readonly T[] {
  return all.slice(0, Math.max(0, all.length - most))
}

/** How many wait: of members of this client's groups, and of strangers. */
const MAX_WAITING = 100
/** How many of one identity. */
const MAX_OF_ONE = 10
