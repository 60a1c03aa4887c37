// What reconciliation costs grows with the difference; the documentation says what is measured.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Growth, growths, tableOf } from './growth.ts'

const all = [...growths()]

test('nothing missing costs some hundred bytes and one round, whatever the history', () => {
  for (const { missing, rounds, bytes } of all) {
    if (missing !== 0) continue
    expect(rounds).toBe(1)
    expect(bytes).toBeLessThan(600)
  }
})

test('bytes grow with what is missing, and with the logarithm of the history', () => {
  for (const { common, missing, where, rounds, bytes } of all) {
    const depth = Math.ceil(Math.log(common) / Math.log(16))
    expect(rounds).toBeLessThanOrEqual(depth + 1)
    // Scattered ones have hardly a range in common; those that follow each other share all.
    const perMissing = where === 'scattered' ? 200 * depth : 40
    expect(bytes).toBeLessThanOrEqual(600 + 1_600 * depth + missing * perMissing)
  }
})

test('ten times the history costs hardly more where what is missing lies together', () => {
  for (const one of all) {
    if (one.where === 'scattered') continue
    const larger = all.find((other) => other.common === 10 * one.common && isSameDifference(one, other))
    if (larger !== undefined && one.common >= 10_000) expect(larger.bytes).toBeLessThan(2 * one.bytes)
  }
})

test('the documentation has these figures', () => {
  const text = readFileSync(new URL('../../docs/reconciliation.md', import.meta.url), 'utf8')
  expect(text).toContain(tableOf(all))
})

function isSameDifference(a: Growth, b: Growth): boolean {
  return a.missing === b.missing && a.where === b.where
}
