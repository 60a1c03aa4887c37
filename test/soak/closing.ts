// The end of a soak: everybody is back, and what has to hold is waited for and looked at.

import type { Ledger } from './ledger.ts'
import type { People, Person } from './people.ts'
import type { HistoryEntry, View } from './protocol.ts'
import { holdsWithin } from './wait.ts'

/** Something that has to hold, and what speaks against it. */
export interface Check {
  readonly name: string
  readonly failures: readonly string[]
}

interface ClosingOptions {
  readonly people: People
  readonly ledger: Ledger
  readonly group: string
  readonly surprises: readonly string[]
  readonly send: (person: Person) => Promise<void>
  readonly say: (line: string) => void
}

export class Closing {
  readonly #options: ClosingOptions
  readonly #views = new Map<string, View>()
  readonly #histories = new Map<string, readonly HistoryEntry[]>()
  readonly #startMs = performance.now()
  agreedAfterSeconds = Number.NaN

  constructor(options: ClosingOptions) {
    this.#options = options
  }

  async check(): Promise<Check[]> {
    const { ledger, group, surprises, send, say } = this.#options
    const agreed = await this.#agree()
    this.agreedAfterSeconds = Math.round((performance.now() - this.#startMs) / 100) / 10
    if (agreed.length === 0) say(`all agree after ${this.agreedAfterSeconds} s`)
    const inTheEnd = this.#members()
    const before = ledger.confirmed.length
    for (const person of inTheEnd) await send(person)
    const missing = await this.#everythingHasCome(before)
    const agreedAgain = await this.#agree()
    for (const person of inTheEnd) ledger.noteEpochs(await person.ask({ cmd: 'epochs', group }))
    const histories = [...this.#histories]
    return [
      { name: 'all members agree on one epoch', failures: agreed },
      { name: 'they still do after a last round of messages', failures: agreedAgain },
      { name: 'those are members who should be', failures: this.#wrongMembers() },
      { name: 'everybody has every message', failures: missing },
      {
        name: 'nobody has a message twice',
        failures: histories.flatMap(([name, history]) => ledger.repeated(name, history)),
      },
      { name: 'all show the messages in one order', failures: ledger.disordered(this.#histories) },
      { name: 'no device made two commits on one parent', failures: ledger.doubleCommits() },
      { name: 'nothing failed that should not have', failures: surprises },
    ]
  }

  /** Those whom the founder, who is never removed, sees. */
  #members(): Person[] {
    const { all, founder } = this.#options.people
    const members = new Set(this.#views.get(founder.name)?.members)
    return all.filter(({ identity }) => members.has(identity))
  }

  async #agree(): Promise<string[]> {
    const { people, group, say } = this.#options
    let toldMs = performance.now()
    const agree = await holdsWithin(PATIENCE_MS, async () => {
      const views = people.all.map(async (person) => {
        this.#views.set(person.name, await person.ask({ cmd: 'view', group }))
      })
      await Promise.all(views)
      const seen = this.#members().map(({ name }) => sameness(this.#views.get(name)))
      if (performance.now() - toldMs > TELL_EVERY_MS) {
        toldMs = performance.now()
        for (const [name, view] of this.#views) say(`not yet: ${this.#described(name, view)}`)
      }
      return seen.length > 1 && new Set(seen).size === 1 && this.#strangers().length === 0
    })
    return agree ? [] : [...this.#views].map(([name, view]) => this.#described(name, view))
  }

  /** Those who take themselves for members, and are not in the founder's eyes. */
  #strangers(): Person[] {
    const members = this.#members()
    return this.#options.people.all.filter((person) => {
      return this.#views.get(person.name)?.isMember === true && !members.includes(person)
    })
  }

  #described(name: string, { isMember, head, state, members = [] }: View): string {
    if (!isMember) return `${name} is no member`
    return `${name} at ${head?.slice(0, 8)} with ${this.#options.people.named(members).join(' ')}: ${state}`
  }

  #wrongMembers(): string[] {
    const members = this.#members()
    return this.#options.people.all.flatMap((person) => {
      const isIn = members.includes(person)
      if (person.mustBeIn === undefined || person.mustBeIn === isIn) return []
      return [`${person.name} is ${isIn ? 'in' : 'not in'}`]
    })
  }

  /**
   * @param before - how many messages there were before the last round
   * @returns what is missing for good
   */
  async #everythingHasCome(before: number): Promise<string[]> {
    const { people, ledger, group } = this.#options
    const stayed = new Set(people.all.filter(({ hasStayed }) => hasStayed).map(({ name }) => name))
    const members = this.#members()
    let missing: string[] = []
    await holdsWithin(PATIENCE_MS, async () => {
      for (const person of members) {
        this.#histories.set(person.name, await person.ask({ cmd: 'history', group }))
      }
      missing = members.flatMap(({ name }) => {
        const history = this.#histories.get(name) ?? []
        const due = ledger.missing(name, history, (sender) => stayed.has(sender))
        if (stayed.has(name)) return due
        // Whoever has come and gone has at least what was said when everybody was there.
        const ids = new Set(history.map(({ id }) => id))
        const last = ledger.confirmed.slice(before).filter(({ readers }) => readers.includes(name))
        return last.filter(({ id }) => !ids.has(id)).map(({ text }) => `${name} lacks "${text}" of the last round`)
      })
      return missing.length === 0
    })
    return missing
  }
}

/** What all members must see alike. */
function sameness(view: View | undefined): string {
  return JSON.stringify([view?.head, view?.name, view?.members, view?.secret])
}

const PATIENCE_MS = 300_000
const TELL_EVERY_MS = 30_000
