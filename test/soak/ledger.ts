// What a soak has seen, and what has to hold of it: nothing lost, nothing twice, one order, and no commit beside another of
// the same device.

import type { HistoryEntry, ReportedEpoch } from './protocol.ts'

/** A message whose sender was told that it is on disk. */
interface Confirmed {
  readonly id: string
  readonly text: string
  readonly sender: string
  /** Names of those who were members when it was sent, as its sender knew. */
  readonly readers: readonly string[]
}

export class Ledger {
  readonly confirmed: Confirmed[] = []
  readonly #epochs = new Map<string, ReportedEpoch>()

  noteEpochs(epochs: readonly ReportedEpoch[]): void {
    for (const epoch of epochs) {
      const { parent, committer } = epoch
      if (parent !== undefined && committer !== undefined) this.#epochs.set(epoch.id, epoch)
    }
  }

  /** On all branches. */
  get commits(): number {
    return this.#epochs.size
  }

  /** How many epochs were followed by more than one. */
  get forks(): number {
    return this.#countBy(({ parent }) => parent ?? '').filter(([, count]) => count > 1).length
  }

  /** Commits of one device on one parent. */
  doubleCommits(): string[] {
    const counts = this.#countBy(({ parent, committer }) => `${committer} on ${parent}`)
    return counts.filter(([, count]) => count > 1).map(([key]) => key)
  }

  /** What should be in somebody's history and is not. @param stayed - whether somebody was never removed */
  missing(name: string, history: readonly HistoryEntry[], stayed: (name: string) => boolean): string[] {
    const ids = new Set(history.map(({ id }) => id))
    const due = this.confirmed.filter(({ readers, sender }) => readers.includes(name) && stayed(sender))
    return due.filter(({ id }) => !ids.has(id)).map(({ text }) => `${name} lacks "${text}"`)
  }

  /** What somebody has twice, as one message or as two. */
  repeated(name: string, history: readonly HistoryEntry[]): string[] {
    const ids = history.map(({ id }) => id)
    const texts = history.map(({ text }) => text)
    return [...new Set([...again(ids), ...again(texts)])].map((what) => `${name} has "${what}" twice`)
  }

  /** What two have both, and not in one order. */
  disordered(histories: ReadonlyMap<string, readonly HistoryEntry[]>): string[] {
    const entries = [...histories]
    return entries.flatMap(([name, history], at) =>
      entries.slice(at + 1).flatMap(([other, others]) => {
        const [mine, theirs] = [common(history, others), common(others, history)]
        const first = mine.findIndex((text, place) => text !== theirs[place])
        return first < 0 ? [] : [`${name} shows "${mine[first]}" where ${other} shows "${theirs[first]}"`]
      }),
    )
  }

  #countBy(keyOf: (epoch: ReportedEpoch) => string): [key: string, count: number][] {
    const counts = new Map<string, number>()
    for (const epoch of this.#epochs.values()) {
      const key = keyOf(epoch)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    return [...counts]
  }
}

function common(history: readonly HistoryEntry[], other: readonly HistoryEntry[]): string[] {
  const ids = new Set(other.map(({ id }) => id))
  return history.filter(({ id }) => ids.has(id)).map(({ text }) => text)
}

function again(values: readonly string[]): string[] {
  const seen = new Set<string>()
  return values.filter((value) => seen.size === seen.add(value).size)
}
