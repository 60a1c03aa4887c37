// Damages valid messages of all kinds and watches what becomes of it: for the tests, and for longer runs by hand.
import fc, { type Arbitrary } from 'fast-check'
import { toHex } from '../../src/bytes.ts'
import type { CryptoProvider } from '../../src/crypto/contract.ts'
import { fingerprint } from '../support/state-walk.ts'
import { attempt, type Target, targetsIn } from './fuzz-targets.ts'
import { type FuzzWorld, fuzzWorld } from './fuzz-world.ts'
import { type Mutation, mutate, mutations } from './mutations.ts'

/** What a run came to. */
export interface FuzzReport {
  readonly attempts: number
  /** By target: how often damaged bytes were taken all the same, and refused. */
  readonly outcomes: Readonly<Record<string, { readonly taken: number; readonly refused: number }>>
  readonly slowestMs: number
}

export interface FuzzOptions {
  readonly provider: CryptoProvider
  readonly seed: number
  readonly runs: number
  readonly suiteId?: number
  /** Called now and then. */
  readonly progress?: (attempts: number) => void
}

/** No damaged message may take longer. */
const LONGEST_MS = 2000

interface Choice {
  readonly target: number
  readonly sample: number
  readonly other: number
  readonly changes: readonly Mutation[]
}

/** @throws with the smallest failure that was found, its seed, and the bytes */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const world = await fuzzWorld(options.provider, `fuzz ${options.seed}`, options.suiteId)
  const targets = await targetsIn(world)
  const outcomes = Object.fromEntries(targets.map(({ name }) => [name, { taken: 0, refused: 0 }]))
  const before = fingerprint(world.member)
  let attempts = 0
  let slowestMs = 0
  await fc.assert(
    fc.asyncProperty(choices(targets), async (choice) => {
      const target = chosen(targets, choice.target)
      const sample = chosen(target.samples, choice.sample)
      const start = performance.now()
      const outcome = await attempt(target, sample, choice.changes, otherSample(world, choice.other)).catch((cause) => {
        throw new Error(described(world, targets, choice), { cause })
      })
      const took = performance.now() - start
      if (took > LONGEST_MS) throw new Error(`took ${took} ms: ${described(world, targets, choice)}`)
      slowestMs = Math.max(slowestMs, took)
      const count = outcomes[target.name]
      if (count !== undefined) count[outcome]++
      attempts++
      if (attempts % 10_000 === 0) options.progress?.(attempts)
    }),
    { numRuns: options.runs, seed: options.seed },
  )
  if (fingerprint(world.member) !== before)
    throw new Error('a message that was refused, or only tried, changed the state')
  return { attempts, outcomes, slowestMs }
}

function choices(targets: readonly Target[]): Arbitrary<Choice> {
  return fc.record({
    target: fc.oneof(...targets.map(({ weight }, i) => ({ weight, arbitrary: fc.constant(i) }))),
    sample: fc.nat({ max: 1000 }),
    other: fc.nat({ max: 1000 }),
    changes: mutations,
  })
}

function otherSample(world: FuzzWorld, number: number): Target['samples'][number] {
  return chosen([...world.toMember, ...world.welcomes, ...world.groupInfos, ...world.keyPackages], number)
}

function chosen<T>(list: readonly T[], number: number): T {
  return list[number % list.length] as T
}

function described(world: FuzzWorld, targets: readonly Target[], choice: Choice): string {
  const target = chosen(targets, choice.target)
  const sample = chosen(target.samples, choice.sample)
  const bytes = mutate(sample.bytes, choice.changes, otherSample(world, choice.other).bytes)
  return `${target.name}: ${sample.name}, damaged by ${JSON.stringify(choice.changes)}: ${toHex(bytes)}`
}
