// Processes that are killed at random moments go on where they were: nothing lost that `send` confirmed, nothing twice, one
// order and one epoch for all, and no second commit of a device on one parent. `SEED=… KILLS=… npm run test:crash` repeats a run.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ChatEndedError } from '../../src/cli/scripted-chat.ts'
import { until } from '../../src/testing/until.ts'
import { seededRandom } from '../support/random.ts'
import { Crew, type Person, pause } from './crew.ts'
import { type HistoryEntry, Ledger } from './ledger.ts'

const KILLS = integer('KILLS', 50)
const SEED = integer('SEED', Date.now() % 0x7fff_ffff)
const PATIENCE_MS = 60_000

let folder: string
let crew: Crew

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coterie-crash-'))
  crew = new Crew(folder)
})

afterEach(async () => {
  await crew.leave()
  await rm(folder, { recursive: true })
})

test(`killed ${KILLS} times`, { timeout: 120_000 + KILLS * 20_000 }, async () => {
  console.log(`SEED=${SEED} KILLS=${KILLS}`)
  const run = new Run(crew, seededRandom(SEED))
  await run.gather()
  const joinsAt = Math.floor(KILLS / 3)
  for (let kill = 0; kill < KILLS; kill++) await (kill === joinsAt ? run.killWhileJoining() : run.killWhileBusy())
  await run.check()
})

class Run {
  readonly #crew: Crew
  readonly #random: (bound: number) => number
  readonly #ledger = new Ledger()
  readonly #members: Person[]
  readonly #newcomer: Person
  #group: unknown
  #texts = 0

  constructor(crew: Crew, random: (bound: number) => number) {
    this.#crew = crew
    this.#random = random
    this.#members = ['alice', 'bob', 'carol'].map((name) => crew.enter(name))
    this.#newcomer = crew.enter('dave')
  }

