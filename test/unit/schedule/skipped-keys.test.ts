// The map of skipped keys against an ordinary map (RFC 9420 §9.2).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addSkipped,
  compareSkipped,
  countSkipped,
  eachSkipped,
  findSkipped,
  keepNewestSkipped,
  removeSkipped,
  type SkippedKey,
  type SkippedKeys,
} from '../../../src/schedule/skipped-keys.ts'
import { secretOf } from './schedule-fixtures.ts'

const generation = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0x7ffffff0, max: 0x80000010 }),
  fc.integer({ min: 0xffffffd0, max: 0xffffffff }),
)
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), generation }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), generation }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('keep' as const), generation: fc.nat(20) }) },
  ),
  { maxLength: 60 },
)

const key = (at: number): SkippedKey => ({ generation: at, material: secretOf(at & 0xff) })
const generationsOf = (keys: SkippedKeys) => [...eachSkipped(keys)].map((one) => one.generation)
const sorted = (model: ReadonlyMap<number, SkippedKey>) => [...model.keys()].sort((a, b) => a - b)

describe('the map of skipped keys', () => {
  it('behaves as a map in the order of generations, unsigned', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let keys: SkippedKeys
        let model = new Map<number, SkippedKey>()
        for (const step of all) {
          if (step.kind === 'add') {
            const added = key(step.generation)
            keys = addSkipped(keys, added)
            model = new Map(model).set(step.generation, added)
          } else if (step.kind === 'remove') {
            keys = removeSkipped(keys, step.generation)
            model = new Map(model)
            model.delete(step.generation)
          } else {
            keys = keepNewestSkipped(keys, step.generation)
            const kept = sorted(model).slice(Math.max(0, model.size - step.generation))
            model = new Map([...model].filter(([at]) => kept.includes(at)))
          }
          expect(generationsOf(keys)).toEqual(sorted(model))
          expect(countSkipped(keys)).toBe(model.size)
          expect(findSkipped(keys, step.generation)).toBe(model.get(step.generation))
        }
      }),
    )
  })

  it('has a shape that depends on its keys alone', () => {
    fc.assert(
      fc.property(fc.uniqueArray(generation, { maxLength: 30 }), fc.uniqueArray(generation), (wanted, detour) => {
        const keys = new Map([...wanted, ...detour].map((at) => [at, key(at)]))
        const add = (map: SkippedKeys, at: number) => addSkipped(map, keys.get(at) ?? key(at))
        const straight = wanted.reduce<SkippedKeys>(add, undefined)
        const roundabout = [...detour, ...wanted].reduce<SkippedKeys>(add, undefined)
        const cleared = detour.filter((at) => !wanted.includes(at)).reduce<SkippedKeys>(removeSkipped, roundabout)
        expect(cleared).toEqual(straight)
      }),
    )
  })

  it('tells two versions apart', () => {
    fc.assert(
      fc.property(fc.uniqueArray(generation), fc.uniqueArray(generation), fc.uniqueArray(generation), (a, b, c) => {
        const keys = new Map([...a, ...b].map((at) => [at, key(at)]))
        const add = (map: SkippedKeys, at: number) => addSkipped(map, keys.get(at) ?? key(at))
        const before = a.reduce<SkippedKeys>(add, undefined)
        const now = c.reduce<SkippedKeys>(removeSkipped, b.reduce<SkippedKeys>(add, before))
        const model = new Map([...eachSkipped(before)].map((one) => [one.generation, one]))
        compareSkipped(
          now,
          before,
          (one) => model.set(one.generation, one),
          (at) => {
            expect(model.delete(at)).toBe(true)
          },
        )
        expect(sorted(model)).toEqual(generationsOf(now))
      }),
    )
  })

  it('reports a key that replaces another of its generation', () => {
    const before = addSkipped(addSkipped(undefined, key(1)), key(2))
    const replacement = key(2)
    const reported: SkippedKey[] = []
    compareSkipped(
      addSkipped(before, replacement),
      before,
      (one) => reported.push(one),
      () => {
        throw new Error('nothing was removed')
      },
    )
    expect(reported).toEqual([replacement])
  })

  it('shares what did not change', () => {
    const keys = [1, 2, 3, 4, 5].reduce<SkippedKeys>((map, at) => addSkipped(map, key(at)), undefined)
    expect(removeSkipped(keys, 9)).toBe(keys)
    expect(keepNewestSkipped(keys, 5)).toBe(keys)
    expect(keepNewestSkipped(keys, 0)).toBeUndefined()
  })
})
