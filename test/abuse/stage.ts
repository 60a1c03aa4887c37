// Where a scenario takes place: processes on the loopback, with disks in a folder that goes with them.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../src/testing/until.ts'
import { HEAP_MEBIBYTES } from './bounds.ts'
import { diskOf, type Latency, latencyOf, type Row } from './measures.ts'
import { Actor } from './processes/actor.ts'
import type { Attacker } from './processes/attacker-program.ts'
import type { Citizen } from './processes/citizen-program.ts'

/** A client or a relay in its process. */
export interface Person {
  readonly actor: Actor<Citizen>
  readonly folder: string
  readonly address: string
  readonly card: string
}

/** What a victim took before it was attacked. */
export interface Before {
  readonly rss: number
  readonly disk: number
}

export class Stage {
  readonly #actors: { stop(): Promise<void> }[] = []
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Sets up a stage for something, and clears it away afterwards. */
  static async during<T>(play: (stage: Stage) => Promise<T>): Promise<T> {
    const stage = new Stage(await mkdtemp(join(tmpdir(), 'coterie-abuse-')))
    try {
      return await play(stage)
    } finally {
      await Promise.all(stage.#actors.map((actor) => actor.stop()))
      await rm(stage.#folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }

  attacker(): Actor<Attacker> {
    const actor = new Actor<Attacker>(new URL('./processes/attacker-program.ts', import.meta.url), 4_096)
    this.#actors.push(actor)
    return actor
  }

  /** Opens a client; under a name that was there before, with what it had. */
  async client(name: string, relays: readonly string[] = [], listen = true): Promise<Person> {
    const folder = join(this.#folder, name)
    const actor = this.#citizen()
    return { actor, folder, ...(await actor.ask('openClient', { folder, name, relays, listen })) }
  }

  /** @param maxFrames - how many it keeps of all topics; a quarter of one. Default: a relay's own */
  async relay(name: string, maxFrames?: number): Promise<Person> {
    const folder = join(this.#folder, name)
    const actor = this.#citizen()
    const args = { folder, ...(maxFrames !== undefined && { maxFrames }) }
    return { actor, folder, card: '', ...(await actor.ask('openRelay', args)) }
  }

  /** A group of clients, each of which has joined when this resolves. The first founds it. */
  async group(founder: Person, ...others: readonly Person[]): Promise<string> {
    const group = await founder.actor.ask('create', { name: 'Book club' })
    for (const { actor, card } of others) {
      await founder.actor.ask('add', { group, card })
      await joined(actor, group)
    }
    for (const { actor } of [founder, ...others]) {
      await until(
        'everybody knows everybody',
        async () => (await actor.ask('memberCount', { group })) === others.length + 1,
        60_000,
      )
    }
    return group
  }

  #citizen(): Actor<Citizen> {
    const actor = new Actor<Citizen>(new URL('./processes/citizen-program.ts', import.meta.url), HEAP_MEBIBYTES)
    this.#actors.push(actor)
    return actor
  }
}

/** When somebody had joined a group. */
export async function joined(actor: Actor<Citizen>, group: string, withinMs = 60_000): Promise<number> {
  let atMs = Number.NaN
  await until(
    'somebody has joined',
    async () => {
      const found = (await actor.ask('joined')).find(({ what }) => what === group)
      atMs = found?.atMs ?? atMs
      return found !== undefined
    },
    withinMs,
  )
  return atMs
}

export async function before({ actor, folder }: Person): Promise<Before> {
  return { rss: (await actor.ask('vitals')).rss, disk: await diskOf(folder) }
}

/** What a victim has come to take since. Its memory at the worst moment. */
export async function grown({ actor, folder }: Person, since: Before): Promise<Pick<Row, 'memory' | 'disk'>> {
  const { peakRss } = await actor.ask('vitals')
  return { memory: Math.max(0, peakRss - since.rss), disk: Math.max(0, (await diskOf(folder)) - since.disk) }
}

/**
 * One speaks to another as long as something goes on, several times a second.
 * @returns how long what was said took; infinite where it was not heard at all
 */
export async function talkDuring(
  speaker: Person,
  hearer: Person,
  group: string,
  meanwhile: Promise<unknown>,
): Promise<Latency> {
  await speaker.actor.ask('startProbes', { group, everyMs: EVERY_MS })
  // What fails is not talked over.
  await meanwhile.catch(() => undefined)
  const said = await speaker.actor.ask('stopProbes')
  const heardAt = new Map<string, number>()
  await until(
    'all was heard',
    async () => {
      for (const { what, atMs } of (await hearer.actor.ask('heard')).probes) heardAt.set(what, atMs)
      return said.every(({ what }) => heardAt.has(what))
    },
    HEARING_MS,
  ).catch(() => undefined)
  await meanwhile
  return latencyOf(said.map(({ what, atMs }) => (heardAt.get(what) ?? Number.POSITIVE_INFINITY) - atMs))
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** How long honest people talk to each other before they are attacked. */
export const CALM_MS = 10_000
const EVERY_MS = 250
/** What was not heard by then is lost. */
const HEARING_MS = 120_000
