// The random schedules (RFC 9420 §12) of coterie with other stacks: with which, in which suites, how many, how long.
import { afterAll, describe, expect, test } from 'vitest'
import { newExternalSender } from './peers/external-sender.ts'
import { newOurExternalSender } from './peers/our-external-sender.ts'
import { ours } from './peers/ours.ts'
import type { Peer } from './peers/peer.ts'
import { runSchedule, type ScheduleOptions, type ScheduleReport } from './schedule.ts'

/** Decides all schedules. `npm run test:interop` sets it; a file that is run without gets the same one each time. */
const BASE_SEED = Number(process.env.SEED ?? 1)
if (!Number.isSafeInteger(BASE_SEED)) throw new RangeError(`SEED is not an integer: ${process.env.SEED}`)

/** Who takes part, and how many schedules of how many steps there are in a suite: fewer where a stack is slow. */
export interface LivePlan {
  readonly title: string
  /** One stack, or two. They have half of the members, coterie the other half. */
  readonly others: readonly Peer[]
  readonly suites: readonly { readonly suite: number; readonly schedules: number; readonly steps: number }[]
  readonly identityOf: ScheduleOptions['identityOf']
  readonly groupId: Uint8Array
  readonly hasExternalSender?: boolean
}

/** Every schedule is a test. What all of them did is printed at the end. */
export function playLive(plan: LivePlan): void {
  const reports: ScheduleReport[] = []
  const schedules = plan.suites.flatMap(({ suite, schedules: count, steps }) => Array(count).fill({ suite, steps }))
  const cases = schedules.map(({ suite, steps }, index) => ({ suite, steps, seed: BASE_SEED + index, index }))

  describe(plan.title, () => {
    test.each(cases)('suite $suite, seed $seed', { timeout: TIMEOUT_MS }, async ({ suite, steps, seed, index }) => {
      const report = await runSchedule({ ...(await setting(plan, index)), suite, steps, seed })
      expect(stepsOf(report)).toBe(steps)
      reports.push(report)
    })

    afterAll(() => console.log(`${plan.title}: ${summary(reports)}`))
  })
}

const TIMEOUT_MS = 180_000
const MAX_MEMBERS = 8
const EXTERNAL_SENDERS = [newExternalSender, newOurExternalSender] as const

/** Coterie has two kinds of members in each schedule: the first of these, and another one. */
const [OURS, ...VARIANTS] = [
  ours({ provider: 'node', path: 'always', stored: false }),
  ours({ provider: 'node', path: 'whenRequired', stored: true }),
  ours({ provider: 'noble', path: 'whenRequired', stored: false }),
  ours({ provider: 'webcrypto', path: 'always', stored: true }),
] as const

async function setting(plan: LivePlan, index: number): Promise<Omit<ScheduleOptions, 'suite' | 'steps' | 'seed'>> {
  const { others, identityOf, groupId } = plan
  const variant = VARIANTS[index % VARIANTS.length] ?? OURS
  const makeExternalSender = plan.hasExternalSender === true ? EXTERNAL_SENDERS[index % 2] : undefined
  return {
    peers: [OURS, variant, ...others, ...(others.length === 1 ? others : [])],
    identityOf,
    groupId,
    maxMembers: MAX_MEMBERS,
    ...(makeExternalSender === undefined ? {} : { externalSender: await makeExternalSender('gateway') }),
  }
}

function stepsOf({ counts }: ScheduleReport): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function summary(reports: readonly ScheduleReport[]): string {
  const total = (count: (report: ScheduleReport) => number): number =>
    reports.reduce((sum, report) => sum + count(report), 0)
  const operations = Object.keys(reports[0]?.counts ?? {}) as (keyof ScheduleReport['counts'])[]
  const counts = operations.map((operation) => `${operation} ${total((report) => report.counts[operation])}`)
  const defects = reports.flatMap((report) => report.defects)
  const times = (defect: string): number => defects.filter((other) => other === defect).length
  return [
    `${reports.length} schedules, ${total(stepsOf)} steps (${counts.join(', ')})`,
    `${total((report) => report.agreements)} times a member agreed with the others`,
    ...[...new Set(defects)].map((defect) => `${times(defect)} times a known defect: ${defect}`),
  ].join('; ')
}
