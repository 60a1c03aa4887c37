// One life of a simulated group: a seed and a profile decide everything that happens in it.

import type { CryptoProvider } from '../../crypto/contract.ts'
import type { SessionSettings } from '../../session/settings.ts'
import { act } from './actions.ts'
import { boundsFor } from './bounds.ts'
import { judge } from './invariants.ts'
import type { Failure } from './ledger.ts'
import { PERFECT_LINK, type Traffic } from './network.ts'
import { PROFILES, type Profile, type ProfileName, writeScript } from './profiles.ts'
import { type Action, describe } from './script.ts'
import { SeededRandom } from './seeded-random.ts'
import type { TraceLine } from './trace.ts'
import { createWorld, foundGroup, type World } from './world.ts'

/** What decides everything that happens in a simulated group. */
export interface SimulationOptions {
  /** Who computes: X25519, Ed25519, AES-128-GCM and ChaCha20-Poly1305 with SHA-256 are needed. */
  readonly provider: CryptoProvider
  readonly seed: number
  readonly profile: ProfileName
  /** How many members the group has at the beginning. Default: as the profile and the seed decide. */
  readonly members?: number
  /** Which actions of the script happen, by their place in it. Default: all. */
  readonly only?: readonly number[]
}

/** What happened in a simulated group, and which promises were broken. */
export interface SimulationReport {
  readonly seed: number
  readonly profile: ProfileName
  readonly failures: readonly Failure[]
  readonly converged: boolean
  readonly members: number
  readonly messages: number
  /** Pairs of a message and a member that was to get it. */
  readonly delivered: number
  readonly lost: number
  readonly duplicated: number
  readonly commits: number
  readonly forks: number
  readonly readds: number
  readonly detached: number
  readonly crashes: number
  /** The most epochs, on all branches, of which a device kept the keys. */
  readonly epochsRetained: number
  /** The most frames that a device held unread. */
  readonly largestPool: number
  /** Virtual time from the end of the last action until the group was at rest. */
  readonly restAfterMs: number
  readonly traffic: Traffic
  readonly script: readonly Action[]
  readonly trace: readonly TraceLine[]
  /** The same for runs in which the same happened. */
  readonly digest: string
}

/** Runs one life and checks the invariants at its end. The same options give the same report, byte by byte. */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const profile = PROFILES[options.profile]
  const seed = `${options.profile} ${options.seed}`
  const random = new SeededRandom(seed)
  const members = options.members ?? random.for('members').between(...profile.members)
  const byzantine = new Set(Array.from({ length: profile.byzantine(members) }, (_, i) => members - 1 - i))
  const cast = { members, spares: profile.spares, byzantine }
  const script = writeScript(profile, cast, random.for('script'))
  const { provider } = options
  const { clockSkewMs } = profile
  const world = await createWorld({
    provider,
    seed,
    devices: members + profile.spares,
    byzantine,
    clockSkewMs,
    settings: SETTINGS,
  })
  return new Simulation(options, world, members, script).run()
}

class Simulation {
  readonly #options: SimulationOptions
  readonly #world: World
  readonly #members: number
  readonly #script: readonly Action[]

  constructor(options: SimulationOptions, world: World, members: number, script: readonly Action[]) {
    this.#options = options
    this.#world = world
    this.#members = members
    this.#script = script
  }

  get #profile(): Profile {
    return PROFILES[this.#options.profile]
  }

  async run(): Promise<SimulationReport> {
    const { clock, ledger } = this.#world
    let endMs = clock.nowMs
    try {
      await foundGroup(this.#world, this.#members)
      await this.#live()
      endMs = clock.nowMs
      await this.#heal()
      if (!(await this.#comesToRest()))
        ledger.violations.push({ invariant: 'comes-to-rest', what: 'it goes on and on' })
    } catch (error) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
      ledger.violations.push({ invariant: 'no-internal-error', what })
    }
    return this.#report(Math.max(0, clock.nowMs - endMs - this.#profile.rest.calmMs))
  }

  async #live(): Promise<void> {
    const { clock, network, trace } = this.#world
    const profile = this.#profile
    network.link = profile.link
    network.keepFor(profile.retentionMs)
    const startMs = clock.nowMs
    const chosen = this.#options.only === undefined ? undefined : new Set(this.#options.only)
    for (const [place, action] of this.#script.entries()) {
      if (chosen !== undefined && !chosen.has(place)) continue
      const random = this.#world.random.for(`action ${place}`)
      clock.at(startMs + action.atMs, async () => {
        trace.note('', `#${place} ${describe(action)}`)
        await act(action, { ...this.#world, random })
      })
    }
    const last = this.#script.filter((_, place) => chosen?.has(place) ?? true).at(-1)
    await clock.runUntil(startMs + Math.min(profile.durationMs, (last?.atMs ?? 0) + AFTER_LAST_MS))
  }

  async #heal(): Promise<void> {
    const { network, devices, trace } = this.#world
    network.heal()
    network.link = { ...PERFECT_LINK, reconcileEveryMs: this.#profile.rest.reconcileEveryMs }
    for (const device of devices) {
      await device.restart()
      device.online = true
    }
    // As a client does with each peer that it meets: otherwise chance may keep two from it until the end.
    for (const device of devices) network.appeared(device)
    trace.note('', 'heals, and everybody is there')
  }

  /** @returns whether nothing changed any more for a while */
  async #comesToRest(): Promise<boolean> {
    const { clock, network } = this.#world
    const { calmMs, withinMs, frames } = this.#profile.rest
    const latestMs = clock.nowMs + withinMs
    let since = { atMs: clock.nowMs, fingerprint: '', published: 0 }
    while (clock.nowMs - since.atMs < calmMs) {
      if (clock.nowMs > latestMs) return false
      const fingerprint = this.#fingerprint()
      const { published } = network.traffic
      if (fingerprint !== since.fingerprint || published - since.published > frames) {
        since = { atMs: clock.nowMs, fingerprint, published }
      }
      await clock.runUntil(clock.nowMs + calmMs / LOOKS)
    }
    return true
  }

  #fingerprint(): string {
    return this.#world.devices.map(({ head, disk }) => `${head} ${disk.log.size}`).join()
  }

  #report(restAfterMs: number): SimulationReport {
    const { ledger, network, trace } = this.#world
    const verdict = judge(this.#world.devices, ledger, boundsFor(this.#world.devices.length))
    for (const { invariant, what } of verdict.failures) trace.note('', `fails: ${invariant}: ${what}`)
    return {
      seed: this.#options.seed,
      profile: this.#options.profile,
      failures: verdict.failures,
      converged: !verdict.failures.some(({ invariant }) => invariant === 'converged'),
      members: this.#members,
      messages: ledger.sent.length,
      delivered: verdict.delivered,
      lost: verdict.lost,
      duplicated: verdict.duplicated,
      commits: ledger.counts.commits,
      forks: ledger.counts.forks,
      readds: ledger.counts.readds,
      detached: ledger.counts.detached,
      crashes: ledger.counts.crashes,
      epochsRetained: ledger.extremes.epochs,
      largestPool: ledger.extremes.unread,
      restAfterMs,
      traffic: network.traffic,
      script: this.#script,
      trace: trace.lines,
      digest: trace.digest,
    }
  }
}

/** How long a script goes on behind its last action. */
const AFTER_LAST_MS = 2_000
/** How often a group is looked at, in the time that it has to be calm to be at rest. */
const LOOKS = 75

/** Newcomers refresh their leaves within the life of a simulation. */
const SETTINGS: Partial<SessionSettings> = { refreshAfterMs: 9_000 }
