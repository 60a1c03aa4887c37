// The choice of an epoch against an independent reading of spec/ordering.md, on random trees. Vectors: test/session.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { libraryChoice } from './library-choice.ts'
import { naiveChoice } from './naive-choice.ts'
import { randomTree, reordered } from './random-tree.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 30 })

describe('the choice', () => {
  test('is what the reference chooses, with the same weights', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const tree = randomTree(seed)
        expect(libraryChoice(tree)).toEqual(naiveChoice(tree))
      }),
      { numRuns: 3_000 },
    )
  })

  test('does not depend on the order in which anything came', () => {
    fc.assert(
      fc.property(seeds, seeds, (seed, order) => {
        const tree = randomTree(seed)
        expect(libraryChoice(reordered(tree, order))).toEqual(libraryChoice(tree))
      }),
      { numRuns: 1_000 },
    )
  })

  test('does not depend on what devices say that are not in the epoch at the fork', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const tree = randomTree(seed)
        const stranger = 'ff'.repeat(32)
        const { epochs, statements } = tree
        const strangers = statements.map((statement, i) => ({ ...statement, device: `${stranger.slice(2)}0${i % 10}` }))
        const choice = libraryChoice({ ...tree, epochs, statements: [...statements, ...strangers] })
        expect(choice).toEqual(libraryChoice(tree))
      }),
      { numRuns: 500 },
    )
  })
})
