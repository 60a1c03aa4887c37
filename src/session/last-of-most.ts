// Who has to go where more wait than there is room for: whoever floods drives out, and keeps out, only what came by the same
// peer, and later.

/** What waits. */
export interface Arrived {
  /** The peer by which it came. */
  readonly from: string
  /** Whether it can go at all; what cannot is counted all the same. Default: true. */
  readonly mayGo?: boolean
}

/** The latest of those that came by the peer by which most have come. @param all - in the order in which they came */
export function lastOfMost<T extends Arrived>(all: readonly T[]): T | undefined {
  const counts = new Map<string, number>()
  for (const { from } of all) counts.set(from, (counts.get(from) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return all.findLast(({ from, mayGo = true }) => counts.get(from) === most && mayGo)
}
