// HPKE's key schedule and encryption contexts (RFC 9180 §5.1, §5.2, §5.3), whatever the mode was.

import { concat, copyBytes, EMPTY, utf8, wipeBytes } from '../bytes.ts'
import { fail } from '../errors.ts'
import type { SuitePrimitives } from './contract.ts'
import { hpkeSuiteId, labeledExpand, labeledExtract } from './hkdf.ts'
import { Secret } from './secret.ts'

export const MODE_BASE = 0
export const MODE_PSK = 1
export const MODE_AUTH = 2
export const MODE_AUTH_PSK = 3

/** `key_schedule_context`: public, the same for all recipients that get the same `info`. `pskId` is empty without a PSK. */
export function keyScheduleContext(
  primitives: SuitePrimitives,
  mode: number,
  info: Uint8Array,
  pskId: Uint8Array = EMPTY,
): Uint8Array {
  const suiteId = suiteIdOf(primitives)
  const pskIdHash =
    pskId.length === 0
      ? emptyPskIdHash(primitives)
      : labeledExtract(primitives.hash, suiteId, EMPTY, PSK_ID_HASH, pskId)
  const infoHash = labeledExtract(primitives.hash, suiteId, EMPTY, INFO_HASH, info)
  return concat(Uint8Array.of(mode), pskIdHash, infoHash)
}

/** The outputs of KeySchedule, each derived when asked for. `wipe` when done. */
export class KeySchedule {
  readonly #primitives: SuitePrimitives
  readonly #context: Uint8Array
  readonly #secret: Uint8Array

  /** Consumes `sharedSecret`. */
  constructor(primitives: SuitePrimitives, context: Uint8Array, sharedSecret: Secret, psk: Uint8Array = EMPTY) {
    this.#primitives = primitives
    this.#context = context
    this.#secret = labeledExtract(primitives.hash, suiteIdOf(primitives), sharedSecret.bytes, SECRET, psk)
    sharedSecret.wipe()
  }

  key(): Uint8Array {
    return this.#expand(KEY, this.#primitives.aead.keyLength)
  }

  baseNonce(): Uint8Array {
    return this.#expand(BASE_NONCE, this.#primitives.aead.nonceLength)
  }

  exporterSecret(): Uint8Array {
    return this.#expand(EXP, this.#primitives.hash.length)
  }

  wipe(): void {
    wipeBytes(this.#secret)
  }

  #expand(label: Uint8Array, length: number): Uint8Array {
    const { hash } = this.#primitives
    return labeledExpand(hash, suiteIdOf(this.#primitives), this.#secret, label, this.#context, length)
  }
}

/**
 * Context.Export. RFC 9180 §5.3.
 * @throws CoterieError `CRYPTO_BAD_LENGTH` (caller): more than 255 · Nh bytes
 */
export function exportFrom(
  primitives: SuitePrimitives,
  exporterSecret: Uint8Array,
  exporterContext: Uint8Array,
  length: number,
): Uint8Array {
  return labeledExpand(primitives.hash, suiteIdOf(primitives), exporterSecret, SEC, exporterContext, length)
}

abstract class HpkeContext {
  protected readonly primitives: SuitePrimitives
  readonly #key: Secret
  readonly #baseNonce: Secret
  readonly #exporterSecret: Secret
  #sequence: number

  constructor(primitives: SuitePrimitives, schedule: KeySchedule, sequence = 0) {
    this.primitives = primitives
    this.#key = new Secret(schedule.key())
    this.#baseNonce = new Secret(schedule.baseNonce())
    this.#exporterSecret = new Secret(schedule.exporterSecret())
    this.#sequence = sequence
    schedule.wipe()
  }

  /**
   * A secret for other uses, bound to this context. RFC 9180 §5.3.
   * @throws CoterieError `CRYPTO_BAD_LENGTH` (caller): more than 255 · Nh bytes
   */
  export(exporterContext: Uint8Array, length: number): Uint8Array {
    return exportFrom(this.primitives, this.#exporterSecret.bytes, exporterContext, length)
  }

  /** Overwrites the keys: every later call throws `CRYPTO_SECRET_WIPED` (caller). */
  wipe(): void {
    for (const secret of [this.#key, this.#baseNonce, this.#exporterSecret]) secret.wipe()
  }

  /** Runs an AEAD call under the current nonce; the sequence number advances only when it returns. */
  protected next(call: (key: Uint8Array, nonce: Uint8Array) => Uint8Array): Uint8Array {
    // RFC 9180 §5.2 MessageLimitReachedError. 2^53 − 1 is far below 2^96 − 1 and cannot be reached by counting.
    if (this.#sequence >= Number.MAX_SAFE_INTEGER) fail('CRYPTO_SEQUENCE_EXHAUSTED', 'this context has no nonces left')
    const result = call(this.#key.bytes, this.#nonce())
    this.#sequence++
    return result
  }

  #nonce(): Uint8Array {
    const nonce = copyBytes(this.#baseNonce.bytes)
    let rest = this.#sequence
    for (let i = nonce.length - 1; rest > 0 && i >= 0; i--) {
      nonce[i] = (nonce[i] as number) ^ (rest & 0xff)
      rest = Math.floor(rest / 256)
    }
    return nonce
  }
}

/** The sending side of an HPKE context. Each call uses the next sequence number. */
export class HpkeSenderContext extends HpkeContext {
  /** @throws CoterieError `CRYPTO_SEQUENCE_EXHAUSTED` (caller) */
  seal(aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return this.next((key, nonce) => this.primitives.aead.seal(key, nonce, aad, plaintext))
  }
}

/** The receiving side of an HPKE context. A failed `open` does not advance the sequence number. */
export class HpkeRecipientContext extends HpkeContext {
  /** @throws CoterieError `CRYPTO_OPEN_FAILED` (peer), `CRYPTO_SEQUENCE_EXHAUSTED` (caller) */
  open(aad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    return this.next((key, nonce) => this.primitives.aead.open(key, nonce, aad, ciphertext))
  }
}

function suiteIdOf(primitives: SuitePrimitives): Uint8Array {
  return suiteConstants(primitives).suiteId
}

function emptyPskIdHash(primitives: SuitePrimitives): Uint8Array {
  return suiteConstants(primitives).emptyPskIdHash
}

interface SuiteConstants {
  readonly suiteId: Uint8Array
  readonly emptyPskIdHash: Uint8Array
}

/** What depends on the suite alone is computed once. */
function suiteConstants(primitives: SuitePrimitives): SuiteConstants {
  const known = CONSTANTS.get(primitives)
  if (known !== undefined) return known
  const suiteId = hpkeSuiteId(primitives.kem.id, primitives.kdfId, primitives.aead.id)
  const constants = { suiteId, emptyPskIdHash: labeledExtract(primitives.hash, suiteId, EMPTY, PSK_ID_HASH, EMPTY) }
  CONSTANTS.set(primitives, constants)
  return constants
}

const CONSTANTS: WeakMap<SuitePrimitives, SuiteConstants> = /* @__PURE__ */ new WeakMap()
const PSK_ID_HASH: Uint8Array = /* @__PURE__ */ utf8('psk_id_hash')
const INFO_HASH: Uint8Array = /* @__PURE__ */ utf8('info_hash')
const SECRET: Uint8Array = /* @__PURE__ */ utf8('secret')
const KEY: Uint8Array = /* @__PURE__ */ utf8('key')
const BASE_NONCE: Uint8Array = /* @__PURE__ */ utf8('base_nonce')
const EXP: Uint8Array = /* @__PURE__ */ utf8('exp')
const SEC: Uint8Array = /* @__PURE__ */ utf8('sec')
