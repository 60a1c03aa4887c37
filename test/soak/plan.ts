// What happens in a soak: a seed decides the whole of it, whatever the machine's pace.

import { seededRandom } from '../support/random.ts'

export interface SoakOptions {
  readonly clients: number
  readonly processes: number
  readonly seconds: number
  /** How many of a hundred clients are away. */
  readonly churn: number
  readonly seed: number
}

type StepKind = 'send' | 'rename' | 'add' | 'remove' | 'promote' | 'churn'

/** The rolls choose among those who come into question when the step comes. */
export interface Step {
  readonly kind: StepKind
  readonly pauseMs: number
  readonly actor: number
  readonly subject: number
  /** Of churn: whether a whole process is killed. */
  readonly kills: boolean
}

export function planOf({ seconds, seed }: SoakOptions): Step[] {
  const random = seededRandom(seed)
  const steps: Step[] = []
  for (let leftMs = seconds * 1_000; leftMs > 0; ) {
    const pauseMs = random(2 * AVERAGE_PAUSE_MS)
    const kind = KINDS[random(KINDS.length)] as StepKind
    steps.push({ kind, pauseMs, actor: random(ROLL), subject: random(ROLL), kills: random(3) === 0 })
    leftMs -= pauseMs
  }
  return steps
}

const AVERAGE_PAUSE_MS = 150
const ROLL = 2 ** 31

const SHARES: Readonly<Record<StepKind, number>> = { send: 66, rename: 5, add: 6, remove: 5, promote: 3, churn: 15 }
const KINDS: readonly StepKind[] = Object.entries(SHARES).flatMap(([kind, share]) =>
  Array.from({ length: share }, () => kind as StepKind),
)
