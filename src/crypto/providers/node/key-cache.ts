// Key objects beside the raw bytes that they were made from: importing a key costs as much as using it.

import type { KeyObject } from 'node:crypto'
import { equalBytes } from '../../../bytes.ts'
import type { Secret } from '../../secret.ts'

/** Public keys by the identity of their bytes. A buffer that was overwritten since is noticed. */
export class PublicKeyCache {
  readonly #known: WeakMap<Uint8Array, { readonly copy: Uint8Array; readonly key: KeyObject }> = new WeakMap()

  get(bytes: Uint8Array): KeyObject | undefined {
    const entry = this.#known.get(bytes)
    return entry !== undefined && equalBytes(entry.copy, bytes) ? entry.key : undefined
  }

  set(bytes: Uint8Array, key: KeyObject): void {
    this.#known.set(bytes, { copy: bytes.slice(), key })
  }
}

/** Private keys by the identity of a secret's bytes, which a wiped secret lets go of. */
export class PrivateKeyCache {
  readonly #known: WeakMap<Uint8Array, KeyObject> = new WeakMap()

  get(secret: Secret): KeyObject | undefined {
    return this.#known.get(secret.bytes)
  }

  set(secret: Secret, key: KeyObject): void {
    this.#known.set(secret.bytes, key)
  }
}
