// Runs a random schedule of group operations (RFC 9420 §12) over members of several stacks, who have to agree after
// every step. The seed decides everything but the keys.

import { OPERATIONS, type Operation } from './operations.ts'
import { assertAgreement } from './peers/agreement.ts'
import { type Random, seededRandom } from './random.ts'
import { Roster, type RosterOptions } from './roster.ts'

export interface ScheduleOptions extends RosterOptions {
  readonly seed: number
  readonly steps: number
}

export interface ScheduleReport {
  /** One line per step. */
  readonly log: readonly string[]
  /** How often each operation ran. */
  readonly counts: Readonly<Record<Operation, number>>
  /** How many members were found to agree, all steps together. */
  readonly agreements: number
  /** Valid things that a peer refused; the schedule went on without the member concerned. */
  readonly defects: readonly string[]
}

/** @throws Error at the first disagreement or refusal, with the seed and all steps up to there. */
export async function runSchedule(options: ScheduleOptions): Promise<ScheduleReport> {
  const random = seededRandom(options.seed)
  const roster = new Roster(options, random)
  const counts = { add: 0, remove: 0, update: 0, rejoin: 0, proposals: 0, messages: 0 }
  let agreements = 0
  try {
    await roster.found()
    for (let taken = 0; taken < options.steps; taken++) {
      counts[await step(roster, random)] += 1
      await assertAgreement(roster.members)
      agreements += roster.members.length
    }
    return { log: roster.log, counts, agreements, defects: roster.defects }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`seed ${options.seed}: ${reason}\n${roster.log.join('\n')}`, { cause })
  } finally {
    await roster.close()
  }
}

/** Operations, as often as they should be tried before others. */
const LOTS: readonly Operation[] = [
  ...lots('add', 3),
  ...lots('remove', 2),
  ...lots('update', 3),
  ...lots('rejoin', 2),
  ...lots('proposals', 2),
  ...lots('messages', 3),
]

function lots(operation: Operation, count: number): Operation[] {
  return Array<Operation>(count).fill(operation)
}

async function step(roster: Roster, random: Random): Promise<Operation> {
  for (const operation of random.sample(LOTS, LOTS.length)) {
    if (await OPERATIONS[operation](roster)) return operation
  }
  throw new Error('no operation is possible')
}
