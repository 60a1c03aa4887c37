// The harness: all stacks side by side, in interleaved rounds, so that whatever else the machine does meets all of them.
import { createKeyPackage, type OwnKeyPackage } from '../../src/mls.ts'
import { qualifiedClientId } from '../interop/peers/identities.ts'
import { blankRound, type Material, SteadyRounds } from './group-rounds.ts'
import { newLeaf, ourSuite } from './our-stack.ts'
import { ROW_NAMES, type Row, Samples, type Summary } from './samples.ts'
import type { BenchStack } from './stack.ts'
import { steadyGroup } from './steady-group.ts'

export interface BenchSettings {
  /** Leaves of the groups: powers of two from 4 on. */
  readonly sizes: readonly number[]
  /** Rounds that count, for each size. */
  readonly rounds: number
  /** Rounds in small groups before, that do not count. */
  readonly warmUp: number
  readonly progress?: (line: string) => void
}

/** One size, stacks in their order. */
export interface SizeResult {
  readonly leaves: number
  readonly stacks: readonly StackResult[]
}

export interface StackResult {
  readonly name: string
  readonly isOurs: boolean
  readonly rows: Readonly<Partial<Record<Row, Summary>>>
  /** Why the stack stopped at this size, where it did. */
  readonly failure: string | undefined
}

/** Measures all stacks at one size after the other. */
export async function* runBench(stacks: readonly BenchStack[], settings: BenchSettings): AsyncGenerator<SizeResult> {
  const { sizes, rounds, warmUp, progress } = settings
  if (warmUp > 0) {
    progress?.('warming up')
    await measure(stacks, WARM_UP_LEAVES, warmUp)
  }
  for (const leaves of sizes) yield await measure(stacks, leaves, rounds, progress)
}

const WARM_UP_LEAVES = 16

/** A stack while it is measured. */
interface Lane {
  readonly stack: BenchStack
  readonly samples: Samples
  steady: SteadyRounds | undefined
  failure: string | undefined
}

async function measure(
  stacks: readonly BenchStack[],
  leaves: number,
  rounds: number,
  progress?: (line: string) => void,
): Promise<SizeResult> {
  progress?.(`n = ${leaves}: making the groups`)
  const material = await makeMaterial(leaves, rounds)
  const lanes: Lane[] = stacks.map((stack) => ({
    stack,
    samples: new Samples(),
    steady: undefined,
    failure: undefined,
  }))
  for (const lane of lanes) {
    await attempt(lane, async () => {
      lane.steady = await SteadyRounds.begin(lane.stack, material)
    })
  }
  for (let round = 0; round < rounds; round++) {
    progress?.(`n = ${leaves}: round ${round + 1} of ${rounds}`)
    // Nobody is always the one who comes after the same other.
    const order = lanes.map((_, i) => lanes[(i + round) % lanes.length] as Lane)
    for (const lane of order) await attempt(lane, () => blankRound(lane.stack, material, lane.samples))
    for (const lane of order) await attempt(lane, async () => lane.steady?.round(lane.samples))
  }
  for (const { steady } of lanes) await steady?.end()
  return { leaves, stacks: lanes.map(resultOf) }
}

async function makeMaterial(leaves: number, later: number): Promise<Material> {
  const suite = await ourSuite('node')
  let serial = 0
  const keyPackages = async (count: number): Promise<OwnKeyPackage[]> => {
    const made: OwnKeyPackage[] = []
    while (made.length < count)
      made.push(await createKeyPackage(suite, await newLeaf(suite, qualifiedClientId(++serial))))
    return made
  }
  const members = await keyPackages(leaves)
  return {
    suite,
    leaves,
    keyPackages: members,
    later: await keyPackages(later),
    identities: [qualifiedClientId(++serial), qualifiedClientId(++serial)],
    steady: await steadyGroup(suite, members),
  }
}

/** What fails once is not tried again: the others go on, and the failure is part of the result. */
async function attempt(lane: Lane, action: () => Promise<void>): Promise<void> {
  if (lane.failure !== undefined) return
  try {
    await action()
  } catch (error) {
    lane.failure = error instanceof Error ? error.message : String(error)
  }
}

function resultOf({ stack, samples, failure }: Lane): StackResult {
  const rows: Partial<Record<Row, Summary>> = {}
  for (const row of ROW_NAMES) {
    const summary = samples.summary(row)
    if (summary !== undefined) rows[row] = summary
  }
  return { name: stack.name, isOurs: stack.isOurs, rows, failure }
}
