// A frame is tried with each key once, and with keys that come later.

import { expect, test } from 'vitest'
import { KeyTrials } from '../../src/session/key-trials.ts'

test('a frame that no key opened is tried with new keys alone', () => {
  const trials = new KeyTrials()
  const untried = (frame: string, keys: readonly string[]): string[] => keys.filter((key) => trials.isNew(frame, key))
  expect(untried('f', ['a', 'b'])).toEqual(['a', 'b'])
  trials.failed('f')
  expect(untried('f', ['a', 'b', 'c'])).toEqual(['c'])
  // Another frame has not been tried with any.
  expect(untried('g', ['a', 'b', 'c'])).toEqual(['a', 'b', 'c'])
  trials.failed('f')
  expect(untried('f', ['a', 'b', 'c'])).toEqual([])
  trials.dropKey('a')
  expect(untried('f', ['a', 'b', 'c'])).toEqual(['a'])
  trials.failed('f')
  trials.forget('f')
  expect(untried('f', ['a', 'b', 'c'])).toEqual(['a', 'b', 'c'])
})

test('what was taken back is tried anew', () => {
  const trials = new KeyTrials()
  expect(trials.isNew('f', 'a')).toBe(true)
  trials.failed('f')
  trials.clear()
  expect(trials.isNew('f', 'a')).toBe(true)
})
