// How conformance cases fail: by throwing what they saw.

import { fromHex, toHex } from '../../bytes.ts'
import { CoterieError, type ErrorCode } from '../../errors.ts'

/** One thing that a provider has to do. */
export interface ConformanceCase {
  /** What it is about, with the suite that it is about. */
  readonly name: string
  /** Resolves when the provider does it, rejects with an error that says what it did instead. */
  run(): Promise<void>
}

/** Reads a known answer. */
export function hex(text: string): Uint8Array {
  return fromHex(text) ?? violated(`not hexadecimal: ${text}`)
}

/** The bytes are these, in a plain Uint8Array. */
export function expectBytes(what: string, actual: Uint8Array, expected: Uint8Array): void {
  expectPlain(what, actual)
  if (toHex(actual) !== toHex(expected)) violated(`${what} is ${toHex(actual)} instead of ${toHex(expected)}`)
}

/** A plain Uint8Array: methods of subclasses, such as the `slice` of a Buffer, behave differently. */
export function expectPlain(what: string, bytes: Uint8Array): void {
  if (Object.getPrototypeOf(bytes) !== Uint8Array.prototype) violated(`${what} is not a plain Uint8Array`)
}

/** The two are the same. */
export function expectEqual<T>(what: string, actual: T, expected: T): void {
  if (actual !== expected) violated(`${what} is ${String(actual)} instead of ${String(expected)}`)
}

/** The condition holds. */
export function expectTrue(what: string, holds: boolean): void {
  if (!holds) violated(`it does not hold that ${what}`)
}

/** The call throws, or rejects with, a CoterieError of this code. */
export async function expectCode(code: ErrorCode, what: string, call: () => unknown): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (CoterieError.is(error, code)) return
    violated(`${what} fails with ${CoterieError.is(error) ? error.code : String(error)} instead of ${code}`)
  }
  violated(`${what} is not refused, but should be with ${code}`)
}

/** The same, for a call that must throw before it returns. */
export function expectThrows(code: ErrorCode, what: string, call: () => unknown): void {
  try {
    call()
  } catch (error) {
    if (CoterieError.is(error, code)) return
    violated(`${what} throws ${CoterieError.is(error) ? error.code : String(error)} instead of ${code}`)
  }
  violated(`${what} is not refused, but should be with ${code}`)
}

/** Runs `call` and looks whether it changed what it was given. */
export async function expectUntouched<T>(
  what: string,
  inputs: readonly Uint8Array[],
  call: () => T | Promise<T>,
): Promise<T> {
  const before = inputs.map(toHex).join()
  const result = await call()
  if (inputs.map(toHex).join() !== before) violated(`${what} changes its arguments`)
  return result
}

/** A copy whose `slice` is a view, like a Node.js Buffer's: providers must not take it for a copy. */
export function bufferLike(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  return Object.defineProperty(copy, 'slice', { value: (start?: number, end?: number) => copy.subarray(start, end) })
}

function violated(message: string): never {
  throw new Error(message)
}
