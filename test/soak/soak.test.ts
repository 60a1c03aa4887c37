// A short life of a group over a real network. `SEED=… npm run test:soak:short` plays another plan.

import { expect, test } from 'vitest'
import { soak } from './soak.ts'

const SEED = Number(process.env.SEED ?? 20)

test('clients that come, go and are killed agree and lose nothing', { timeout: 1_200_000 }, async () => {
  console.log(`SEED=${SEED}`)
  const { checks, figures } = await soak({ clients: 8, processes: 3, seconds: 30, churn: 30, seed: SEED }, console.log)
  console.log(figures)
  expect(checks.filter(({ failures }) => failures.length > 0)).toEqual([])
  expect(figures.messages).toBeGreaterThan(50)
  expect(figures.commits).toBeGreaterThan(15)
  expect(figures.kills).toBeGreaterThan(1)
})
