// What the actions of random schedules have in common: three numbers, and that not every group can do everything.
import { CoterieError, type ErrorCode } from '../../src/errors.ts'
import type { World } from './schedule-world.ts'

/** They decide who, whom and how. */
export interface Numbers {
  readonly a: number
  readonly b: number
  readonly c: number
}

/** Does something with a group. */
export type Perform = (world: World, numbers: Numbers) => Promise<void>

/** An own wish that the group as it is cannot fulfil. */
const CANNOT: ReadonlySet<ErrorCode> = new Set([
  'GROUP_EXTENSION_UNSUPPORTED',
  'GROUP_REQUIRED_CAPABILITIES',
  'COMMIT_PROPOSAL_UNSUPPORTED',
  'LEAF_CAPABILITIES_MISSING',
  'LEAF_EXTENSION_UNSUPPORTED',
])

/** Thrown where an action makes no sense in the group as it is. */
export class Impossible extends Error {}

export async function ifPossible<T>(wish: Promise<T>): Promise<T> {
  try {
    return await wish
  } catch (error) {
    if (CoterieError.is(error) && CANNOT.has(error.code)) throw new Impossible('', { cause: error })
    throw error
  }
}

export function needs(possible: boolean): void {
  if (!possible) throw new Impossible()
}

export const wireFormat = (number: number): 'public' | 'private' => (number % 2 === 0 ? 'public' : 'private')
