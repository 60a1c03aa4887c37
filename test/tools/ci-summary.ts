// Adds up a run of .ci/run: one result for each step without tests of its own, and the tests that Vitest counted for the
// others. Prints what failed and why, and last the line `N passed, N failed`.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The parts of Vitest's JSON report that are read here. */
interface TestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly {
    /** The file's path. */
    readonly name: string
    /** What was wrong with the file as a whole. */
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

interface Count {
  readonly passed: number
  readonly failed: number
  /** Each failed test with what it said. */
  readonly failures: readonly string[]
}

/** Of what a failed test said. */
const MOST_LINES = 12

const [folder = '.'] = process.argv.slice(2)

const steps = readFileSync(join(folder, 'steps'), 'utf8').trim().split('\n')
const counts = steps.map((step) => {
  const [name = '', exitCode] = step.split(' ')
  const count = countOf(name, exitCode === '0')
  if (count.failed > 0) console.log(`failed: ${name}`)
  for (const failure of count.failures) console.log(failure)
  return count
})
const total = (key: 'passed' | 'failed'): number => counts.reduce((sum, count) => sum + count[key], 0)

console.log(`${total('passed')} passed, ${total('failed')} failed`)
if (total('failed') > 0) process.exitCode = 1

function countOf(name: string, succeeded: boolean): Count {
  const path = join(folder, `${name.replaceAll(':', '-')}.json`)
  if (!existsSync(path)) return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, failures: [] }
  const report = JSON.parse(readFileSync(path, 'utf8')) as TestReport
  const { numPassedTests, numFailedTests } = report
  // A file that cannot be loaded, or an error outside of all tests, fails the step without a failed test.
  const failed = numFailedTests === 0 && !succeeded ? 1 : numFailedTests
  return { passed: numPassedTests, failed, failures: failuresIn(report) }
}

function failuresIn({ testResults }: TestReport): string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    const told = failed.map(({ fullName, failureMessages }) => described(fullName, failureMessages.join('\n')))
    return message === '' || failed.length > 0 ? told : [described(name, message)]
  })
}

function described(what: string, why: string): string {
  const lines = why.split('\n').slice(0, MOST_LINES)
  return [`  ${what}`, ...lines.map((line) => `    ${line}`)].join('\n')
}
