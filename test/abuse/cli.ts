// `npm run test:abuse -- [--frames N] [--only NAMES]`: floods, junk, silence and bad relays over a real network, each victim in
// a process of its own. Ends with a table of figures and the line `N passed, N failed`.

import { Command, InvalidArgumentError } from 'commander'
import { abuse, SCENARIOS } from './abuse.ts'
import { tableOf } from './table.ts'

interface Options {
  readonly frames: number
  readonly only: readonly string[]
}

const all = Object.keys(SCENARIOS)
const { frames, only } = new Command('test:abuse')
  .description('What those can do who mean harm, and what it costs everybody else.')
  .option('--frames <number>', 'how many frames each flood has', positive, 100_000)
  .option('--only <names>', `which scenarios, with commas between: ${all.join(', ')}`, namesOf, all)
  .parse()
  .opts<Options>()

const { rows, checks } = await abuse(only, frames, console.log)
console.log(`\n${tableOf(rows)}\n`)
for (const { name, failures } of checks) {
  console.log(`${failures.length === 0 ? 'passed' : 'FAILED'}: ${name}`)
  for (const failure of failures) console.log(`  does not hold: ${failure}`)
}
const failed = checks.filter(({ failures }) => failures.length > 0).length
console.log(`${checks.length - failed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('A positive number is needed.')
  return value
}

function namesOf(text: string): string[] {
  const names = text.split(',')
  const unknown = names.find((name) => !all.includes(name))
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no scenario ${unknown}.`)
  return names
}
