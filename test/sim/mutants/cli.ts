// `npm run sim:mutants`: changes a rule of the library at a time, and expects that a simulation or a test notices.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import type { ProfileName } from '../../../src/testing/simulation/profiles.ts'
import { MUTANTS, type Mutant } from './mutants.ts'

const { only } = new Command('sim:mutants')
  .description('Expects that every deliberate change of the rules is noticed.')
  .option('--only <text>', 'the mutants whose name has this in it', '')
  .parse()
  .opts<{ only: string }>()

const root = fileURLToPath(new URL('../../..', import.meta.url))
const copy = join(root, 'temp', `mutants-${process.pid}`)
const chosen = MUTANTS.filter(({ name }) => name.includes(only))
let survived = 0
mkdirSync(copy, { recursive: true })
try {
  for (const part of ['src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts']) {
    cpSync(join(root, part), join(copy, part), { recursive: true })
  }
  for (const mutant of chosen) {
    const outcome = outcomeOf(mutant)
    if (!outcome.caught) survived++
    console.log(`${outcome.caught ? 'caught  ' : 'SURVIVED'}  ${mutant.name}: ${outcome.how}`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
console.log(`\n${chosen.length - survived} passed, ${survived} failed`)
process.exitCode = survived > 0 ? 1 : 0

interface Outcome {
  readonly caught: boolean
  readonly how: string
}

function outcomeOf({ file, find, replace, caughtBy }: Mutant): Outcome {
  const path = join(copy, 'src', 'session', file)
  const text = readFileSync(path, 'utf8')
  if (text.split(find).length !== 2) return { caught: false, how: `${file} does not have this once: ${find}` }
  const change = (): void =>
    writeFileSync(
      path,
      text.replace(find, () => replace),
    )
  const takeBack = (): void => writeFileSync(path, text)
  try {
    return 'test' in caughtBy
      ? outcomeOfTest(caughtBy.test, change, takeBack)
      : outcomeOfLives(caughtBy.profile, caughtBy.seeds, change, takeBack)
  } finally {
    takeBack()
  }
}

/** The test fails with the change, and not without it. */
function outcomeOfTest(test: string, change: () => void, takeBack: () => void): Outcome {
  const run = (): boolean => spawnSync('vitest', ['run', '--root', copy, test]).status === 0
  change()
  if (run()) return { caught: false, how: `${test} passes` }
  takeBack()
  return run() ? { caught: true, how: test } : { caught: false, how: `${test} fails without the change too` }
}

/** A seed fails with the change, and not without it. */
function outcomeOfLives(profile: ProfileName, seeds: number, change: () => void, takeBack: () => void): Outcome {
  change()
  const changed = simulate('--profile', profile, '--seeds', String(seeds), '--stop')
  if (changed.status === 0)
    return { caught: false, how: `${seeds} lives of the profile ${profile} are as they should be` }
  const [line, seed] = new RegExp(`^${profile}, seed (\\d+): .*$`, 'm').exec(changed.stdout) ?? []
  if (line === undefined || seed === undefined) return { caught: false, how: `nothing ran: ${changed.stderr}` }
  takeBack()
  const passes = simulate('--profile', profile, '--seed', seed).status === 0
  return passes ? { caught: true, how: line } : { caught: false, how: `${line}, but without the change too` }
}

function simulate(...options: string[]): SpawnSyncReturns<string> {
  const cli = join(copy, 'test', 'sim', 'cli.ts')
  return spawnSync(process.execPath, [cli, ...options, '--shrink', '0'], { encoding: 'utf8' })
}
