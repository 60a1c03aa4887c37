// What callers hand in, copied before anything is awaited: what they do to their own objects later changes nothing here.

import { copyBytes } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import { Secret } from '../crypto/secret.ts'

/** A deep copy of plain data. Secrets and functions in it are shared. */
export function ownCopy<T>(data: T): T {
  return copied(data) as T
}

/** The same for options, some of which are not data: those under the names in `shared` stay what they are. */
export function ownOptions<T extends object>(options: T, ...shared: readonly (keyof T)[]): T {
  const own = { ...options }
  for (const name in own) if (!shared.includes(name)) own[name] = ownCopy(own[name])
  return own
}

/** A key pair for a state to keep, with a secret of its own: wiping the state leaves the caller's alone, and the reverse. */
export function ownKeyPair({ publicKey, privateKey }: KeyPair): KeyPair {
  return { publicKey: copyBytes(publicKey), privateKey: Secret.copyOf(privateKey.bytes) }
}

function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value
  if (value instanceof Uint8Array) return copyBytes(value)
  if (Array.isArray(value)) return value.map(copied)
  const copy: Record<string, unknown> = { ...value }
  for (const name in copy) copy[name] = copied(copy[name])
  return copy
}
