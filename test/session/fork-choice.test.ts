// The choice between branches against an independent, naive one, on random trees with random statements.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type EpochNode, EpochTree } from '../../src/session/epoch-tree.ts'
import { type Choice, chooseHead } from '../../src/session/fork-choice.ts'
import { printSeed, runs } from '../property/settings.ts'
import { wireSuite } from '../wire/wire-vectors.ts'
import { type EpochOutline, type NaiveChoice, naiveChoice } from './naive-choice.ts'
import { type TreeWithStatements, treesWithStatements } from './random-trees.ts'

printSeed('test/session/fork-choice.test.ts')
const suite = wireSuite()

test('the same way, forks and weights as by the letter of the specification', () => {
  const met = { forks: 0, byName: 0, conflicts: 0, ties: 0, nameTies: 0, removalTies: 0, strangers: 0 }
  fc.assert(
    fc.property(treesWithStatements, (given) => {
      const context = { suite, groupId: given.groupId }
      const expected = naiveChoice(context, given.tree, given.statements)
      expect(inNaiveTerms(chooseHead(context, treeOf(given.tree), given.statements))).toEqual(expected)
      count(met, given, expected)
    }),
    runs(3_000),
  )
  // Random trees are no proof of what never occurs in them.
  for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(20)
})

test('neither the order of epochs nor that of statements matters', () => {
  fc.assert(
    fc.property(treesWithStatements, fc.infiniteStream(fc.nat()), (given, places) => {
      const context = { suite, groupId: given.groupId }
      const shuffled = <T>(items: readonly T[]): T[] =>
        items
          .map((item) => ({ item, place: places.next().value ?? 0 }))
          .sort((a, b) => a.place - b.place)
          .map(({ item }) => item)
      const one = chooseHead(context, treeOf(given.tree), given.statements)
      const other = chooseHead(context, treeOf(shuffled(given.tree)), shuffled(given.statements))
      expect(inNaiveTerms(other)).toEqual(inNaiveTerms(one))
    }),
    runs(500),
  )
})

function inNaiveTerms({ known, beyond, forks }: Choice): NaiveChoice {
  const taken = forks.map(({ at, branches }) => ({
    at: at.id,
    branches: branches.map(({ entry, node, weight }) => ({ id: entry.id, known: node !== undefined, weight })),
  }))
  return { path: [...pathOf(known), ...(beyond === undefined ? [] : [beyond.id])], forks: taken }
}

/** The nodes of these trees remember the way to them in place of a device. */
function pathOf(node: EpochNode): string[] {
  return (node.device ?? '').split(' ')
}

function treeOf(outlines: readonly EpochOutline[]): EpochTree {
  const wayTo = ({ id, parent }: EpochOutline): string => {
    const before = outlines.find((one) => one.id === parent)
    return before === undefined ? id : `${wayTo(before)} ${id}`
  }
  return EpochTree.from(
    outlines.map((one) => ({ ...one, device: wayTo(one), readded: [], topic: '', state: undefined, broken: false })),
  )
}

/** What there was to decide. */
function count(
  met: Record<string, number>,
  { tree, statements }: TreeWithStatements,
  { path, forks }: NaiveChoice,
): void {
  const add = (what: string, happened: boolean): void => {
    met[what] = (met[what] ?? 0) + (happened ? 1 : 0)
  }
  const outlineOf = (id: string): EpochOutline | undefined => tree.find((one) => one.id === id)
  add('forks', forks.length > 0)
  add('byName', outlineOf(path.at(-1) ?? '') === undefined)
  add('conflicts', forks.length > 0 && statements.some(({ conflict }) => conflict))
  for (const { at, branches } of forks) {
    const [best, second] = branches
    const [one, other] = [outlineOf(best?.id ?? ''), outlineOf(second?.id ?? '')]
    const tied = best?.weight === second?.weight
    add('ties', tied)
    add('nameTies', tied && one !== undefined && other !== undefined && one.committer === other.committer)
    add('removalTies', tied && other?.committer !== undefined && (one?.removed.includes(other.committer) ?? false))
    const roster = outlineOf(at)?.roster.devices
    add(
      'strangers',
      statements.some(({ device }) => roster?.has(device) === false),
    )
  }
}
