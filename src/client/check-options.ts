// Options that make no sense, or that nobody knows, are refused: never ignored.

import { fail } from '../errors.ts'

/** What a value has to be. */
export interface Expected {
  /** Completes "`name` is …". */
  readonly what: string
  readonly holds: (value: unknown) => boolean
}

/**
 * Checks an object of options.
 * @param known - the options that there are
 * @throws CoterieError `ARGUMENT_INVALID` (caller)
 */
export function checkOptions(call: string, options: unknown, known: Readonly<Record<string, Expected>>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    fail('ARGUMENT_INVALID', `the options of ${call} are an object`)
  }
  for (const [name, value] of Object.entries(options)) {
    const expected = Object.hasOwn(known, name) ? known[name] : undefined
    if (expected === undefined) {
      fail('ARGUMENT_INVALID', `${call} has no option ${name}; there are ${Object.keys(known).join(', ')}`)
    }
    if (value !== undefined && !expected.holds(value)) fail('ARGUMENT_INVALID', `${name} is ${expected.what}`)
  }
}

/**
 * Checks who is to be permitted what.
 * @throws CoterieError `ARGUMENT_INVALID` (caller)
 */
export function checkPermissions(call: string, permissions: unknown): void {
  checkOptions(call, permissions, { add: WHO, remove: WHO, rename: WHO, promote: WHO })
}

export const TEXT: Expected = { what: 'a text', holds: (value) => typeof value === 'string' }

export const OBJECT: Expected = { what: 'an object', holds: (value) => typeof value === 'object' && value !== null }

export const FUNCTION: Expected = { what: 'a function', holds: (value) => typeof value === 'function' }

export const BOOLEAN: Expected = { what: 'true or false', holds: (value) => typeof value === 'boolean' }

export const ABORT_SIGNAL: Expected = { what: 'an AbortSignal', holds: (value) => value instanceof AbortSignal }

export const CURSOR: Expected = {
  what: 'a cursor, or -1 for the beginning',
  holds: (value) => Number.isSafeInteger(value) && Number(value) >= -1,
}

export const COUNT: Expected = {
  what: 'a whole number from 1 on',
  holds: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
}

const WHO: Expected = { what: '`members` or `admins`', holds: (value) => value === 'members' || value === 'admins' }
