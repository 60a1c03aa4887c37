// The choice of an epoch against an independent reading of spec/ordering.md, on random trees, and against the vectors.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nobleProvider } from '../../../src/crypto/providers/noble/provider.ts'
import { EpochTree } from '../../../src/session/epoch-tree.ts'
import { readVote } from '../../../src/session/vote.ts'
import { libraryChoice, libraryStatements } from './library-choice.ts'
import {
  countingStatements,
  type NaiveChoice,
  type NaiveInput,
  type NaiveStatement,
  naiveChoice,
} from './naive-choice.ts'
import { bytesOf, orderingVectors } from './ordering-vectors.ts'
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

describe('vectors', () => {
  test('are what they are made from', async () => {
    for (const { name, vectors } of await orderingVectors()) expect(vectors).toEqual(load(name))
  })

  test('choice: the library agrees, and so does the reference', () => {
    for (const { choice, ...tree } of load<NaiveInput & { choice: NaiveChoice }>('choice')) {
      expect(libraryChoice(tree)).toEqual(choice)
      expect(naiveChoice(tree)).toEqual(choice)
    }
  })

  test('statements: which of them count', () => {
    for (const { statements, counting } of load<{ statements: NaiveStatement[]; counting: number[] }>('statements')) {
      const expected = counting.map((place) => statements[place])
      expect(countingStatements(statements)).toEqual(expected)
      const latest = libraryStatements(statements).filter(({ conflict }) => !conflict)
      expect(latest.map(({ device, number }) => [device, Number(number)])).toEqual(
        expected.map((statement) => [statement?.device, statement?.number]),
      )
    }
  })

  test('vote: read, and refused where a byte differs', async () => {
    const suite = nobleProvider.suite(3)
    if (suite === undefined) throw new Error('the provider lacks the wire suite')
    const empty = EpochTree.from([rootOf('ff'.repeat(32))])
    for (const vector of load<VoteVector>('vote')) {
      const groupId = bytesOf(vector.group_id)
      const bytes = bytesOf(vector.vote)
      const vote = await readVote(suite, groupId, empty, (device) => device === vector.device, bytes)
      expect(vote).toMatchObject({ device: vector.device, number: BigInt(vector.number), stuck: vector.stuck })
      expect(vote?.path.map(({ id, height }) => [id, Number(height)])).toEqual(
        vector.path.map(({ name, height }) => [name, height]),
      )
      expect(await readVote(suite, groupId, empty, () => false, bytes)).toBeUndefined()
      const changed = bytes.slice()
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
      await expect(readVote(suite, groupId, empty, () => true, changed)).rejects.toMatchObject({
        code: 'VOTE_SIGNATURE',
      })
    }
  })
})

interface VoteVector {
  readonly device: string
  readonly group_id: string
  readonly number: string
  readonly stuck: boolean
  readonly path: readonly { readonly name: string; readonly height: number }[]
  readonly vote: string
}

function rootOf(id: string): Parameters<typeof EpochTree.from>[0][number] {
  return {
    id,
    parent: undefined,
    height: 0n,
    committer: undefined,
    removed: [],
    roster: { name: '', devices: new Set() },
    device: undefined,
    readded: [],
    topic: '',
    state: undefined,
    broken: false,
  }
}

function load<T>(name: string): T[] {
  const path = new URL(`../../../spec/vectors/ordering/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as T[]
}
