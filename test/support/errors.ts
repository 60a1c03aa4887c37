// What tests ask of errors: their code.
import { CoterieError, type ErrorCode } from '../../src/errors.ts'

/** The code of the error that a call throws; fails where it throws none or another kind of error. */
export function codeOf(call: () => unknown): ErrorCode {
  return coded(errorOf(call))
}

/** The same for calls that reject. */
export async function rejectionCode(call: Promise<unknown>): Promise<ErrorCode> {
  return coded(await rejectionOf(call))
}

/** What a call rejects with; fails where it does not. */
export async function rejectionOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call
  } catch (error) {
    return error
  }
  throw new Error('nothing was rejected')
}

function errorOf(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

function coded(error: unknown): ErrorCode {
  if (CoterieError.is(error)) return error.code
  throw error
}
