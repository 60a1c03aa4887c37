// Trees of epochs with statements, made at random: some of them are such as no group would have.
import fc from 'fast-check'
import type { PathEntry, Statement } from '../../src/session/statement.ts'
import type { EpochOutline } from './naive-choice.ts'

export interface TreeWithStatements {
  readonly groupId: Uint8Array
  readonly tree: readonly EpochOutline[]
  readonly statements: readonly Statement[]
}

/** Few devices and few leaves, so that there are ties of every kind. */
const DEVICES = ['aa', 'bb', 'cc', 'dd', 'ee', 'ff'] as const
const LEAVES = fc.nat({ max: 4 })
const OUTLINE = {
  committer: fc.option(LEAVES, { nil: undefined, freq: 12 }),
  removed: fc.uniqueArray(LEAVES, { maxLength: 2 }),
}
const ROSTER = fc.subarray([...DEVICES], { minLength: 1 })

const node = fc.record({
  ...OUTLINE,
  parent: fc.nat(),
  name: fc.nat({ max: 0xffff }),
  roster: fc.option(ROSTER, { freq: 4 }),
})
const said = fc.record({
  at: fc.nat(),
  conflict: fc.integer({ min: 0, max: 7 }).map((one) => one === 0),
  stuck: fc.boolean(),
  /** Epochs ahead of that which nobody has seen; few names, so that several name the same. */
  beyond: fc.array(fc.record({ ...OUTLINE, name: fc.nat({ max: 2 }), gap: fc.integer({ min: 0, max: 5 }) }), {
    maxLength: 2,
  }),
  /** How many of the epochs on the way are told. */
  told: fc.integer({ min: 1, max: 4 }),
  lost: fc.integer({ min: 0, max: 9 }),
})

export const treesWithStatements: fc.Arbitrary<TreeWithStatements> = fc
  .record({
    groupId: fc.uint8Array({ minLength: 1, maxLength: 20 }),
    rootHeight: fc.nat({ max: 3 }),
    rootRoster: ROSTER,
    nodes: fc.array(node, { maxLength: 14 }),
    statements: fc.array(fc.option(said, { freq: 6 }), { minLength: DEVICES.length, maxLength: DEVICES.length }),
  })
  .map(({ groupId, rootHeight, rootRoster, nodes, statements }) => {
    const tree: EpochOutline[] = [
      outline({ id: idOf(0, 0), height: BigInt(rootHeight), committer: undefined, removed: [] }, undefined, rootRoster),
    ]
    for (const [i, { parent: at, name, roster, committer, removed }] of nodes.entries()) {
      // Mostly near the end, so that there are ways and not only forks.
      const parent = tree[tree.length - 1 - (at % Math.min(tree.length, 4))] as EpochOutline
      const entry = { id: idOf(name, i + 1), height: parent.height + 1n, committer, removed }
      tree.push(outline(entry, parent.id, roster ?? [...parent.roster.devices]))
    }
    return {
      groupId,
      tree,
      statements: statements.flatMap((one, i) => (one === null ? [] : [statement(tree, DEVICES[i] as string, one)])),
    }
  })

type Said = typeof said extends fc.Arbitrary<infer T> ? T : never

function statement(
  tree: readonly EpochOutline[],
  device: string,
  { at, conflict, stuck, beyond, told, lost }: Said,
): Statement {
  const way: PathEntry[] = []
  for (let next: EpochOutline | undefined = tree[at % tree.length]; next !== undefined; ) {
    const { id, height, committer, removed, parent } = next
    way.push({ id, height, committer, removed })
    next = tree.find((one) => one.id === parent)
  }
  const stand = way[0] as PathEntry
  let { height } = stand
  const ahead: PathEntry[] = []
  for (const { name, gap, committer, removed } of beyond) {
    height += gap === 0 ? 2n : 1n
    ahead.unshift({ id: `${name}0${height}${stand.id.slice(0, 4)}`, height, committer, removed })
  }
  // Now and then it stands where the tree does not reach, with nothing in common with it.
  const path = lost === 0 && ahead.length > 0 ? ahead : [...ahead, ...way.slice(0, told)]
  return { device, number: 1n, path, stuck, conflict }
}

function outline(entry: PathEntry, parent: string | undefined, roster: readonly string[]): EpochOutline {
  return { ...entry, parent, roster: { name: roster.join(), devices: new Set(roster) } }
}

/** Names in no order, each once. */
function idOf(random: number, place: number): string {
  return `${random.toString(16).padStart(4, '0')}${place.toString(16).padStart(4, '0')}`
}
