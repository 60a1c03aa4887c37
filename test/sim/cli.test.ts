// The simulator's command line: what it takes, and the commands that it prints.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { places, ranges } from './arguments.ts'
import { runAll } from './crew.ts'
import type { Job, JobResult } from './job.ts'
import { replayOf } from './replay.ts'

test.each([[[]], [[0]], [[0, 3, 4, 5]], [[1, 2, 3, 5, 7, 8]]])('what is printed of %j is read as the same', (some) => {
  expect(places(ranges(some))).toEqual(some)
})

test.each(['', '3-1', 'a', '1,', '1-2-3', '-1', '1.5'])('"%s" is no list of actions', (text) => {
  expect(() => places(text)).toThrow('not a list')
})

test('a life without actions is played again without actions', () => {
  const command = replayOf({ seed: 3, profile: 'slow', members: undefined, only: [] })
  expect(command).toBe('npm run sim -- --seed 3 --profile slow --only none --trace')
  const again = cli('--seed', '3', '--profile', 'quiet', '--only', 'none', '--shrink', '0')
  expect(again.stdout).toContain('1 passed, 0 failed')
})

test('members and actions are played again as they were', () => {
  const command = replayOf({ seed: 3, profile: 'slow', members: 4, only: [1, 2, 3] })
  expect(command).toBe('npm run sim -- --seed 3 --profile slow --members 4 --only 1-3 --trace')
})

test.each(['abc', '-1', '1.5', ''])('--shrink "%s" is refused', (text) => {
  const { status, stderr } = cli('--seeds', '1', `--shrink=${text}`)
  expect(stderr).toContain('not 0 or a positive integer')
  expect(status).toBe(1)
})

test('a run that breaks tells how to play it again, and the others are run', () => {
  // More members than a group may have bytes for names of: no world can be made.
  const { status, stdout } = cli('--profile', 'quiet', '--seeds', '2', '--members', '4294967296', '--shrink', '0')
  expect(stdout).toContain('quiet, seed 1: the run broke')
  expect(stdout).toContain('npm run sim -- --seed 2 --profile quiet --members 4294967296 --trace')
  expect(stdout).toContain('0 passed, 2 failed')
  expect(status).toBe(1)
})

test('what breaks a worker ends one run, and no others', async () => {
  const jobs = [1, 2].map((seed): Job => ({ seed, profile: 'quiet', members: undefined, only: [], trace: false }))
  // What cannot be sent to a worker breaks it.
  const bad = { ...jobs[0], only: (() => undefined) as never } as Job
  const results: JobResult[] = []
  await runAll([bad, ...jobs], 1, (result) => results.push(result) > 0)
  expect(results.map((result) => 'error' in result)).toEqual([true, false, false])
})

function cli(...options: string[]): SpawnSyncReturns<string> {
  const path = fileURLToPath(new URL('cli.ts', import.meta.url))
  return spawnSync(process.execPath, [path, ...options], { encoding: 'utf8' })
}
