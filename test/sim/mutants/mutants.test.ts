// Every mutant still is a change of the code as it is: `npm run sim:mutants` takes long, and is not run with each change.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MUTANTS } from './mutants.ts'

test.each(MUTANTS)('$name: what it changes is there once', ({ file, find, replace }) => {
  const text = readFileSync(new URL(`../../../src/session/${file}`, import.meta.url), 'utf8')
  expect(text.split(find)).toHaveLength(2)
  expect(replace).not.toBe(find)
})
