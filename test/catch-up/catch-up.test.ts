// A member who was away gets everything, also while the others go on: the program of docs/reconciliation.md with smaller numbers.

import { expect, test } from 'vitest'
import { catchUp } from './catch-up.ts'

test('60 commits and 500 messages, from two peers at once', async () => {
  const report = await catchUp({ commits: 60, messages: 500, limitMs: 60_000 })
  expect(report.failures).toEqual([])
  // What one peer gives the other need not: at most twice, and some hundred bytes of acknowledgements and proofs.
  expect(report.traffic.receivedBytes).toBeLessThan(1_200_000)
}, 120_000)

test('more comes live, while it catches up, than it remembers frames that it cannot open', async () => {
  const report = await catchUp({ commits: 30, messages: 600, meanwhile: 700, limitMs: 90_000 })
  expect(report.failures).toEqual([])
}, 150_000)
