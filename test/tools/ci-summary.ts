// Adds up a run of .ci/run: one result for each step without tests of its own, and the tests that Vitest counted for the
// others. Prints what failed, and last the line `N passed, N failed`.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The parts of Vitest's JSON report that are read here. */
interface TestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
}

interface Count {
  readonly passed: number
  readonly failed: number
}

const [folder = '.'] = process.argv.slice(2)

const steps = readFileSync(join(folder, 'steps'), 'utf8').trim().split('\n')
const counts = steps.map((step) => {
  const [name = '', exitCode] = step.split(' ')
  const count = countOf(name, exitCode === '0')
  if (count.failed > 0) console.log(`failed: ${name}`)
  return count
})
const total = (key: keyof Count): number => counts.reduce((sum, count) => sum + count[key], 0)

console.log(`${total('passed')} passed, ${total('failed')} failed`)
if (total('failed') > 0) process.exitCode = 1

function countOf(name: string, succeeded: boolean): Count {
  const path = join(folder, `${name.replaceAll(':', '-')}.json`)
  if (!existsSync(path)) return succeeded ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(path, 'utf8')) as TestReport
  // A file that cannot be loaded, or an error outside of all tests, fails the step without a failed test.
  const failed = numFailedTests === 0 && !succeeded ? 1 : numFailedTests
  return { passed: numPassedTests, failed }
}
