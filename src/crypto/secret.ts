// A byte string that must not leak: it prints as a placeholder, and it can be wiped.

import { copyBytes, EMPTY, wipeBytes } from '../bytes.ts'
import { fail } from '../errors.ts'

const PLACEHOLDER = '[secret]'

/** Key material. Never prints, never serialises by accident; unusable once wiped. */
export class Secret {
  #bytes: Uint8Array
  #wiped = false

  /** Takes ownership of `bytes`: the caller must not keep or change them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** A secret of its own copy. */
  static copyOf(bytes: Uint8Array): Secret {
    return new Secret(copyBytes(bytes))
  }

  /**
   * The bytes themselves, not a copy: read only.
   * @throws CoterieError `CRYPTO_SECRET_WIPED` (caller)
   */
  get bytes(): Uint8Array {
    if (this.#wiped) fail('CRYPTO_SECRET_WIPED', 'this key material has been wiped')
    return this.#bytes
  }

  get length(): number {
    return this.#bytes.length
  }

  get wiped(): boolean {
    return this.#wiped
  }

  /** Overwrites the bytes. What the engine or the operating system copied elsewhere is out of reach. */
  wipe(): void {
    wipeBytes(this.#bytes)
    this.#bytes = EMPTY
    this.#wiped = true
  }

  toString(): string {
    return PLACEHOLDER
  }

  toJSON(): string {
    return PLACEHOLDER
  }

  static {
    // What console.log and error reporters of Node.js ask for.
    Object.defineProperty(Secret.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: () => PLACEHOLDER })
  }
}
