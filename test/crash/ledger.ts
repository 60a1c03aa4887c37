// What a run has seen, and what has to hold of it: nothing lost, nothing twice, one order, and no commit beside another of
// the same device.

import { expect } from 'vitest'

/** A message as `history` tells it. */
export interface HistoryEntry {
  readonly id: string
  readonly text: string
}

interface ReportedEpoch {
  readonly id: string
  readonly parent?: string | undefined
  readonly committer?: string | undefined
}

/** A message whose sender was told that it is on disk. */
interface Confirmed {
  readonly id: string
  readonly text: string
  /** Who was a member when it was sent. */
  readonly readers: ReadonlySet<string>
}

export class Ledger {
  readonly confirmed: Confirmed[] = []
  /** For each device and each parent: the commits that were seen. */
  readonly #commits = new Map<string, Set<string>>()

  /** What somebody's `inspect` told. Epochs that are let go later have been noted here. */
  noteEpochs(epochs: readonly ReportedEpoch[]): void {
    for (const { id, parent, committer } of epochs) {
      if (parent === undefined || committer === undefined) continue
      const key = `${committer} on ${parent}`
      this.#commits.set(key, (this.#commits.get(key) ?? new Set()).add(id))
    }
  }

  get commits(): number {
    return this.#commits.size
  }

  /** No device has made two commits on one parent. */
  checkCommits(): void {
    const twice = [...this.#commits].filter(([, children]) => children.size > 1)
    expect(twice.map(([key, children]) => [key, [...children]])).toEqual([])
  }

  /** The texts that are missing from somebody's history. */
  missing(name: string, history: readonly HistoryEntry[]): string[] {
    const ids = new Set(history.map(({ id }) => id))
    return this.confirmed.filter(({ id, readers }) => readers.has(name) && !ids.has(id)).map(({ text }) => text)
  }

  /** Everything that was confirmed is there, all of it once, in the order in which the others have it. */
  checkHistories(histories: ReadonlyMap<string, readonly HistoryEntry[]>): void {
    const [first, ...others] = [...histories].sort(([, a], [, b]) => b.length - a.length)
    if (first === undefined) throw new Error('nobody has a history')
    for (const [name, history] of histories) {
      expect(this.missing(name, history), `${name} lacks`).toEqual([])
      const texts = history.map(({ text }) => text)
      expect(repeated(texts), `${name} has twice`).toEqual([])
      expect(repeated(history.map(({ id }) => id)), `${name} has twice`).toEqual([])
    }
    for (const [name, history] of others) {
      const own = new Set(history.map(({ id }) => id))
      const expected = first[1].filter(({ id }) => own.has(id)).map(({ text }) => text)
      expect(
        history.map(({ text }) => text),
        `${name} beside ${first[0]}`,
      ).toEqual(expected)
    }
  }
}

function repeated(values: readonly string[]): string[] {
  return values.filter((value, at) => values.indexOf(value) !== at)
}
