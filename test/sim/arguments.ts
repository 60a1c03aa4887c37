// What the command line of the simulator takes.
import { InvalidArgumentError } from 'commander'
import { PROFILE_NAMES, type ProfileName } from '../../src/testing/simulation/profiles.ts'

/** Places in a script, such as 0,3-7; or none of them. */
export function places(text: string): number[] {
  if (text === NONE) return []
  return text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    const [from, to] = [Number(first), Number(last)]
    if (first === undefined || to < from) throw new InvalidArgumentError('not a list such as 0,3-7')
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}

/** As `places` reads them: 1, 2, 3, 5 is 1-3,5. */
export function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = []
  for (const number of numbers) {
    const last = parts.at(-1)
    if (last !== undefined && last[1] === number - 1) last[1] = number
    else parts.push([number, number])
  }
  return parts.length === 0 ? NONE : parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join()
}

export function positive(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('not a positive integer')
  return value
}

export function notNegative(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('not 0 or a positive integer')
  return Number(text)
}

export function profile(text: string): ProfileName | 'all' {
  const found = [...PROFILE_NAMES, 'all' as const].find((known) => known === text)
  if (found === undefined) throw new InvalidArgumentError(`none of ${PROFILE_NAMES.join(', ')}, all`)
  return found
}

const NONE = 'none'
