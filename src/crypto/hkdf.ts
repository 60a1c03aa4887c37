// HKDF (RFC 5869) over a hash primitive, and its labelled form of RFC 9180 §4. Knows nothing of MLS labels.

import { concat, utf8 } from '../bytes.ts'
import { fail } from '../errors.ts'
import type { HashPrimitive } from './contract.ts'

/**
 * HKDF-Extract. An empty salt stands for Nh zero bytes.
 * @returns Nh bytes
 */
export function hkdfExtract(hash: HashPrimitive, salt: Uint8Array, ikm: Uint8Array): Uint8Array {
  return hash.hmac(salt, ikm)
}

/**
 * HKDF-Expand.
 * @param length - bytes wanted, at most 255 · Nh (RFC 5869 §2.3)
 * @throws CoterieError `CRYPTO_BAD_LENGTH` (caller)
 */
export function hkdfExpand(hash: HashPrimitive, prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 0 || length > 255 * hash.length) {
    fail('CRYPTO_BAD_LENGTH', `HKDF cannot expand to ${length} bytes`)
  }
  if (length <= hash.length) {
    const block = hash.hmac(prk, concat(info, FIRST_COUNTER))
    return length === hash.length ? block : block.slice(0, length)
  }
  const output = new Uint8Array(length)
  let block: Uint8Array = NO_BYTES
  for (let offset = 0, counter = 1; offset < length; offset += hash.length, counter++) {
    block = hash.hmac(prk, concat(block, info, Uint8Array.of(counter)))
    output.set(block.subarray(0, length - offset), offset)
  }
  return output
}

/** LabeledExtract of RFC 9180 §4. `suiteId` is `kemSuiteId` inside a KEM, `hpkeSuiteId` elsewhere. */
export function labeledExtract(
  hash: HashPrimitive,
  suiteId: Uint8Array,
  salt: Uint8Array,
  label: Uint8Array,
  ikm: Uint8Array,
): Uint8Array {
  return hkdfExtract(hash, salt, concat(HPKE_VERSION, suiteId, label, ikm))
}

/**
 * LabeledExpand of RFC 9180 §4.
 * @throws CoterieError `CRYPTO_BAD_LENGTH` (caller): more than 255 · Nh bytes
 */
export function labeledExpand(
  hash: HashPrimitive,
  suiteId: Uint8Array,
  prk: Uint8Array,
  label: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const lengthOctets = Uint8Array.of((length >>> 8) & 0xff, length & 0xff)
  return hkdfExpand(hash, prk, concat(lengthOctets, HPKE_VERSION, suiteId, label, info), length)
}

/** `"KEM" || I2OSP(kem_id, 2)`. RFC 9180 §4.1. */
export function kemSuiteId(kemId: number): Uint8Array {
  return concat(utf8('KEM'), uint16(kemId))
}

/** `"HPKE" || I2OSP(kem_id, 2) || I2OSP(kdf_id, 2) || I2OSP(aead_id, 2)`. RFC 9180 §5.1. */
export function hpkeSuiteId(kemId: number, kdfId: number, aeadId: number): Uint8Array {
  return concat(utf8('HPKE'), uint16(kemId), uint16(kdfId), uint16(aeadId))
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff)
}

const NO_BYTES: Uint8Array = /* @__PURE__ */ new Uint8Array(0)
const FIRST_COUNTER: Uint8Array = /* @__PURE__ */ Uint8Array.of(1)
const HPKE_VERSION: Uint8Array = /* @__PURE__ */ utf8('HPKE-v1')
