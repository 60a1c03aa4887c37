// Groups live in Node.js with and without `crypto.subtle`.
import { expect, test } from 'vitest'
import { projectRoot, runProgram } from '../tools/scratch-project.ts'

const program = 'test/runtimes/group-program.ts'
const seven = 'noble noble noble noble noble noble noble'
// Twice seven groups, some of them on curves that are slow in JavaScript.
const TIMEOUT_MS = 180_000

test('where there is crypto.subtle, it is used', { timeout: TIMEOUT_MS }, async () => {
  const { code, output } = await runProgram(projectRoot, [program])
  const mixed = 'webcrypto webcrypto webcrypto noble webcrypto noble webcrypto'
  expect({ code, output }).toEqual({
    code: 0,
    output: `noble: 7 groups, by ${seven}\nwebcrypto: 7 groups, by ${mixed}\n`,
  })
})

test('where there is none, noble does everything', { timeout: TIMEOUT_MS }, async () => {
  const { code, output } = await runProgram(projectRoot, [program, '--without-subtle'])
  expect({ code, output }).toEqual({
    code: 0,
    output: `noble: 7 groups, by ${seven}\nwebcrypto: 7 groups, by ${seven}\n`,
  })
})
