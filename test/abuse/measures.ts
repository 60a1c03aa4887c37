// What is measured: how long things take, and what they take of memory and disk.

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FACTOR, SOON_MS } from './bounds.ts'

/** In milliseconds. */
export interface Latency {
  readonly median: number
  readonly late: number
  readonly count: number
}

/** What one phase of a scenario was like for those who do nothing wrong. */
export interface Phases {
  readonly calm: Latency
  readonly flooded: Latency
}

/** One victim in one scenario. */
export interface Row {
  readonly scenario: string
  readonly thrown: number
  /** What became of that. */
  readonly kept: number
  /** Of the victim, in bytes. */
  readonly memory: number
  readonly disk: number
  readonly latency?: Phases
}

export interface Check {
  readonly name: string
  readonly failures: readonly string[]
}

export interface Outcome {
  readonly rows: readonly Row[]
  readonly checks: readonly Check[]
}

/** The middle one, and the one that five in a hundred are later than. */
export function latencyOf(times: readonly number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { median: at(0.5), late: at(0.95), count: sorted.length }
}

/** How many times longer than when it is calm. Below the grain there is nothing to compare. */
export function factorOf({ calm, flooded }: Phases): number {
  return Math.max(flooded.median, GRAIN_MS) / Math.max(calm.median, GRAIN_MS)
}

/** Whether what is honest is not kept waiting: not many times longer than when it is calm, or not so that anybody minds. */
export function isInTime({ calm, flooded }: Phases): boolean {
  return factorOf({ calm, flooded }) <= FACTOR || flooded.median <= SOON_MS
}

/** Of all files of a folder, in bytes. */
export async function diskOf(folder: string): Promise<number> {
  let sum = 0
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    // Files come and go while they are looked at.
    const { size } = await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))
    sum += size
  }
  return sum
}

/** A check that holds where each of its conditions does. */
export function check(name: string, conditions: Readonly<Record<string, boolean>>): Check {
  const failures = Object.entries(conditions).filter(([, holds]) => !holds)
  return { name, failures: failures.map(([condition]) => condition) }
}

const GRAIN_MS = 5
