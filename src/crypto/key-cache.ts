// A runtime's key objects beside the raw bytes that they were made from: importing a key costs as much as using it.

import { copyBytes, equalBytes } from '../bytes.ts'
import type { Secret } from './secret.ts'

/** Public keys by the identity of their bytes. A buffer that was overwritten since is noticed. */
export class PublicKeyCache<K> {
  readonly #known: WeakMap<Uint8Array, { readonly copy: Uint8Array; readonly key: K }> = new WeakMap()

  get(bytes: Uint8Array): K | undefined {
    const entry = this.#known.get(bytes)
    return entry !== undefined && equalBytes(entry.copy, bytes) ? entry.key : undefined
  }

  set(bytes: Uint8Array, key: K): void {
    this.#known.set(bytes, { copy: copyBytes(bytes), key })
  }
}

/** Private keys by the identity of a secret's bytes, which a wiped secret lets go of. */
export class PrivateKeyCache<K> {
  readonly #known: WeakMap<Uint8Array, K> = new WeakMap()

  get(secret: Secret): K | undefined {
    return this.#known.get(secret.bytes)
  }

  set(secret: Secret, key: K): void {
    this.#known.set(secret.bytes, key)
  }
}
