// The life of a group over a real network: clients in several processes come and go, or are killed, while they commit and
// talk; then everybody comes back, and what has to hold is looked at.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Check, Closing } from './closing.ts'
import { EndedError, RefusedError } from './houses.ts'
import { Ledger } from './ledger.ts'
import { People, type Person } from './people.ts'
import { planOf, type SoakOptions, type Step } from './plan.ts'
import type { Command } from './protocol.ts'
import { holdsWithin } from './wait.ts'

export interface SoakResult {
  readonly checks: readonly Check[]
  readonly figures: Readonly<Record<string, number>>
}

/** @param say - is told what goes on */
export async function soak(options: SoakOptions, say: (line: string) => void): Promise<SoakResult> {
  const folder = await mkdtemp(join(tmpdir(), 'coterie-soak-'))
  const run = new Soak(folder, options, say)
  try {
    return await run.live()
  } finally {
    await run.people.end()
    await rm(folder, { recursive: true, force: true })
  }
}

class Soak {
  readonly people: People
  readonly #options: SoakOptions
  readonly #say: (line: string) => void
  readonly #ledger = new Ledger()
  readonly #counts = new Map<string, number>()
  /** What should not have happened. */
  readonly #surprises: string[] = []
  readonly #work = new Set<Promise<void>>()
  #group = ''
  #texts = 0

  constructor(folder: string, options: SoakOptions, say: (line: string) => void) {
    this.#options = options
    this.#say = say
    this.people = new People(folder, options, (report) => {
      if ('event' in report) this.#count(`event ${report.event}`)
      else {
        this.#count(`warning ${report.warning}`)
        if (INTERNAL.test(report.warning)) this.#surprises.push(`${report.client}: ${report.message}`)
      }
    })
  }

  async live(): Promise<SoakResult> {
    await this.#gather()
    this.#say(`${this.people.all.length} clients in ${this.#options.processes} processes, all there`)
    const startMs = performance.now()
    for (const step of planOf(this.#options)) {
      await pause(step.pauseMs)
      this.#take(step)
      while (this.#work.size > MOST_AT_ONCE) await Promise.race(this.#work)
    }
    const liveSeconds = seconds(startMs)
    this.#say(`lived for ${liveSeconds} s: ${this.#tally()}`)
    const backMs = performance.now()
    await this.#comeBack()
    this.#say(`everybody is back after ${seconds(backMs)} s`)
    const closing = new Closing({
      people: this.people,
      ledger: this.#ledger,
      group: this.#group,
      surprises: this.#surprises,
      send: (person) => this.#send(person),
      say: this.#say,
    })
    const checks = await closing.check()
    this.#say(this.#tally())
    return {
      checks,
      figures: {
        commits: this.#ledger.commits,
        messages: this.#ledger.confirmed.length,
        'forks resolved': this.#ledger.forks,
        're-adds': this.#counts.get('event readded') ?? 0,
        kills: this.#counts.get('kill') ?? 0,
        'clients closed': this.#counts.get('close') ?? 0,
        'seconds of life': liveSeconds,
        'seconds to agree': closing.agreedAfterSeconds,
      },
    }
  }

  /** Everybody is open; all but every second guest are in the group. */
  async #gather(): Promise<void> {
    const { all, founder } = this.people
    for (const person of all) await this.people.start(person)
    this.#group = (await founder.ask({ cmd: 'create', name: 'Soak' })).group
    founder.noteWish('add')
    founder.noteAnswer('add', 'done')
    founder.isAdmin = true
    const members = all.filter(({ isGuest }, at) => !isGuest || at % 2 === 0)
    for (const person of members) if (person !== founder) await this.#wish(founder, 'add', person)
    let outside: string[] = []
    const haveJoined = await holdsWithin(PATIENCE_MS, async () => {
      const views = await Promise.all(members.map((person) => person.ask({ cmd: 'view', group: this.#group })))
      outside = members.filter((_, at) => views[at]?.isMember !== true).map(({ name }) => name)
      return outside.length === 0
    })
    if (!haveJoined) throw new Error(`added and never in: ${outside.join(' ')}; ${this.#tally()}`)
    const admins = members.filter(({ isGuest }) => !isGuest).slice(1, 4)
    for (const person of admins) await this.#wish(founder, 'promote', person)
  }

  /** Begins what a step says, where it can be done. */
  #take(step: Step): void {
    const { open, all } = this.people
    const actors = open.filter(({ isIn }) => isIn)
    const actor = pick(actors, step.actor)
    if (step.kind === 'churn') this.#churn(step)
    else if (actor === undefined) this.#count('nobody is there')
    else if (step.kind === 'send') this.#begin(this.#send(actor))
    else if (step.kind === 'add') {
      this.#subject(
        actor,
        'add',
        all.filter(({ isIn }) => isIn === false),
        step,
      )
    } else {
      const admin = pick(
        actors.filter(({ isAdmin }) => isAdmin),
        step.actor,
      )
      if (admin === undefined) return
      if (step.kind === 'rename') this.#begin(this.#rename(admin))
      if (step.kind === 'promote') {
        this.#subject(
          admin,
          'promote',
          all.filter(({ isGuest, isAdmin }) => !isGuest && !isAdmin),
          step,
        )
      }
      if (step.kind === 'remove') {
        this.#subject(
          admin,
          'remove',
          all.filter(({ isGuest, isIn }) => isGuest && isIn),
          step,
        )
      }
    }
  }

  #subject(actor: Person, wish: 'add' | 'remove' | 'promote', candidates: readonly Person[], { subject }: Step): void {
    const person = pick(
      candidates.filter((candidate) => !candidate.isPending && candidate !== actor),
      subject,
    )
    if (person !== undefined) this.#begin(this.#wish(actor, wish, person))
  }