  /** Three are in a group, and a fourth is about. One of them is killed while its store is being made. */
  async gather(): Promise<void> {
    const victim = this.#pick(this.#crew.people)
    await victim.startAndDie(this.#random(MAKING_MS))
    for (const person of this.#crew.people) await person.start()
    const [founder, ...others] = this.#members as [Person, ...Person[]]
    const { group } = await founder.chat.ask({ cmd: 'create', name: 'Book club' })
    this.#group = group
    for (const other of others) {
      await founder.chat.ask({ cmd: 'add', group, card: other.card })
      await this.#hasJoined(other)
    }
    await this.#agree()
  }

  /** Everybody does something; somebody is killed meanwhile, and comes back while the others go on. */
  async killWhileBusy(): Promise<void> {
    const victim = this.#pick(this.#crew.people)
    const delayMs = this.#random(BUSY_MS)
    const dieAgainMs = this.#random(3) === 0 ? this.#random(STARTING_MS) : undefined
    const [before, after] = [this.#plan(2), this.#plan(1)]
    const work = before.map((action) => this.#act(action, victim))
    await pause(delayMs)
    await victim.kill()
    await Promise.all(work)
    await Promise.all(after.filter(({ actor }) => actor !== victim).map((action) => this.#act(action)))
    if (dieAgainMs !== undefined) await victim.startAndDie(dieAgainMs)
    await victim.start()
    await this.#inspectAll()
    if (this.#random(3) === 0) await this.#agree()
  }

  /**
   * A fourth is added while somebody is killed: the one who adds, the one who is added, or another. Nobody commits beside
   * the add: what becomes of those who join a branch that loses is not a matter of crashes.
   */
  async killWhileJoining(): Promise<void> {
    await this.#agree()
    const [adder, victim] = [this.#pick(this.#members), this.#pick(this.#crew.people)]
    const delayMs = this.#random(JOINING_MS)
    const { card, identity } = this.#newcomer
    const add = { cmd: 'add', group: this.#group, card }
    const work = [adder.chat.ask(add).catch(endedBy(victim, adder))]
    for (const actor of this.#members) work.push(this.#act({ actor, renames: false }, victim))
    await pause(delayMs)
    await victim.kill()
    await Promise.all(work)
    await victim.start()
    const { members } = await adder.chat.ask({ cmd: 'members', group: this.#group })
    const isMember = (members as readonly { identity: unknown }[]).some((member) => member.identity === identity)
    // Whoever was killed before it was on disk has to say it again.
    if (!isMember) await adder.chat.ask(add)
    await this.#hasJoined(this.#newcomer)
    this.#members.push(this.#newcomer)
    await this.#agree()
  }

  async check(): Promise<void> {
    await this.#agree()
    const histories = new Map<string, readonly HistoryEntry[]>()
    await until(
      'everybody has every message',
      async () => {
        for (const person of this.#members) histories.set(person.name, await this.#history(person))
        return [...histories].every(([name, history]) => this.#ledger.missing(name, history).length === 0)
      },
      PATIENCE_MS,
    ).catch(() => undefined)
    this.#ledger.checkHistories(histories)
    await this.#agree()
    this.#ledger.checkCommits()
    console.log(`${this.#ledger.confirmed.length} messages confirmed, ${this.#ledger.commits} commits seen`)
    expect(this.#ledger.confirmed.length).toBeGreaterThan(KILLS)
    expect(this.#ledger.commits).toBeGreaterThan(3)
  }

  #plan(most: number): Action[] {
    return this.#members.flatMap((actor) =>
      Array.from({ length: 1 + this.#random(most) }, () => ({ actor, renames: this.#random(8) === 0 })),
    )
  }

  /** @param victim - whose end is no surprise */
  async #act({ actor, renames }: Action, victim?: Person): Promise<void> {
    const text = `${actor.name} ${++this.#texts}`
    const group = this.#group
    const readers = new Set(this.#members.map(({ name }) => name))
    try {
      if (renames) {
        await actor.chat.ask({ cmd: 'rename', group, name: text })
        return
      }
      const { id } = await actor.chat.ask({ cmd: 'send', group, text })
      this.#ledger.confirmed.push({ id: String(id), text, readers })
    } catch (error) {
      endedBy(victim, actor)(error)
    }
  }

  /** Waits until all members are in one epoch, with one exporter. */
  async #agree(): Promise<void> {
    try {
      await until('all are in one epoch', async () => new Set(await this.#views()).size === 1, PATIENCE_MS)
    } catch (cause) {
      throw new Error(`the members have parted:\n${(await this.#reports()).join('\n')}`, { cause })
    }
    await this.#inspectAll()
  }

  async #inspectAll(): Promise<void> {
    for (const { chat } of this.#members) {
      const { epochs } = await chat.ask({ cmd: 'inspect', group: this.#group })
      this.#ledger.noteEpochs(epochs as Parameters<Ledger['noteEpochs']>[0])
    }
  }

  async #history({ chat }: Person): Promise<readonly HistoryEntry[]> {
    const { messages } = await chat.ask({ cmd: 'history', group: this.#group })
    return messages as readonly HistoryEntry[]
  }

  async #hasJoined({ chat }: Person): Promise<void> {
    await chat.next(({ event, ...rest }) => event === 'group' && rest.group === this.#group)
  }

  #pick(people: readonly Person[]): Person {
    return people[this.#random(people.length)] as Person
  }

  #views(): Promise<string[]> {
    return Promise.all(
      this.#members.map(async ({ chat }) => {
        const { secret } = await chat.ask({ cmd: 'export', group: this.#group, label: 'crash test' })
        const { head } = await chat.ask({ cmd: 'inspect', group: this.#group })
        return `${String(head)} ${String(secret)}`
      }),
    )
  }

  /** What everybody knows of epochs, and what they were warned of, for whoever looks for the cause. */
  #reports(): Promise<string[]> {
    return Promise.all(
      this.#members.map(async ({ name, past, chat }) => {
        const { event, ref, ok, ...inspected } = await chat.ask({ cmd: 'inspect', group: this.#group })
        const warnings = [...past, ...chat.events].filter((told) => told.event === 'warning')
        const codes = new Set(warnings.map(({ code, message }) => `${String(code)} ${String(message)}`))
        return `${name}: ${JSON.stringify(inspected)} ${[...codes].join('; ')}`
      }),
    )
  }
}

interface Action {
  readonly actor: Person
  readonly renames: boolean
}

/** The end of a process is expected of whoever is killed, and of nobody else. */
function endedBy(victim: Person | undefined, actor: Person): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof ChatEndedError) || actor !== victim) throw error
  }
}

function integer(name: string, otherwise: number): number {
  const given = process.env[name]
  const value = given === undefined ? otherwise : Number(given)
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} is not a positive integer: ${given}`)
  return value
}

/** How long after the commands a process is killed, at most. */
const BUSY_MS = 120
const JOINING_MS = 700
/** A process takes about this long to start. */
const MAKING_MS = 2_500
const STARTING_MS = 2_000
