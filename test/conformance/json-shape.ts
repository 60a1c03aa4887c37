// Reads parsed JSON strictly: a shape either gives the typed value or says where the file differs from its format.
import type { CryptoProvider } from '../../src/crypto/contract.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import type { Report } from './suite.ts'
import { runCases } from './vector-cases.ts'

/** Reads a value, or throws with the place where it is not of this shape. */
export type Shape<T> = (value: unknown, place?: string) => T

type Fields = Readonly<Record<string, Shape<unknown>>>
type FieldValues<F extends Fields> = { readonly [K in keyof F]: ReturnType<F[K]> }

/** An unsigned integer that JavaScript represents exactly. */
export const uint: Shape<number> = (value, place) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    return refuse(place, 'an unsigned integer')
  return value
}

/** Hexadecimal, left as text. */
export const hex: Shape<string> = (value, place) => {
  if (typeof value !== 'string' || value.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(value)) {
    return refuse(place, 'hexadecimal')
  }
  return value
}

export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return (value, place = '') => {
    if (!Array.isArray(value)) return refuse(place, 'a list')
    return value.map((element: unknown, index) => item(element, `${place}[${index}]`))
  }
}

/** Undefined where the value is null or left out. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, place) => (value === null || value === undefined ? undefined : shape(value, place))
}

/** An object with these fields; others are ignored. */
export function object<F extends Fields>(fields: F): Shape<FieldValues<F>> {
  return (value, place = '') => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(place, 'an object')
    const given = new Map<string, unknown>(Object.entries(value))
    const read = Object.entries(fields).map(([name, shape]) => [name, shape(given.get(name), `${place}.${name}`)])
    return Object.fromEntries(read) as FieldValues<F>
  }
}

/** Whether a file is a list whose first element has at least these fields. */
export function isListWith(json: unknown, names: readonly string[]): boolean {
  if (!Array.isArray(json)) return false
  const first: unknown = json[0]
  return typeof first === 'object' && first !== null && names.every((name) => name in first)
}

/** Runs each case of a file under its cipher suite, or skips it where the provider lacks that; what throws has failed. */
export async function runShapedCases<T extends { readonly cipher_suite: number }>(
  json: unknown,
  shape: Shape<T>,
  provider: CryptoProvider,
  report: Report,
  check: (suite: CipherSuite, vector: T, index: number) => void | Promise<void>,
): Promise<void> {
  let index = 0
  await runCases<unknown>(json, report, async (value) => {
    const at = index++
    const vector = shape(value)
    const suite = provider.suite(vector.cipher_suite)
    if (suite === undefined) return lacksSuite(provider, vector.cipher_suite)
    await check(suite, vector, at)
    return undefined
  })
}

/** Why a case is skipped under a provider. */
export function lacksSuite(provider: CryptoProvider, id: number): string {
  return `${provider.name} has no cipher suite ${id}`
}

function refuse(place: string | undefined, what: string): never {
  throw new Error(`${place === undefined || place === '' ? 'the case' : place} is not ${what}`)
}