  /** Somebody leaves, or a whole process is killed; where enough are away, the one that is away for longest comes back. */
  #churn({ actor, kills }: Step): void {
    const { all, open, away } = this.people
    const most = Math.floor((all.length * this.#options.churn) / 100)
    const leaving = pick(open, actor)
    if (all.length - open.length >= most) {
      const [first] = [...away].sort((a, b) => a.awaySince - b.awaySince)
      if (first !== undefined) this.#begin(this.people.start(first), first)
    } else if (leaving !== undefined && kills) {
      this.#count('kill')
      this.#begin(leaving.house.kill())
    } else if (leaving !== undefined) {
      this.#count('close')
      this.#begin(leaving.close(), leaving)
    }
  }

  async #comeBack(): Promise<void> {
    await Promise.all(this.#work)
    // One after the other: each finds those before it.
    for (const person of this.people.away) await this.people.start(person)
    await this.people.connect()
  }

  async #send(person: Person): Promise<void> {
    const text = `${person.name} ${++this.#texts}`
    const sent = await this.#ask(person, { cmd: 'send', group: this.#group, text })
    if (sent === 'refused' || sent === 'unknown') return
    const readers = this.people.named(sent.readers)
    this.#ledger.confirmed.push({ id: sent.id, text, sender: person.name, readers })
  }

  async #rename(actor: Person): Promise<void> {
    await this.#ask(actor, { cmd: 'rename', group: this.#group, name: `${actor.name} ${++this.#texts}` })
  }

  async #wish(actor: Person, wish: 'add' | 'remove' | 'promote', person: Person): Promise<void> {
    const { group, opened } = { group: this.#group, opened: person.opened }
    person.isPending = true
    if (wish !== 'promote') person.noteWish(wish)
    const command: Command =
      wish === 'add' ? { cmd: wish, group, card: opened.card } : { cmd: wish, group, identity: opened.identity }
    const answer = await this.#ask(actor, command)
    const outcome = answer === 'refused' || answer === 'unknown' ? answer : 'done'
    if (wish === 'promote') person.isAdmin ||= outcome === 'done'
    else person.noteAnswer(wish, outcome)
    person.isPending = false
  }

  /** What a client answers, where it was neither ended meanwhile nor had a reason to refuse. */
  async #ask<C extends Command>(person: Person, command: C) {
    const { endings } = person
    try {
      const answer = await person.ask(command)
      this.#count(command.cmd)
      return answer
    } catch (error) {
      const ended = error instanceof EndedError || (error instanceof RefusedError && error.code === 'CLIENT_CLOSED')
      if (ended && person.endings > endings) return 'unknown'
      if (error instanceof RefusedError && REASONS.has(error.code)) {
        this.#count(`${command.cmd} refused: ${error.code}`)
        return 'refused'
      }
      this.#surprises.push(`${person.name}, asked to ${command.cmd}: ${String(error)}`)
      return 'refused'
    }
  }

  /** @param ended - whose end is no surprise, since a process that is killed takes it along */
  #begin(work: Promise<void>, ended?: Person): void {
    const begun = work
      .catch((error: unknown) => {
        if (ended === undefined || !(error instanceof EndedError)) this.#surprises.push(String(error))
      })
      .finally(() => this.#work.delete(begun))
    this.#work.add(begun)
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  #tally(): string {
    return [...this.#counts]
      .sort()
      .map(([what, count]) => `${count} ${what}`)
      .join(', ')
  }
}

function pick(people: readonly Person[], roll: number): Person | undefined {
  return people[roll % people.length]
}

/** For the random moments of a life; what is to happen is waited for by condition. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function seconds(sinceMs: number): number {
  return Math.round((performance.now() - sinceMs) / 100) / 10
}

/** What may be refused to somebody who has not heard of another's commit, or was removed. */
const REASONS: ReadonlySet<string> = new Set([
  'GROUP_CARD_IS_MEMBER',
  'GROUP_NOT_PERMITTED',
  'GROUP_REMOVED',
  'GROUP_UNKNOWN',
  'GROUP_UNKNOWN_MEMBER',
])
/** Codes that no network may cause. */
const INTERNAL = /^(INTERNAL_|UNEXPECTED|CRYPTO_)/
const MOST_AT_ONCE = 60
const PATIENCE_MS = 300_000
