// Who is being given much asks others later, but not for ever.

import { expect, test } from 'vitest'
import { Intake } from '../../../src/client/sync/intake.ts'

test('much that comes keeps from asking others while it comes, for a minute at most', () => {
  let now = 0
  const intake = new Intake(() => now)
  expect(intake.isBusy('a')).toBe(false)
  intake.note('a', 15)
  expect(intake.isBusy('a')).toBe(false)
  intake.note('a', 64)
  expect(intake.isBusy('a')).toBe(true)
  expect(intake.isBusy('b')).toBe(false)
  now = 5_000
  expect(intake.isBusy('a')).toBe(false)
  for (; now < 67_000; now += 500) intake.note('a', 64)
  expect(intake.isBusy('a')).toBe(false)
  now += 6_000
  intake.note('a', 64)
  expect(intake.isBusy('a')).toBe(true)
})

test('a conversation that another has begun is waited for, a few times', () => {
  let now = 0
  const intake = new Intake(() => now)
  expect(intake.isWorthWaiting('a')).toBe(false)
  const end = intake.begin('a')
  expect([1, 2, 3, 4].map(() => intake.isWorthWaiting('a'))).toEqual([true, true, true, false])
  intake.note('a', 64)
  now = 2_000
  expect(intake.isWorthWaiting('a')).toBe(true)
  now = 11_000
  expect(intake.isWorthWaiting('a')).toBe(false)
  intake.begin('a')()
  end()
  expect(intake.isWorthWaiting('a')).toBe(false)
})
