// What happens in a simulation apart from what the devices do by themselves: a list of actions with their times. It is made
// before the run, so that a run with some of them left out can be compared.

import type { CrashStage } from './power-failure.ts'

/** What a Byzantine member can do. */
export const MISDEEDS = [
  'late-commit',
  'double-commit',
  'private-chain',
  'malformed-commit',
  'flood-commits',
  'flood-messages',
  'equal-votes',
  'invented-votes',
  'false-reentry',
  'own-reentry',
  'repeated-requests',
  'false-removals',
  'replay',
  'junk',
] as const
/** What a Byzantine member does. */
export type Misdeed = (typeof MISDEEDS)[number]

/** Devices are named by their index. Whatever cannot be done when its time has come is left out. */
export type Action = { readonly atMs: number } & (
  | { readonly kind: 'send'; readonly device: number; readonly bytes: number }
  | { readonly kind: 'rename'; readonly device: number; readonly name: string }
  | { readonly kind: 'add'; readonly device: number; readonly newcomer: number }
  | { readonly kind: 'remove'; readonly device: number; readonly other: number }
  | { readonly kind: 'promote'; readonly device: number; readonly other: number }
  | { readonly kind: 'leave' | 'offline' | 'online'; readonly device: number }
  /** The component of each device. */
  | { readonly kind: 'partition'; readonly components: readonly number[] }
  | { readonly kind: 'heal' }
  | { readonly kind: 'crash'; readonly device: number; readonly stage: CrashStage; readonly downMs: number }
  | { readonly kind: 'misdeed'; readonly device: number; readonly misdeed: Misdeed; readonly strength: number }
)

/** Says what an action is, for a trace. */
export function describe(action: Action): string {
  const { atMs: _, kind, ...rest } = action
  const details = Object.entries(rest).map(([name, value]) => `${name} ${value}`)
  return [kind, ...details].join(', ')
}
