// Trees of epochs with statements as no group would make them: whatever a seed brings forth.
import { SeededRandom } from '../../../src/testing/simulation/seeded-random.ts'
import type { NaiveEpoch, NaiveInput, NaivePathEntry, NaiveStatement } from './naive-choice.ts'

/** A tree of up to 14 epochs of up to 7 devices, some of whom stand where the tree does not reach. */
export function randomTree(seed: number): NaiveInput {
  const random = new SeededRandom(`ordering ${seed}`)
  const devices = Array.from({ length: random.between(1, 7) }, (_, i) => hex(random, 32, `d${i}`))
  const all: NaiveEpoch[] = [{ ...epoch(random, devices, null), height: random.below(40) }]
  const count = random.between(1, 14)
  while (all.length < count) {
    // More often one of the last than one of the first, so that trees are deep as well as wide.
    const parent = all[Math.max(0, all.length - 1 - random.below(random.between(1, 6)))] ?? all[0]
    if (parent !== undefined) all.push(epoch(random, devices, parent))
  }
  const statements = devices.flatMap((device) => {
    const said = Array.from({ length: random.below(4) }, () => statement(random, device, all))
    // Some are heard twice.
    return [...said, ...said.filter(() => random.chance(0.3))]
  })
  // Some epochs are heard of only; the root and what lies between stays.
  const leaves = all.filter(({ name, parent }) => parent !== null && !all.some((other) => other.parent === name))
  const unknown = new Set(leaves.filter(() => random.chance(0.4)).map(({ name }) => name))
  return { group_id: hex(random, 8, 'g'), epochs: all.filter(({ name }) => !unknown.has(name)), statements }
}

/** The same in another order. */
export function reordered(input: NaiveInput, seed: number): NaiveInput {
  const random = new SeededRandom(`order ${seed}`)
  const [root, ...rest] = input.epochs
  if (root === undefined) return input
  return { ...input, epochs: [root, ...random.shuffled(rest)], statements: random.shuffled(input.statements) }
}

function epoch(random: SeededRandom, devices: readonly string[], parent: NaiveEpoch | null): NaiveEpoch {
  const roster = devices.filter(() => random.chance(0.8))
  return {
    name: hex(random, 32, 'e'),
    parent: parent?.name ?? null,
    height: (parent?.height ?? 0) + 1,
    committer: parent === null ? null : random.below(4),
    removed: random.chance(0.3) ? [random.below(4)] : [],
    roster,
  }
}

function statement(random: SeededRandom, device: string, all: readonly NaiveEpoch[]): NaiveStatement {
  const path: NaivePathEntry[] = []
  let at = random.pick(all)
  // Some leave out what lies between; some say other things of an epoch than it is.
  while (at !== undefined) {
    const { name, height, committer, removed, parent } = at
    if (path.length === 0 || random.chance(0.9)) {
      const lies = random.chance(0.1)
      path.push({ name, height, committer: lies ? random.below(4) : committer, removed: lies ? [] : removed })
    }
    at = all.find((other) => other.name === parent)
  }
  return { device, number: random.between(1, 4), path }
}

/** @param salt - begins the bytes, so that things of different kinds never have one name */
function hex(random: SeededRandom, length: number, salt: string): string {
  const head = Buffer.from(salt).toString('hex')
  let text = head
  while (text.length < length * 2) text += random.below(256).toString(16).padStart(2, '0')
  return text
}
